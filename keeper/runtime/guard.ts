import { NEVER_LAPSES } from "../domain/contract.ts";
import type { BatchEntry, ChainView } from "../domain/cycle.ts";
import type { Intent } from "../domain/intent.ts";
import type { Journal, KillSwitch, SwitchChange } from "../domain/journal.ts";
import type { Config } from "./config.ts";
import { type HaltTrigger, haltSubmission, type KillSwitches, killSwitches } from "./killSwitch.ts";

/** What the guard needs to know of the chain. */
type Chain = Pick<ChainView, "markets" | "writer" | "blockTime">;
type SwitchJournal = Pick<Journal, "recentSwitches" | "noteSwitches" | "recentIntents" | "recentOutcomes">;

/** Checked between a decision and its sending: every kill switch of this machine, and the limits that halt submission. */
export type Guard = {
  /** Which switches of this machine are set at `now`, Unix seconds: any one stops sending. */
  switches(now: number): KillSwitches;
  /** Those, and what was closed on chain when last read, which lets tightening through. */
  all(now: number): readonly KillSwitch[];
  /** Takes the chain as a cycle has read it. */
  seen(chain: Chain): void;
  /** Why `due` may not be sent now, or null. Halts submission when a step is too long. */
  stopped(now: number, due: readonly BatchEntry[]): string | null;
  /** After a cycle, failed or not: halts on reverts above the limit, and journals every switch that changed. */
  settle(now: number): readonly SwitchChange[];
};

type Limits = Config["submissionHalt"];
/** Intents that are searched for reverts. */
const MOST_INTENTS = 500;

/** The guard of a keeper whose journal is `journal`. */
export function openGuard(config: Pick<Config, "paused" | "state" | "submissionHalt">, journal: SwitchJournal): Guard {
  const limits = config.submissionHalt;
  const halt = (trigger: HaltTrigger, detail: string | null, now: number): void => {
    if (detail !== null) haltSubmission(config.state, trigger, detail, now);
  };
  const switches = (now: number) => killSwitches(config, now, failing(journal, limits));
  let chain: readonly KillSwitch[] | null = null;
  // Until the chain has been read, and while it cannot be, the journal's last word on it holds.
  const onChain = () => chain ?? journaled(journal);
  const all = (now: number) => [...switches(now).switches, ...onChain()];
  const haltRows = () => journal.recentSwitches(MOST_INTENTS).filter(({ name }) => name === "submissionHalt");
  return {
    switches,
    all,
    seen(view) {
      chain = closedOnChain(view);
    },
    stopped(now, due) {
      // Operator cleared the halt: journal that first; reverts are counted from it.
      const cleared =
        haltRows()[0]?.reason != null && !switches(now).switches.some(({ name }) => name === "submissionHalt");
      if (cleared) journal.noteSwitches(now, all(now));
      halt("step", longStep(due, limits), now);
      return switches(now).reason;
    },
    settle(now) {
      const changes = journal.noteSwitches(now, all(now));
      // What an operator has seen and cleared must not halt submission again.
      const since = haltRows().find(({ reason }) => reason === null)?.at ?? Number.NEGATIVE_INFINITY;
      const recent = journal.recentIntents(MOST_INTENTS).filter((one) => one.updatedAt > since && one.kind !== "SYNC");
      halt("reverts", revertsInARow(recent, limits), now);
      return [...changes, ...journal.noteSwitches(now, all(now))];
    },
  };
}

/** Everything that governance, a guardian or a challenge closed on chain, as one switch with one reason. */
export function closedOnChain({ markets, writer, blockTime }: Chain): readonly KillSwitch[] {
  const until = (time: number) =>
    time >= NEVER_LAPSES ? "" : ` until ${new Date(time * 1_000).toISOString().slice(0, 16)}Z`;
  const closed = [...markets].flatMap(([market, { mode, modeUntil, generation }]) => {
    if (generation === 0) return [`${market} delisted`];
    return mode === "NORMAL" ? [] : [`${market} ${mode}${until(modeUntil)}`];
  });
  const held = [...markets].flatMap(([market, { classHeldUntil }]) =>
    classHeldUntil > blockTime ? [`${market} only tightens${until(classHeldUntil)}`] : [],
  );
  const halted = writer.haltedUntil > blockTime ? [`the key that sends is halted${until(writer.haltedUntil)}`] : [];
  const tripped = writer.tightenOnly ? ["the writer has tripped and only tightens"] : [];
  const reasons = [...closed, ...held, ...halted, ...tripped];
  return reasons.length === 0 ? [] : [{ name: "onChain", reason: `on chain: ${reasons.join(", ")}` }];
}

function journaled(journal: SwitchJournal): readonly KillSwitch[] {
  const last = journal.recentSwitches(MOST_INTENTS).find(({ name }) => name === "onChain");
  return last == null || last.reason === null ? [] : [{ name: "onChain", reason: last.reason }];
}

/** The first step above the limit, in words: the decided values against those stored on chain. */
function longStep(due: readonly BatchEntry[], { maxStepPoints }: Limits): string | null {
  for (const { input, assessment } of due) {
    const { initialBps, maintenanceTargetBps } = assessment.decision;
    const steps = [
      ["initial", input.onChain.storedInitialBps, initialBps],
      ["maintenance", input.onChain.maintenanceTargetBps, maintenanceTargetBps],
    ] as const;
    for (const [side, from, to] of steps) {
      if (Math.abs(to - from) <= maxStepPoints * 100) continue;
      // A pumped price asks for such a step, and the worse the pump the longer the step.
      if (side === "initial" && to > from && assessment.target.rise !== undefined) continue;
      return `${assessment.market} ${side} from ${from} to ${to} bp, limit ${maxStepPoints * 100} bp in one step`;
    }
  }
  return null;
}

function revertsInARow(recent: readonly Intent[], { maxReverts }: Limits): string | null {
  const ended = recent.filter(({ status }) => status === "CONFIRMED" || status === "REVERTED");
  const other = ended.findIndex(({ status }) => status !== "REVERTED");
  const count = other === -1 ? ended.length : other;
  return count < maxReverts ? null : `${count} batches in a row were mined and refused, limit ${maxReverts}`;
}

/** Set while too many of the last ticks failed; clears itself, since the cause lies outside. */
function failing(journal: SwitchJournal, { failureWindowTicks, maxFailedPercent }: Limits): readonly KillSwitch[] {
  const ticks = journal.recentOutcomes(failureWindowTicks);
  const failed = ticks.filter((outcome) => outcome === "failed").length;
  if (ticks.length < failureWindowTicks || failed * 100 <= maxFailedPercent * ticks.length) return [];
  return [{ name: "errors", reason: `${failed} of the last ${ticks.length} ticks failed` }];
}
