import { DAY_SECONDS } from "../domain/calendar.ts";
import { NEVER_LAPSES } from "../domain/contract.ts";
import type { BatchEntry, ChainView } from "../domain/cycle.ts";
import type { Intent } from "../domain/intent.ts";
import type { Journal } from "../domain/journal.ts";
import type { KillSwitch, SwitchChange } from "../domain/killSwitch.ts";
import { type BreakerTrigger, tripBreaker } from "../runtime/breakerFile.ts";
import type { Config } from "../runtime/config.ts";
import { type KillSwitches, killSwitches } from "../runtime/killSwitch.ts";

/** Stands between a decision and its sending: every kill switch of this machine, and the automatic breaker. */
export type Guard = {
  /** Which switches of this machine are set at `now`, Unix seconds: any one stops sending. */
  switches(now: number): KillSwitches;
  /** Those, and what was last seen closed on chain, which lets tightenings through. */
  all(now: number): readonly KillSwitch[];
  /** Takes the chain as a cycle has read it. */
  seen(chain: Pick<ChainView, "markets" | "door">): void;
  /** Why `due` may not be sent now, or null. Trips the breaker when a step is too long. */
  stopped(now: number, due: readonly BatchEntry[]): string | null;
  /** After a cycle, failed or not: trips the breaker on what became of batches, and journals every switch that changed. */
  settle(now: number): readonly SwitchChange[];
};

type Limits = Config["breaker"];
/** Intents that are looked at for reverts and fees; a day has no more. */
const LOOKED_AT = 500;

/** The guard of a keeper whose journal is `store`. */
export function openGuard(config: Pick<Config, "paused" | "state" | "breaker">, store: Journal): Guard {
  const trip = (trigger: BreakerTrigger, detail: string | null, now: number): void => {
    if (detail !== null) tripBreaker(config.state, trigger, detail, now);
  };
  const switches = (now: number) => killSwitches(config, now, failing(store, config.breaker));
  let chain: readonly KillSwitch[] | null = null;
  // Before the chain was read, and while it cannot be, what the journal says of it stands.
  const onChain = () => chain ?? journaled(store);
  const all = (now: number) => [...switches(now).switches, ...onChain()];
  const breakerRows = () => store.recentSwitches(LOOKED_AT).filter(({ name }) => name === "breaker");
  return {
    switches,
    all,
    seen(view) {
      chain = closedOnChain(view);
    },
    stopped(now, due) {
      // Taken back since: written down before anything is sent, as what is counted is counted from then on.
      const resumed =
        breakerRows()[0]?.reason != null && !switches(now).switches.some(({ name }) => name === "breaker");
      if (resumed) store.noteSwitches(now, all(now));
      trip("step", longStep(due, config.breaker), now);
      return switches(now).reason;
    },
    settle(now) {
      const changes = store.noteSwitches(now, all(now));
      // What a person has looked at and taken back must not trip it again by itself.
      const since = breakerRows().find(({ reason }) => reason === null)?.at ?? Number.NEGATIVE_INFINITY;
      const recent = store.recentIntents(LOOKED_AT).filter(({ updatedAt }) => updatedAt > since);
      trip("reverts", revertsInARow(recent, config.breaker), now);
      trip("spend", feesOfADay(recent, now, config.breaker), now);
      return [...changes, ...store.noteSwitches(now, all(now))];
    },
  };
}

/** What governance, guardian or challenge closed on chain, as one switch with one reason that stands as long as they do. */
export function closedOnChain({ markets, door }: Pick<ChainView, "markets" | "door">): readonly KillSwitch[] {
  const closed = [...markets].flatMap(([market, { mode, modeUntil }]) => {
    if (mode === "NORMAL") return [];
    const until = modeUntil >= NEVER_LAPSES ? "" : ` until ${new Date(modeUntil * 1_000).toISOString().slice(0, 16)}Z`;
    return [`${market} ${mode}${until}`];
  });
  const reasons = door.tightenOnly ? [...closed, "the contract's breaker has tripped"] : closed;
  return reasons.length === 0 ? [] : [{ name: "onChain", reason: `on chain: ${reasons.join(", ")}` }];
}

function journaled(store: Journal): readonly KillSwitch[] {
  const last = store.recentSwitches(LOOKED_AT).find(({ name }) => name === "onChain");
  return last == null || last.reason === null ? [] : [{ name: "onChain", reason: last.reason }];
}

/** The longest step above the limit, in words: the decided values against those stored on chain. */
function longStep(due: readonly BatchEntry[], { maxStepPoints }: Limits): string | null {
  for (const { input, assessment } of due) {
    const { initialBps, maintenanceTargetBps } = assessment.decision;
    const steps = [
      ["initial", input.onChain.storedInitialBps, initialBps],
      ["maintenance", input.onChain.maintenanceTargetBps, maintenanceTargetBps],
    ] as const;
    for (const [side, from, to] of steps) {
      if (Math.abs(to - from) <= maxStepPoints * 100) continue;
      // A pump is such a step, and the worse it is the longer the step.
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
  return count < maxReverts ? null : `${count} batches in a row were refused in a block, limit ${maxReverts}`;
}

function feesOfADay(recent: readonly Intent[], now: number, { maxSpendEthPerDay }: Limits): string | null {
  const paid = recent.filter(({ status, updatedAt }) => {
    return (status === "CONFIRMED" || status === "REVERTED") && updatedAt > now - DAY_SECONDS;
  });
  // Where the receipt's figure is not known, what was offered at most.
  const wei = paid.reduce((sum, { feeWei, gasLimit, maxFeePerGas }) => sum + (feeWei ?? gasLimit * maxFeePerGas), 0n);
  const eth = Number(wei) / 1e18;
  if (eth <= maxSpendEthPerDay) return null;
  return `up to ${eth.toFixed(4)} ETH of fees in 24 h, limit ${maxSpendEthPerDay} ETH`;
}

/** Set while too many of the last ticks failed; it ends by itself, since what failed is outside. */
function failing(store: Journal, { failureWindowTicks, maxFailedPercent }: Limits): readonly KillSwitch[] {
  const ticks = store.recentOutcomes(failureWindowTicks);
  const failed = ticks.filter((outcome) => outcome === "failed").length;
  if (ticks.length < failureWindowTicks || failed * 100 <= maxFailedPercent * ticks.length) return [];
  return [{ name: "errors", reason: `${failed} of the last ${ticks.length} ticks failed` }];
}
