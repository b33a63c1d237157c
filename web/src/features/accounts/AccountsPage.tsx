import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useSession, useZone } from "@/app/session";
import { Time } from "@/shared/Clock";
import type { GridColumn } from "@/shared/grid";
import { StateChip } from "@/shared/Sev";
import { Side } from "@/shared/Side";
import { hover, stamp } from "@/shared/time";
import { useNarrow } from "@/shared/useNarrow";
import { ListPage } from "./ListPage";
import { useAccounts, type Account } from "./queries";
import type { AccountsSearch } from "./search";

const route = getRouteApi("/settings/accounts");
const Dialogs = lazy(() => import("./AccountDialogs"));
export type Asking = { act: "create" } | { act: "role" | "password" | "disable" | "enable"; account: Account };

const steps = { true: { step: "info", sign: "–" }, false: { step: "ok", sign: "✓" } } as const;

/** Who can sign in, with which role; disabled accounts stay listed. */
export default function AccountsPage() {
  const { t } = useTranslation("accounts");
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const can = useCan();
  const [asking, setAsking] = useState<Asking>();
  const go = useCallback((change: Partial<AccountsSearch>, replace = false) => void navigate({ search: (before) => ({ ...before, ...change }), replace }), [navigate]);
  const narrow = useNarrow();
  const columns = useColumns(narrow ? "narrow" : search.id ? "beside" : "wide");
  return (
    <>
      <ListPage
        kind="accounts"
        query={useAccounts()}
        columns={columns}
        search={search}
        go={go}
        add={can("account.write") ? () => setAsking({ act: "create" }) : undefined}
        side={(account, step, close) => (
          <Side label={t("accounts.side", { name: account.name })} title={account.name} close={close} step={step} acts={<Acts account={account} ask={setAsking} />}>
            {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys */}
            <div className="fs-side-body" tabIndex={0} role="region" aria-label={t("accounts.facts")}>
              <dl className="fs-terms">
                <dt>{t("column.role")}</dt>
                <dd>
                  {t(`role.${account.role}`)} <span className="fs-second">{t(`roleText.${account.role}`)}</span>
                </dd>
                <dt>{t("column.created")}</dt>
                <dd>
                  <Time at={account.created_at} />
                </dd>
                <dt>{t("column.lastSignIn")}</dt>
                <dd>{account.last_sign_in ? <Time at={account.last_sign_in} /> : t("never")}</dd>
                <dt>{t("column.id")}</dt>
                <dd>
                  <code>{account.id}</code>
                </dd>
              </dl>
            </div>
          </Side>
        )}
      />
      {asking && (
        <Suspense>
          <Dialogs asking={asking} close={() => setAsking(undefined)} made={(id) => { setAsking(undefined); go({ id, q: undefined, role: undefined }); }} />
        </Suspense>
      )}
    </>
  );
}

function Acts({ account, ask }: { account: Account; ask: (asking: Asking) => void }) {
  const { t } = useTranslation("accounts");
  const can = useCan();
  const session = useSession();
  const own = session.account?.id === account.id;
  const write = can("account.write");
  const acts = ["role", "password", account.disabled ? "enable" : "disable"] as const;
  return (
    <>
      <p className="fs-side-facts">
        <StateChip {...steps[`${account.disabled}`]}>{t(account.disabled ? "state.disabled" : "state.active")}</StateChip>
        {own && <span>{t("own")}</span>}
      </p>
      <div className="fs-side-acts">
        {acts.map((act) => {
          const why = !write ? t("denied") : own ? t(act === "password" ? "ownPassword" : "ownDenied") : undefined;
          return (
            <button key={act} type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={why !== undefined} title={why} onClick={() => ask({ act, account })}>
              {t(`act.${act}`)}
            </button>
          );
        })}
      </div>
    </>
  );
}

function useColumns(room: "wide" | "beside" | "narrow"): GridColumn<Account>[] {
  const { t } = useTranslation("accounts");
  const zone = useZone();
  return useMemo(() => {
    const state: GridColumn<Account> = { id: "state", title: t("column.state"), width: 104, hover: () => "", cell: (a) => <StateChip {...steps[`${a.disabled}`]}>{t(a.disabled ? "state.disabled" : "state.active")}</StateChip> };
    const seen = (a: Account) => (a.last_sign_in ? stamp(a.last_sign_in, zone, "minutes") : t("never"));
    if (room === "narrow") return [state, { id: "name", title: t("column.name"), width: 180, grow: true, hover: () => "", cell: (a) => `${a.name}\n${t(`role.${a.role}`)}\n${seen(a)}` }];
    const name: GridColumn<Account> = { id: "name", title: t("column.name"), width: 180, grow: true, cell: (a) => a.name, hover: (a) => a.name };
    const role: GridColumn<Account> = { id: "role", title: t("column.role"), width: 120, cell: (a) => t(`role.${a.role}`), hover: () => "" };
    const last: GridColumn<Account> = { id: "last", title: t("column.lastSignIn"), width: 150, cell: seen, hover: (a) => hover(a.last_sign_in, zone) };
    if (room === "beside") return [state, name, role];
    return [state, name, role, last, { id: "created", title: t("column.created"), width: 150, cell: (a) => stamp(a.created_at, zone, "minutes"), hover: (a) => hover(a.created_at, zone) }];
  }, [t, zone, room]);
}
