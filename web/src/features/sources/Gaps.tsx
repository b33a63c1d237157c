import { useTranslation } from "react-i18next";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { FilterBar, FilterChoice } from "@/shared/FilterBar";
import { PageLink } from "@/shared/PageLink";
import { Skeleton } from "@/shared/Skeleton";
import { GapTable } from "./GapTable";
import { useGaps } from "./queries";
import type { SourcesSearch } from "./search";

/** All gaps on record, the latest first. One that ended stays. */
export default function Gaps({ onlyOpen, go }: { onlyOpen: boolean; go: (change: Partial<SourcesSearch>) => void }) {
  const { t } = useTranslation("sources");
  const gaps = useGaps(onlyOpen);
  const rows = gaps.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <>
      <div className="fs-page-filters">
        <FilterBar>
          <FilterChoice label={t("gaps.onlyOpen")} value={onlyOpen ? ["open"] : undefined} options={[{ value: "open", label: t("gaps.onlyOpen") }]} onChange={(v) => go({ open: v ? true : undefined })} />
        </FilterBar>
      </div>
      {gaps.error && rows.length === 0 && <ErrorBox error={gaps.error} retry={() => void gaps.refetch()} />}
      {gaps.isPending && <Skeleton />}
      {gaps.data && rows.length === 0 && (
        <Empty kind={onlyOpen ? "unmatched" : "nothing"} title={t("gaps.none")} action={<PageLink to="/sources">{t("gaps.back")}</PageLink>}>
          {t("gaps.noneText")}
        </Empty>
      )}
      {rows.length > 0 && (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys
        <div className="fs-page-list fs-page-panel" tabIndex={0} role="region" aria-label={t("view.gaps")}>
          <GapTable gaps={rows} named />
          {gaps.hasNextPage && (
            <button type="button" className="fs-btn" onClick={() => void gaps.fetchNextPage()}>
              {t("gaps.more")}
            </button>
          )}
        </div>
      )}
    </>
  );
}
