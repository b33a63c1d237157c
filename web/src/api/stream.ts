// The only place that opens an EventSource. A browser has one for news (topics),
// in the tab that leads; the live tail of the logs is the one other of a tab
// while it runs, because a browser allows six connections to a host in all.

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

/** How the tabs of a browser hear of each other. One of them leads: it has the stream, and passes the news on. */
export interface Tabs {
  post: (message: Message) => void; // to all others
  hear: (handler: (message: Message) => void) => void;
  lead: (begin: () => void) => void; // calls begin once, when this tab leads; until it is closed
}

/** What tabs say to each other. */
export type Message =
  | { kind: "want"; tab: string; topics: string[] } // a tab's topics; none when it goes
  | { kind: "ask" } // a new leader wants to know them
  | { kind: "news"; topic: string; data: unknown };

/**
 * One stream for all topics of all tabs; it is opened again when a topic joins.
 * The leading tab has it. Without tabs (an old browser) each tab leads itself.
 */
export class News {
  private readonly subscribers = new Set<Subscriber>();
  private readonly others = new Map<string, string[]>(); // topics of the other tabs, by tab
  private readonly tab = Math.random().toString(36).slice(2);
  private topics = "";
  private leads: boolean;
  private joined = false;
  private stop: (() => void) | undefined;
  private pending: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly open: typeof listen = listen,
    private readonly tabs?: Tabs,
  ) {
    this.leads = tabs === undefined;
  }

  /** Calls handler for every message of topic until the returned function is called. */
  subscribe(topic: string, handler: Handler): () => void {
    const subscriber = { topic, handler };
    this.join();
    this.subscribers.add(subscriber);
    this.settle();
    return () => {
      this.subscribers.delete(subscriber);
      this.settle();
    };
  }

  /** Tells the other tabs that this one needs nothing any more. */
  leave(): void {
    if (this.joined) this.tabs?.post({ kind: "want", tab: this.tab, topics: [] });
  }

  /** Tells them what it needs, when it comes back. */
  settle(): void {
    // Pages swap their subscriptions in one turn; the stream is opened once after it.
    clearTimeout(this.pending);
    this.pending = setTimeout(() => {
      this.tabs?.post({ kind: "want", tab: this.tab, topics: this.own() });
      this.connect();
    }, 50);
  }

  private join(): void {
    if (this.joined) return;
    this.joined = true;
    this.tabs?.hear((message) => this.take(message));
    this.tabs?.lead(() => {
      this.leads = true;
      this.tabs?.post({ kind: "ask" });
      this.settle();
    });
  }

  private take(message: Message): void {
    switch (message.kind) {
      case "want":
        if (message.topics.length > 0) this.others.set(message.tab, message.topics);
        else this.others.delete(message.tab);
        this.connect();
        return;
      case "ask":
        this.others.clear(); // the one that led is gone
        this.settle();
        return;
      case "news":
        this.deliver(message.topic, message.data);
    }
  }

  private own(): string[] {
    return [...new Set([...this.subscribers].map((s) => s.topic))].sort();
  }

  private connect(): void {
    if (!this.leads) return;
    const wanted = [...new Set([...this.own(), ...[...this.others.values()].flat()])].sort();
    const topics = wanted.join(",");
    if (topics === this.topics) return;
    this.stop?.();
    this.stop = undefined;
    this.topics = topics;
    if (topics === "") return;
    const on = Object.fromEntries(
      wanted.map((topic) => [
        topic,
        (data: unknown) => {
          this.tabs?.post({ kind: "news", topic, data });
          this.deliver(topic, data);
        },
      ]),
    );
    this.stop = this.open(`/api/v1/stream?topics=${encodeURIComponent(topics)}`, { on });
  }

  private deliver(topic: string, data: unknown): void {
    for (const s of this.subscribers) if (s.topic === topic) s.handler(data);
  }
}

/** The tabs of this browser: a channel to talk, and a lock that the leader holds until it is closed. */
function browserTabs(): Tabs | undefined {
  if (typeof BroadcastChannel === "undefined" || !globalThis.navigator?.locks) return undefined;
  const channel = new BroadcastChannel("fengsui.news");
  return {
    post: (message) => channel.postMessage(message),
    hear: (handler) => {
      channel.onmessage = (event: MessageEvent<Message>) => handler(event.data);
    },
    lead: (begin) =>
      void navigator.locks.request("fengsui.news", () => {
        begin();
        return new Promise<never>(() => {});
      }),
  };
}

/** The news of this tab. */
export const news = new News(listen, browserTabs());
globalThis.addEventListener?.("pagehide", () => news.leave());
globalThis.addEventListener?.("pageshow", (event) => {
  if (event.persisted) news.settle();
});
