import { agesFrom, HOUR_SECONDS } from "../domain/calendar.ts";
import { NEVER_LAPSES } from "../domain/contract.ts";
import { DATA_STATES, dataState } from "../domain/decision.ts";
import { moment } from "../domain/format.ts";
import type { IntentStatus } from "../domain/intent.ts";
import type { Headline } from "./operations.ts";
import type { Explanation, StatusSnapshot, TimelineEvent, TransactionStatus } from "./status.ts";

/** Something out of the ordinary that is in force, by what it is about; absent: all is ordinary. */
type InForce = Readonly<Partial<Record<TimelineEvent["kind"], Pick<TimelineEvent, "tone" | "words">>>>;

/**
 * What began and what ended in a market from one cycle to the next. Of the first cycle all that is in force has begun.
 * @example changes(null, calm) // []
 */
export function changes(before: Explanation | null, after: Explanation): readonly TimelineEvent[] {
  const [old, now] = [before === null ? {} : inForce(before), inForce(after)];
  const kinds = [...new Set([...Object.keys(old), ...Object.keys(now)])] as TimelineEvent["kind"][];
  return kinds.flatMap((kind) => {
    const [was, is] = [old[kind], now[kind]];
    if (was?.words === is?.words) return [];
    const said = is ?? { tone: "good" as const, words: `over: ${was?.words}` };
    return [{ time: after.assessment.now, kind, ...said, hash: null }];
  });
}

function inForce({ assessment, onChain }: Explanation): InForce {
  const { now } = assessment;
  const data = dataState(assessment);
  return {
    ...(data === "NORMAL" ? {} : { data: { tone: TONES[data], words: `data ${data}: ${DATA_STATES[data]}` } }),
    ...(onChain === null ? { listing: { tone: "bad", words: "not listed on chain" } } : ofChain(onChain, now)),
  };
}

const TONES = { NORMAL: "good", DEGRADED: "warning", STALE: "warning", HALTED: "bad" } as const;

function ofChain(onChain: NonNullable<Explanation["onChain"]>, now: number): InForce {
  const { mode, modeUntil, classHeldUntil, writer, limits } = onChain;
  const until = (time: number) => (time >= NEVER_LAPSES ? "until it is lifted" : `until ${moment(time)}`);
  const isStale = now - agesFrom(onChain) > limits.ttlHours * HOUR_SECONDS;
  const held = classHeldUntil > now ? `a guardian holds the class ${until(classHeldUntil)}` : null;
  const narrow = writer.tightenOnly ? "the writer has tripped" : held;
  const halted = writer.haltedUntil > now ? `a guardian has halted the key ${until(writer.haltedUntil)}` : null;
  return {
    ...(isStale ? { stale: { tone: "bad", words: "stale on chain: initial is closed" } } : {}),
    ...(mode === "NORMAL" ? {} : { mode: { tone: "warning", words: `mode ${mode} ${until(modeUntil)}` } }),
    ...(narrow === null ? {} : { trip: { tone: "warning", words: `only tightening is taken: ${narrow}` } }),
    ...(halted === null ? {} : { halt: { tone: "bad", words: halted } }),
  };
}

/** A batch, as it stands. */
export function batchEvent({ time, sequence, status, hash }: TransactionStatus): TimelineEvent {
  const tone = ENDS[status] ?? "warning";
  return { time, kind: "batch", tone, words: `batch ${sequence} ${status.toLowerCase()}`, hash };
}

const ENDS: Partial<Record<IntentStatus, TimelineEvent["tone"]>> = {
  CONFIRMED: "plain",
  REVERTED: "bad",
  DROPPED: "bad",
};

/** A change of how the keeper is, or null where only its words changed. */
export function keeperEvent(
  before: StatusSnapshot["keeper"],
  after: StatusSnapshot["keeper"],
  time: number,
): TimelineEvent | null {
  if (before.state === after.state && before.severity === after.severity) return null;
  const tones: Readonly<Record<Headline["severity"], TimelineEvent["tone"]>> = {
    good: "good",
    warning: "warning",
    critical: "bad",
  };
  const words = `keeper ${after.state}: ${after.message}`;
  return { time, kind: "keeper", tone: tones[after.severity], words, hash: null };
}
