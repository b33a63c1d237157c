import { getRouteApi } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import { useCan, useZone } from "@/app/session";
import { PageErrors } from "@/shared/ErrorBox";
import { stamp } from "@/shared/time";
import { TimeRange } from "@/shared/TimeRange";
import { Activity } from "./Activity";
import { AlertsPanel, TopRules } from "./Alerts";
import { Duty } from "./Duty";
import { Ledger } from "./Ledger";
import { useActivity, useAlertStats, useDuty, useFresh, useSources, useStation } from "./queries";
import { Sources } from "./Sources";
import { Tiles } from "./Tiles";
import "./overview.css";

const route = getRouteApi("/");

/** What comes in, what is silent, what was found, what is sealed, and one duty. Every figure leads to its records. */
export default function OverviewPage() {
  const { t } = useTranslation("overview");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useZone();
  const can = useCan();
  const range = { from: search.from ?? "-24h", to: search.to ?? "now" };
  const activity = useActivity(range);
  const sources = useSources();
  const alerts = useAlertStats(range);
  const station = useStation();
  const duty = useDuty("csl/log-retention");
  useFresh();
  return (
    <div className="fs-overview">
      <div className="fs-overview-bar">
        <p className="fs-second">{t("asOf", { time: stamp(serverNow(), zone, "minutes") })}</p>
        <TimeRange value={range} onChange={(r) => void navigate({ search: { from: r.from, to: r.to } })} />
      </div>
      <PageErrors>
        <Tiles {...{ activity, alerts, sources, station, range }} />
      </PageErrors>
      <div className="fs-overview-grid">
        <Activity query={activity} zone={zone} range={range} canAdd={can("logsource.write")} />
        <Sources query={sources} canAdd={can("logsource.write")} />
        <AlertsPanel query={alerts} zone={zone} range={range} />
        <TopRules query={alerts} range={range} />
        <Ledger query={station} />
        <Duty query={duty} />
      </div>
    </div>
  );
}
