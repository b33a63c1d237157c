/** The overview. */
export default function OverviewPage() {
  return null;
}
