// The only place that opens an EventSource. A tab has one for news (topics);
// the live tail of the logs is the one other while it runs, because a browser
// allows six connections to a host in all.

export type StreamState = "connecting" | "open" | "lost";
type Handler = (data: unknown) => void;

/** What a listener wants of a stream; handlers are called with parsed JSON. */
export interface Listening {
  on: Record<string, Handler>;
  state?: (state: StreamState) => void;
}

/** Reads a stream of server-sent events until the returned function is called. The browser reconnects by itself. */
export function listen(url: string, want: Listening): () => void {
  const source = new EventSource(url);
  want.state?.("connecting");
  source.onopen = () => want.state?.("open");
  let retry: ReturnType<typeof setTimeout> | undefined;
  let inner: (() => void) | undefined;
  source.onerror = () => {
    want.state?.("lost");
    // A refusal (not a broken line) ends an EventSource for good: begin again, later.
    if (source.readyState === EventSource.CLOSED && retry === undefined) {
      retry = setTimeout(() => {
        inner = listen(url, want);
      }, 5000);
    }
  };
  for (const [name, handler] of Object.entries(want.on)) {
    source.addEventListener(name, (event) => {
      const data = parse((event as MessageEvent<string>).data);
      if (data !== undefined) handler(data);
    });
  }
  return () => {
    clearTimeout(retry);
    source.close();
    inner?.();
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a comment or a line cut by a proxy: nothing to show
  }
}

type Subscriber = { topic: string; handler: Handler };

/** One stream for all topics of a tab; it is opened again when a topic joins. */
export class News {
  private readonly subscribers = new Set<Subscriber>();
  private topics = "";
  private stop: (() => void) | undefined;
  private pending: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly open: typeof listen = listen) {}

  /** Calls handler for every message of topic until the returned function is called. */
  subscribe(topic: string, handler: Handler): () => void {
    const subscriber = { topic, handler };
    this.subscribers.add(subscriber);
    this.settle();
    return () => {
      this.subscribers.delete(subscriber);
      this.settle();
    };
  }

  // Pages swap their subscriptions in one turn; the stream is opened once after it.
  private settle(): void {
    clearTimeout(this.pending);
    this.pending = setTimeout(() => this.connect(), 50);
  }

  private connect(): void {
    const wanted = [...new Set([...this.subscribers].map((s) => s.topic))].sort();
    const topics = wanted.join(",");
    if (topics === this.topics) return;
    this.stop?.();
    this.stop = undefined;
    this.topics = topics;
    if (topics === "") return;
    const on = Object.fromEntries(wanted.map((topic) => [topic, (data: unknown) => this.deliver(topic, data)]));
    this.stop = this.open(`/api/v1/stream?topics=${encodeURIComponent(topics)}`, { on });
  }

  private deliver(topic: string, data: unknown): void {
    for (const s of this.subscribers) if (s.topic === topic) s.handler(data);
  }
}

/** The news of this tab. */
export const news = new News();
