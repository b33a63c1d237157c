import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { serverNow } from "@/api/clock";
import { useCan, useZone } from "@/app/session";
import { Time } from "@/shared/Clock";
import type { GridColumn } from "@/shared/grid";
import { StateChip } from "@/shared/Sev";
import { Side } from "@/shared/Side";
import { hover, stamp } from "@/shared/time";
import { useNarrow } from "@/shared/useNarrow";
import { ListPage } from "./ListPage";
import { useTokens, type Token } from "./queries";
import { tokenState, type AccountsSearch } from "./search";

const route = getRouteApi("/settings/tokens");
const CreateTokenDialog = lazy(() => import("./TokenDialogs").then((m) => ({ default: m.CreateTokenDialog })));
const RevokeDialog = lazy(() => import("./TokenDialogs").then((m) => ({ default: m.RevokeDialog })));

const steps = { valid: { step: "ok", sign: "✓" }, soon: { step: "yellow", sign: "◐" }, expired: { step: "red", sign: "✕" } } as const;

/** Secrets with which programs ask the station; revoked ones are gone. */
export default function TokensPage() {
  const { t } = useTranslation("accounts");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const go = useCallback((change: Partial<AccountsSearch>, replace = false) => void navigate({ search: (before) => ({ ...before, ...change }), replace }), [navigate]);
  const narrow = useNarrow();
  const columns = useColumns(narrow ? "narrow" : search.id ? "beside" : "wide");
  const write = can("token.write");
  return (
    <>
      <ListPage
        kind="tokens"
        query={useTokens()}
        columns={columns}
        search={search}
        go={go}
        add={write ? () => setAdding(true) : undefined}
        side={(token, step, close) => (
          <Side
            label={t("tokens.side", { name: token.name })}
            title={token.name}
            close={close}
            step={step}
            acts={
              <div className="fs-side-acts">
                <button type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={!write} title={write ? undefined : t("denied")} onClick={() => setRevoking(token)}>
                  {t("act.revoke")}
                </button>
              </div>
            }
          >
            {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
            <div className="fs-side-body" tabIndex={0} role="region" aria-label={t("tokens.facts")}>
              <dl className="fs-terms">
                <dt>{t("column.role")}</dt>
                <dd>
                  {t(`role.${token.role}`)} <span className="fs-second">{t(`roleText.${token.role}`)}</span>
                </dd>
                <dt>{t("column.created")}</dt>
                <dd>
                  <Time at={token.created_at} />
                </dd>
                <dt>{t("column.lastUsed")}</dt>
                <dd>{token.last_used ? <Time at={token.last_used} style="minutes" /> : t("neverUsed")}</dd>
                <dt>{t("column.expires")}</dt>
                <dd>{token.expires_at ? <Time at={token.expires_at} /> : t("noEnd")}</dd>
                <dt>{t("column.id")}</dt>
                <dd>
                  <code>{token.id}</code>
                </dd>
              </dl>
            </div>
          </Side>
        )}
      />
      <Suspense>
        {adding && <CreateTokenDialog close={() => setAdding(false)} made={(id) => { setAdding(false); go({ id, q: undefined, role: undefined }); }} />}
        {revoking && <RevokeDialog token={revoking} close={() => setRevoking(undefined)} />}
      </Suspense>
    </>
  );
}

function useColumns(room: "wide" | "beside" | "narrow"): GridColumn<Token>[] {
  const { t } = useTranslation("accounts");
  const zone = useZone();
  return useMemo(() => {
    const state: GridColumn<Token> = {
      id: "state",
      title: t("column.state"),
      width: 116,
      hover: () => "",
      cell: (k) => {
        const now = tokenState(k, serverNow());
        return <StateChip {...steps[now]}>{t(`state.${now}`)}</StateChip>;
      },
    };
    const used = (k: Token) => (k.last_used ? stamp(k.last_used, zone, "minutes") : t("neverUsed"));
    if (room === "narrow") return [state, { id: "name", title: t("column.name"), width: 180, grow: true, hover: () => "", cell: (k) => `${k.name}\n${t(`role.${k.role}`)}\n${used(k)}` }];
    const name: GridColumn<Token> = { id: "name", title: t("column.name"), width: 180, grow: true, cell: (k) => k.name, hover: (k) => k.name };
    const role: GridColumn<Token> = { id: "role", title: t("column.role"), width: 120, cell: (k) => t(`role.${k.role}`), hover: () => "" };
    if (room === "beside") return [state, name, role];
    return [
      state,
      name,
      role,
      { id: "used", title: t("column.lastUsed"), width: 150, cell: used, hover: (k) => hover(k.last_used, zone) },
      { id: "expires", title: t("column.expires"), width: 150, cell: (k) => (k.expires_at ? stamp(k.expires_at, zone, "minutes") : t("noEnd")), hover: (k) => hover(k.expires_at, zone) },
      { id: "created", title: t("column.created"), width: 150, cell: (k) => stamp(k.created_at, zone, "minutes"), hover: (k) => hover(k.created_at, zone) },
    ];
  }, [t, zone, room]);
}
