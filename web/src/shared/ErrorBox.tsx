import { Component, type ErrorInfo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asProblem, type Problem } from "@/api/problem";
import { Copy } from "./Copy";
import { Glyph } from "./Glyph";
import "./parts.css";

/** Chooses the words for a problem: its code's, else its kind's, else the server's own title. */
export function useProblemText(): (error: unknown) => string {
  const { t, i18n } = useTranslation("shared");
  return (error) => problemText(asProblem(error), (key) => (i18n.exists(`shared:${key}`) ? t(key) : undefined));
}

/** As useProblemText says; lookup returns undefined for a key without text. */
export function problemText(problem: Problem, lookup: (key: string) => string | undefined): string {
  const byStatus = problem.status === 0 ? "unreachable" : problem.status >= 500 ? "internal" : String(problem.status);
  return lookup(`problem.${problem.code}`) ?? lookup(`status.${byStatus}`) ?? (problem.title || problem.code);
}

interface ErrorBoxProps {
  error: unknown;
  retry?: () => void;
  small?: boolean;
}

/** A failed panel: what went wrong, the request id to give to whoever looks after the station, and another try. */
export function ErrorBox({ error, retry, small }: ErrorBoxProps) {
  const { t } = useTranslation("shared");
  const text = useProblemText();
  const problem = asProblem(error);
  return (
    <div className="fs-error" role="alert" data-small={small || undefined}>
      <p className="fs-error-title">{text(error)}</p>
      {problem.detail && problem.status !== 0 && <p>{problem.detail}</p>}
      {problem.errors.map((e) => (
        <p key={e.location + e.message}>
          <code>{e.location}</code> {e.message}
        </p>
      ))}
      <p className="fs-error-foot">
        {problem.requestId && (
          <span className="fs-second">
            {t("error.requestId")} <code>{problem.requestId}</code> <Copy text={problem.requestId} />
          </span>
        )}
        {retry && (
          <button type="button" className="fs-btn fs-btn-small fs-btn-line" onClick={retry}>
            <Glyph name="refresh" size={14} />
            {t("error.retry")}
          </button>
        )}
      </p>
    </div>
  );
}

function Broken({ error, again }: { error: Error; again: () => void }) {
  const { t } = useTranslation("shared");
  return (
    <div className="fs-error" role="alert">
      <p className="fs-error-title">{t("error.broken")}</p>
      <p>
        <code>{error.message}</code>
      </p>
      <p className="fs-error-foot">
        <button type="button" className="fs-btn fs-btn-small fs-btn-line" onClick={again}>
          {t("error.retry")}
        </button>
      </p>
    </div>
  );
}

/** Keeps a fault in one page or panel from taking down the rest. */
export class PageErrors extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }
  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }
  override render(): ReactNode {
    if (this.state.error) return <Broken error={this.state.error} again={() => this.setState({ error: undefined })} />;
    return this.props.children;
  }
}
