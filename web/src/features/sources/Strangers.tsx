import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema";
import { useCan } from "@/app/session";
import { Ago, Time } from "@/shared/Clock";
import { Empty } from "@/shared/Empty";
import { ErrorBox } from "@/shared/ErrorBox";
import { Field, FormDialog } from "@/shared/Form";
import { whole } from "@/shared/number";
import { PageLink } from "@/shared/PageLink";
import { Skeleton } from "@/shared/Skeleton";
import { cell } from "@/shared/visible";
import { Added } from "./AddDialog";
import { charsets, formats, networks } from "./form";
import { useAdopt, useIgnore, type NewSource, type Stranger } from "./queries";

/** Senders nobody knows. What they send is not kept; they are counted, and adopted or ignored here. */
export default function Strangers({ query }: { query: UseQueryResult<components["schemas"]["ListStrangersResponse"]> }) {
  const { t } = useTranslation("sources");
  const can = useCan();
  const [adopting, setAdopting] = useState<Stranger>();
  const [ignoring, setIgnoring] = useState<Stranger>();
  const [made, setMade] = useState<NewSource>();
  const write = can("logsource.write");
  if (query.error && !query.data) return <ErrorBox error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton />;
  return (
    <>
      {query.data.items.length === 0 ? (
        <Empty kind="nothing" title={t("strangers.none")} action={<PageLink to="/sources">{t("gaps.back")}</PageLink>}>
          {t("strangers.noneText")}
        </Empty>
      ) : (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls by keys
        <div className="fs-page-list fs-page-panel" tabIndex={0} role="region" aria-label={t("view.strangers")}>
          <p className="fs-source-note fs-second">{t("strangers.text")}</p>
          <table className="fs-plain">
            <thead>
              <tr>
                <th scope="col">{t("strangers.peer")}</th>
                <th scope="col">{t("strangers.transport")}</th>
                <th scope="col" className="fs-num">{t("strangers.count")}</th>
                <th scope="col">{t("strangers.last")}</th>
                <th scope="col">{t("strangers.sample")}</th>
                <th scope="col">{t("strangers.act")}</th>
              </tr>
            </thead>
            <tbody>
              {query.data.items.map((s) => (
                <tr key={s.id}>
                  <td className="fs-mono">{s.peer}</td>
                  <td>{s.transport}</td>
                  <td className="fs-num">{whole(s.count)}</td>
                  <td>
                    <Ago at={s.last} />
                    <div className="fs-second">
                      {t("strangers.since")} <Time at={s.first} style="minutes" />
                    </div>
                  </td>
                  <td className="fs-mono fs-source-sample">{cell(s.sample, 300).text}</td>
                  <td className="fs-source-acts">
                    <button type="button" className="fs-btn fs-btn-small fs-btn-line" disabled={!write} title={write ? undefined : t("denied")} onClick={() => setAdopting(s)}>
                      {t("strangers.adopt")}
                    </button>
                    <button type="button" className="fs-btn fs-btn-small" disabled={!write} title={write ? undefined : t("denied")} onClick={() => setIgnoring(s)}>
                      {t("strangers.ignore")}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {adopting && (
        <AdoptDialog
          stranger={adopting}
          close={() => setAdopting(undefined)}
          done={(source) => {
            setAdopting(undefined);
            setMade(source);
          }}
        />
      )}
      {ignoring && <IgnoreDialog stranger={ignoring} close={() => setIgnoring(undefined)} />}
      {made && <Added source={made} close={() => setMade(undefined)} />}
    </>
  );
}

function AdoptDialog({ stranger, close, done }: { stranger: Stranger; close: () => void; done: (source: NewSource) => void }) {
  const { t } = useTranslation("sources");
  const adopt = useAdopt(stranger.id);
  const [name, setName] = useState(stranger.peer);
  const [allow, setAllow] = useState(stranger.peer);
  const [format, setFormat] = useState("");
  const [charset, setCharset] = useState("");
  const [tried, setTried] = useState(false);
  const submit = () => {
    setTried(true);
    if (name.trim() === "" || networks(allow).length === 0) return;
    adopt.mutate({ name: name.trim(), allow: networks(allow), ...(format ? { format } : {}), ...(charset ? { charset } : {}) }, { onSuccess: done });
  };
  return (
    <FormDialog title={t("strangers.adoptTitle", { peer: stranger.peer })} act={t("strangers.adopt")} cancel={t("cancel")} busy={adopt.isPending} error={adopt.error} submit={submit} close={close}>
      <p className="fs-form-note fs-second">{t("strangers.willAdopt")}</p>
      <Field label={t("form.name")} error={tried && name.trim() === "" ? t("wrong.name") : undefined}>
        {(props) => <input {...props} className="fs-input" maxLength={100} autoComplete="off" value={name} onChange={(e) => setName(e.target.value)} />}
      </Field>
      <Field label={t("form.allow")} error={tried && networks(allow).length === 0 ? t("wrong.allow") : undefined}>
        {(props) => <textarea {...props} className="fs-input fs-mono" rows={2} spellCheck={false} value={allow} onChange={(e) => setAllow(e.target.value)} />}
      </Field>
      <div className="fs-form-pair">
        <Field label={t("form.format")}>
          {(props) => (
            <select {...props} className="fs-input" value={format} onChange={(e) => setFormat(e.target.value)}>
              <option value="">{t("form.auto")}</option>
              {formats.map((f) => (
                <option key={f} value={f}>
                  {t(`format.${f}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={t("form.charset")}>
          {(props) => (
            <select {...props} className="fs-input" value={charset} onChange={(e) => setCharset(e.target.value)}>
              <option value="">{t("form.charsetDefault")}</option>
              {charsets.map((c) => (
                <option key={c} value={c}>
                  {c.toUpperCase()}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <div>
        <p className="fs-form-note fs-second">{t("strangers.sample")}</p>
        <pre className="fs-text">{cell(stranger.sample).text}</pre>
      </div>
    </FormDialog>
  );
}

function IgnoreDialog({ stranger, close }: { stranger: Stranger; close: () => void }) {
  const { t } = useTranslation("sources");
  const ignore = useIgnore();
  return (
    <FormDialog title={t("strangers.ignoreTitle", { peer: stranger.peer })} act={t("strangers.ignore")} cancel={t("cancel")} busy={ignore.isPending} error={ignore.error} submit={() => ignore.mutate(stranger.id, { onSuccess: close })} close={close}>
      <p className="fs-form-note">{t("strangers.willIgnore")}</p>
    </FormDialog>
  );
}
