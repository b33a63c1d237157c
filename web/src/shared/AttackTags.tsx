import { readTags, type Tactic } from "./attack";
import "./page.css";

/** A rule's tags: tactics in words, techniques by number, the rest as it stands. */
export function AttackTags({ tags, name }: { tags: readonly string[]; name: (tactic: Tactic) => string }) {
  const { techniques, tactics, other } = readTags(tags);
  if (tags.length === 0) return <span className="fs-second">—</span>;
  return (
    <>
      {tactics.map((t) => (
        <span key={t} className="fs-word">
          {name(t)}
        </span>
      ))}
      {[...techniques, ...other].map((t) => (
        <code key={t} className="fs-word">
          {t}
        </code>
      ))}
    </>
  );
}
