import { z } from "zod";
import { request } from "../io/http.ts";
import { type Alert, type AlertMessage, alertMessage, fingerprint, type Labels, toldAlert } from "./alertMessage.ts";
import type { Clean } from "./clean.ts";

type NotifierOptions = {
  /** Delivers one message; after false or a rejection nothing is tried for a while, longer each time in a row. */
  readonly post: (message: AlertMessage) => Promise<boolean>;
  /** Unix seconds. */
  readonly now: () => number;
  /** What lasts is repeated after this. */
  readonly repeatSeconds: number;
  /** Labels of the keeper, which every alert of it has. */
  readonly whose: Labels;
  /** Address of its status page. */
  readonly page: string;
  /** What was told and has not ended, over a restart; what it recalls may be anything. */
  readonly memory: { recall(): Promise<unknown>; keep(told: readonly unknown[]): Promise<void> };
};

/** Sends each alert once when it begins, again while it lasts, and once when it has ended. */
type Notifier = {
  /**
   * The alerts that hold now; those that held before and are missing have ended. While an update is under way only the
   * newest of those that come waits, so a receiver that hangs makes no queue.
   * @param isSettled whether everything has been judged since the process began: until then what an earlier process told,
   * and is missing, may only not be known yet
   */
  update(alerts: readonly Alert[], isSettled: boolean): Promise<void>;
  /** Sends nothing more. */
  close(): void;
};

/** First pause after a delivery that failed, and the longest, seconds. */
const [FIRST_PAUSE, LONGEST_PAUSE] = [5, 300];

/** An alert that began: when its beginning was last delivered, and whether the receiver may have heard of it. */
const rowSchema = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  startsAt: z.number(),
  sentAt: z.number().nullable(),
});
type Known = z.infer<typeof rowSchema> & { isHeard: boolean; isRecalled: boolean };

/** A notifier that knows what its memory recalls. An alert whose beginning was never delivered ends without a message. */
export function createNotifier({ post, now, repeatSeconds, whose, page, memory }: NotifierOptions): Notifier {
  let known: Map<string, Known> | null = null;
  let running: Promise<void> | null = null;
  let newest: Parameters<Notifier["update"]> | null = null;
  let [failures, restsUntil, closed] = [0, Number.NEGATIVE_INFINITY, false];
  // A clock that was set back makes no pause longer.
  const rests = () => restsUntil > now() && restsUntil - now() <= LONGEST_PAUSE;
  const send = async (one: Known, endsAt: number | null): Promise<boolean> => {
    const delivered = await post(alertMessage(one, endsAt, page)).catch(() => false);
    failures = delivered ? 0 : failures + 1;
    if (!delivered) restsUntil = now() + Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
    return delivered;
  };
  const keep = (all: ReadonlyMap<string, Known>) =>
    memory.keep([...all.values()].filter(({ isHeard }) => isHeard).map((one) => rowSchema.parse(one)));
  /** Tells of a beginning, or that it lasts; written down before, so that a crash leaves no alert without an end. */
  const fire = async (all: ReadonlyMap<string, Known>, one: Known, at: number): Promise<void> => {
    const wasHeard = one.isHeard;
    one.isHeard = true;
    await keep(all);
    if (await send(one, null)) one.sentAt = at;
    else one.isHeard = wasHeard;
    await keep(all);
  };
  const turn = async (alerts: readonly Alert[], isSettled: boolean): Promise<void> => {
    known ??= await recalled(memory);
    const at = now();
    const holding = new Set<string>();
    for (const alert of alerts) {
      const told = toldAlert(alert, whose, at);
      const key = fingerprint(told.labels);
      holding.add(key);
      const { startsAt = at, sentAt = null, isHeard = false } = known.get(key) ?? {};
      const one: Known = { ...told, startsAt, sentAt, isHeard, isRecalled: false };
      known.set(key, one);
      if ((sentAt === null || at - sentAt >= repeatSeconds) && !closed && !rests()) await fire(known, one, at);
    }
    for (const [key, one] of known) {
      if (holding.has(key) || (one.isRecalled && !isSettled)) continue;
      if (one.isHeard && (closed || rests() || !(await send(one, at)))) continue;
      known.delete(key);
      if (one.isHeard) await keep(known);
    }
  };
  const turns = async (): Promise<void> => {
    while (newest !== null && !closed) {
      const of = newest;
      newest = null;
      await turn(...of);
    }
  };
  return {
    update(...of) {
      newest = of;
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

/** What an earlier process told and did not see end. */
async function recalled(memory: NotifierOptions["memory"]): Promise<Map<string, Known>> {
  const { data = [] } = z.array(rowSchema).safeParse(await memory.recall());
  return new Map(data.map((row) => [fingerprint(row.labels), { ...row, isHeard: true, isRecalled: true }]));
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
