import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import { useZone } from "@/app/session";
import { hover, span, stamp, type TimeStyle } from "./time";

/** An instant in the organisation's zone; offset and UTC on hover. */
export function Time({ at, style = "seconds" }: { at: string | undefined; style?: TimeStyle }) {
  const zone = useZone();
  if (!at) return <span className="fs-second">—</span>;
  return (
    <time dateTime={at} title={hover(at, zone)}>
      {stamp(at, zone, style)}
    </time>
  );
}

/** How long ago, by the server's clock, told again every ten seconds. */
export function Ago({ at }: { at: string | undefined }) {
  const { t } = useTranslation("shared");
  const zone = useZone();
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 10_000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return <span className="fs-second">{t("ago.never")}</span>;
  const past = serverNow() - Date.parse(at);
  const { unit, n } = span(past);
  return (
    <time dateTime={at} title={hover(at, zone)}>
      {past < 5000 ? t("ago.now") : t(`ago.${unit}`, { n })}
    </time>
  );
}
