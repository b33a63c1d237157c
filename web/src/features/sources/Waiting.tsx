import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Ago } from "@/shared/Clock";
import { whole } from "@/shared/number";
import { StateChip } from "@/shared/Sev";
import { sourceQuery } from "./queries";

/** Waits for the first line of a source and tells when it came, by the news of the station. */
export function Waiting({ id }: { id: string }) {
  const { t } = useTranslation("sources");
  const source = useQuery({ ...sourceQuery(id), refetchInterval: 5000 });
  const s = source.data;
  return (
    <p className="fs-source-wait" role="status">
      {s?.last_received ? (
        <>
          <StateChip step="ok" sign="✓">{t("wait.came")}</StateChip>
          <span>
            {t("column.last")} <Ago at={s.last_received} /> · {t("wait.received", { n: whole(s.received) })}
          </span>
        </>
      ) : (
        <>
          <StateChip step="info" sign="…">{t("wait.first")}</StateChip>
          <span className="fs-second">{t("wait.text")}</span>
        </>
      )}
    </p>
  );
}
