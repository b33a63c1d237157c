import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { LogProof } from "@/api/contract";
import { asProblem } from "@/api/problem";
import { Copy } from "@/shared/Copy";
import { ErrorBox } from "@/shared/ErrorBox";
import { whole } from "@/shared/number";
import { StateChip } from "@/shared/Sev";
import { Skeleton } from "@/shared/Skeleton";
import { bytesOf, speaksOf, verifyInclusion } from "./proof";
import { proofQuery } from "./queries";

/** The proof that the event stands in the ledger unchanged, checked here once more. */
export default function ProofTab({ seq }: { seq: number }) {
  const { t } = useTranslation("logs");
  const proof = useQuery(proofQuery(seq));
  // A checkpoint follows within seconds; until then there is nothing to prove against.
  if (asProblem(proof.error).code === "log.no_checkpoint") return <p className="fs-second">{t("proof.noCheckpoint")}</p>;
  if (proof.error) return <ErrorBox error={proof.error} retry={() => void proof.refetch()} small />;
  if (!proof.data) return <Skeleton />;
  const p = proof.data;
  return (
    <div className="fs-proof">
      <p className="fs-drawer-bar">
        <StateChip step={p.verified ? "ok" : "red"} sign={p.verified ? "✓" : "✕"}>
          {t(p.verified ? "proof.verified" : "proof.failed")}
        </StateChip>
        <Here proof={p} />
        <Copy text={JSON.stringify(p, null, 2)} label={t("proof.copy")} />
      </p>
      <p className="fs-second">{t("proof.text")}</p>
      <dl className="fs-facts">
        <dt>{t("proof.seq")}</dt>
        <dd className="fs-mono">{whole(p.seq)}</dd>
        <dt>{t("proof.leaf")}</dt>
        <dd className="fs-mono">{p.leaf}</dd>
        <dt>{t("proof.size")}</dt>
        <dd className="fs-mono">{whole(p.size)}</dd>
        <dt>{t("proof.root")}</dt>
        <dd className="fs-mono">{p.root}</dd>
        <dt>{t("proof.path", { n: p.path.length })}</dt>
        <dd>
          <details>
            <summary>{t("proof.showPath")}</summary>
            <ol className="fs-mono">
              {p.path.map((hash) => (
                <li key={hash}>{hash}</li>
              ))}
            </ol>
          </details>
        </dd>
      </dl>
      <h3>{t("proof.checkpoint")}</h3>
      {p.checkpoint ? <pre className="fs-drawer-text">{p.checkpoint}</pre> : <p className="fs-second">{t("proof.noCheckpoint")}</p>}
    </div>
  );
}

/** The check in this browser; over plain HTTP from elsewhere browsers offer no hash functions. */
function Here({ proof }: { proof: LogProof }) {
  const { t } = useTranslation("logs");
  const able = globalThis.crypto?.subtle !== undefined;
  const check = useQuery({
    queryKey: ["logs", "proof-check", proof.seq, proof.root],
    queryFn: async () => {
      const root = bytesOf(proof.root);
      const included = await verifyInclusion({ seq: proof.seq, size: proof.size, entry: bytesOf(proof.entry_base64), path: proof.path.map(bytesOf), root });
      return included && (proof.checkpoint === "" || speaksOf(proof.checkpoint, proof.size, root));
    },
    enabled: able,
    staleTime: Infinity,
  });
  if (!able) return <span className="fs-second">{t("proof.notAble")}</span>;
  if (check.data === undefined) return check.error ? <StateChip step="yellow" sign="?">{t("proof.unreadable")}</StateChip> : null;
  return (
    <StateChip step={check.data ? "ok" : "red"} sign={check.data ? "✓" : "✕"}>
      {t(check.data ? "proof.here" : "proof.notHere")}
    </StateChip>
  );
}
