import { request } from "../io/http.ts";
import type { Clean } from "./clean.ts";

/** A condition that a person should know of while it lasts. `name` is an alert of `deployments/service/alerts.yml`. */
export type Alert = {
  readonly name: string;
  /** Distinguishes alerts of one name, e.g. the market. */
  readonly about: string;
  readonly severity: "critical" | "warning";
  readonly reason: string;
};

/** One call of the webhook. `text` is what chat services show. */
type Notification = Alert & {
  readonly state: "firing" | "resolved";
  /** Unix seconds since when it lasts. */
  readonly since: number;
  readonly runbook: string;
  readonly text: string;
};

type NotifierOptions = {
  /** Delivers one notification; after false or a rejection nothing is tried for a while, longer each time in a row. */
  readonly post: (notification: Notification) => Promise<boolean>;
  /** Unix seconds. */
  readonly now: () => number;
  /** What lasts is repeated after this. */
  readonly repeatSeconds: number;
  /** What runs, in words, for the text. */
  readonly keeper: string;
};

/** Sends each alert once when it begins, again while it lasts, and once when it has ended. */
type Notifier = {
  /**
   * The alerts that hold now; those that held before and are missing have ended. While an update is under way only the
   * newest of those that come waits, so a receiver that hangs makes no queue.
   */
  update(alerts: readonly Alert[]): Promise<void>;
  /** Sends nothing more. */
  close(): void;
};

/** First pause after a delivery that failed, and the longest, seconds. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [5, 300];

type Known = { readonly alert: Alert; readonly since: number; sentAt: number | null };

/** A notifier that knows of no alert yet. An alert whose beginning was never delivered ends without a notification. */
export function createNotifier({ post, now, repeatSeconds, keeper }: NotifierOptions): Notifier {
  const known = new Map<string, Known>();
  let running: Promise<void> | null = null;
  let newest: readonly Alert[] | null = null;
  let [failures, restsUntil, closed] = [0, Number.NEGATIVE_INFINITY, false];
  /** False, and nothing more is tried in this turn, once a delivery has failed. */
  const send = async (state: Notification["state"], { alert, since }: Known): Promise<boolean> => {
    const pause = restsUntil - now();
    // A clock that was set back makes no pause longer.
    if (closed || (pause > 0 && pause <= LONGEST_PAUSE)) return false;
    const words = state === "firing" ? alert.reason : "has ended";
    const text = `${alert.severity}: ${alert.name}${alert.about === "" ? "" : ` (${alert.about})`}: ${words}. ${keeper}`;
    const runbook = `deployments/service/RUNBOOK.md#${alert.name.toLowerCase()}`;
    const delivered = await post({ ...alert, state, since, runbook, text }).catch(() => false);
    failures = delivered ? 0 : failures + 1;
    if (!delivered) restsUntil = now() + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
    return delivered;
  };
  const turn = async (alerts: readonly Alert[]): Promise<void> => {
    const at = now();
    const holding = new Set<string>();
    for (const alert of alerts) {
      const key = `${alert.name} ${alert.about}`;
      holding.add(key);
      const one: Known = { alert, since: known.get(key)?.since ?? at, sentAt: known.get(key)?.sentAt ?? null };
      known.set(key, one);
      if ((one.sentAt === null || at - one.sentAt >= repeatSeconds) && (await send("firing", one))) one.sentAt = at;
    }
    for (const [key, one] of known) {
      if (holding.has(key)) continue;
      if (one.sentAt === null || (await send("resolved", one))) known.delete(key);
    }
  };
  const turns = async (): Promise<void> => {
    while (newest !== null && !closed) {
      const alerts = newest;
      newest = null;
      await turn(alerts);
    }
  };
  return {
    update(alerts) {
      newest = alerts;
      running ??= turns().finally(() => {
        running = null;
      });
      return running;
    },
    close() {
      closed = true;
    },
  };
}

/** How long a call may take, milliseconds. */
const TIMEOUT_MS = 5_000;
/** Of an answer that nobody reads. */
const MOST_BYTES = 65_536;

/**
 * Posts `body` as JSON; true when it was accepted (any 2xx). Never throws for what the other side does, and follows no
 * redirect.
 * @param clean applied to what is posted
 */
export function postJson(url: string, body: unknown, clean: Clean): Promise<boolean> {
  return delivered(url, { body: clean(JSON.stringify(body)) });
}

/** Fetches an address as a sign of life; true when it answered 2xx. */
export function ping(url: string): Promise<boolean> {
  return delivered(url, {});
}

async function delivered(url: string, sent: { readonly body?: string }): Promise<boolean> {
  const { status } = await request(url, {
    to: "receiver",
    source: "receiver",
    timeoutMs: TIMEOUT_MS,
    maxBytes: MOST_BYTES,
    ...sent,
  });
  return status !== undefined && status >= 200 && status < 300;
}
