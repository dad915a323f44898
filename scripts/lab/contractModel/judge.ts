import { minuteOf } from "../../../keeper/domain/calendar.ts";
import type { Account, ContractLimits, Entry, SkipReason } from "../../../keeper/domain/contract.ts";
import { maintenanceAt, spentAt } from "./follow.ts";
import type { Caller, Market, MarketNumbers, RiskClass } from "./state.ts";

/** The first rule broken, the value given and the nearest value allowed (zeros for NONE), in the units of Reasons.sol. */
export type Finding = { readonly reason: SkipReason; readonly given: number; readonly allowed: number };

/** The market and class that an entry is judged against. */
export type Subject = { readonly market: Market; readonly riskClass: RiskClass };

/** What the contract says to an entry, and what of it is applied all the same; null: nothing. */
type Verdict = { readonly finding: Finding; readonly applies: Entry | null };

/** Notches that double a limit, and tokens below which a notch is a whole one. */
const DOUBLING = 1_024;

const OK: Finding = { reason: "NONE", given: 0, allowed: 0 };

const broken = (reason: SkipReason, given: number, allowed: number): Finding => ({ reason, given, allowed });

/**
 * The first rule that an entry by a writer breaks at `caller.now`; `subject` is null for an id that no writer can write.
 * What loosens none of the three numbers waits for nothing but bounds, gap and the age of its data, and with `orTighter` of
 * what may not loosen, or is past its tight bounds, the tightening is applied as far as the bounds go.
 */
export function judge(entry: Entry, subject: Subject | null, writer: Account, caller: Caller): Verdict {
  if (subject === null) return { finding: broken("UNKNOWN_MARKET", entry.marketId, 0), applies: null };
  const wrong = dataProblem(entry, subject, caller.now);
  if (wrong !== null) return { finding: wrong, applies: null };
  const held = loosens(entry, subject.market) ? () => looseningProblem(entry, subject, writer, caller) : () => null;
  const finding = valuesProblem(entry, subject, caller.now) ?? held();
  if (finding === null) return { finding: OK, applies: entry };
  if (!entry.orTighter || finding.reason === "TOO_LOOSE") return { finding, applies: null };
  const applies = { ...entry, ...tightened(entry, subject) };
  return { finding, applies: valuesProblem(applies, subject, caller.now) === null ? applies : null };
}

/** The numbers with each that is looser than what is stored as stored, and none past its tight bound but where what is stored is. */
function tightened(entry: Entry, { market, riskClass: { limits } }: Subject): MarketNumbers {
  const within = {
    initialBps: Math.min(entry.initialBps, limits.maxInitialBps),
    maintenanceTargetBps: Math.min(entry.maintenanceTargetBps, limits.maxMaintenanceBps),
    limit: Math.max(entry.limit, market.lowestLimit),
  };
  return tighter(within, market);
}

/** Whether the entry was made for this market as it is now, and of data young enough. */
function dataProblem(entry: Entry, { market, riskClass }: Subject, now: number): Finding | null {
  const [asOf, minute] = [minuteOf(entry.asOf), minuteOf(now)];
  const oldest = minute - riskClass.limits.maxAgeMinutes;
  if (entry.generation !== market.generation) return broken("WRONG_GENERATION", entry.generation, market.generation);
  if (asOf > minute) return broken("ASOF_IN_FUTURE", asOf, minute);
  return asOf < oldest ? broken("ASOF_TOO_OLD", asOf, oldest) : null;
}

/**
 * Bounds and gap of the three numbers themselves, for every way to write them. The loose bounds are strict; the tight ones
 * yield to what is stored.
 */
export function valuesProblem(
  given: MarketNumbers,
  { market, riskClass: { limits } }: Subject,
  now: number,
): Finding | null {
  const loosest = {
    ...{ initialBps: limits.minInitialBps, maintenanceTargetBps: limits.minMaintenanceBps },
    limit: market.highestLimit,
  };
  const tightest = {
    ...{ initialBps: limits.maxInitialBps, maintenanceTargetBps: limits.maxMaintenanceBps },
    limit: market.lowestLimit,
  };
  if (loosens(given, loosest)) return broken("TOO_LOOSE", wordOf(given), wordOf(loosest));
  if (loosens(tighter(tightest, market), given)) return broken("TOO_TIGHT", wordOf(given), wordOf(tightest));
  const lowest = Math.max(given.maintenanceTargetBps, maintenanceAt(market, now)) + limits.minGapBps;
  return given.initialBps < lowest ? broken("GAP_TOO_SMALL", given.initialBps, lowest) : null;
}

/** Whether any of the three numbers is looser than its counterpart. */
function loosens(given: MarketNumbers, than: MarketNumbers): boolean {
  return (
    given.initialBps < than.initialBps ||
    given.maintenanceTargetBps < than.maintenanceTargetBps ||
    given.limit > than.limit
  );
}

/** The tighter of each of the three numbers. */
export function tighter(one: MarketNumbers, other: MarketNumbers): MarketNumbers {
  return {
    initialBps: Math.max(one.initialBps, other.initialBps),
    maintenanceTargetBps: Math.max(one.maintenanceTargetBps, other.maintenanceTargetBps),
    limit: Math.min(one.limit, other.limit),
  };
}

/** The three numbers in one word, as a refusal has them (N in Words.sol). */
export function wordOf({ initialBps, maintenanceTargetBps, limit }: MarketNumbers): number {
  return maintenanceTargetBps + initialBps * 2 ** 14 + (0xffff - limit) * 2 ** 29;
}

/** Order, hold, steps, budgets and probe: what only a loosening waits for. */
function looseningProblem(
  entry: Entry,
  { market, riskClass }: Subject,
  writer: Account,
  { now, mayLoosen }: Caller,
): Finding | null {
  const [asOf, stored] = [minuteOf(entry.asOf), minuteOf(market.asOf)];
  if (asOf <= stored) return broken("ASOF_NOT_INCREASING", asOf, stored + 1);
  if (now < market.heldUntil) return broken("HELD", minuteOf(now), minuteOf(market.heldUntil));
  if (writer.tightenOnly || now < riskClass.heldUntil) return broken("TIGHTEN_ONLY", market.classId, 0);
  const reach = loosestInReach(market, riskClass.limits, writer, now);
  if (loosens(entry, reach)) return broken("STEP_TOO_LARGE", wordOf(entry), wordOf(reach));
  const loosened = market.initialBps - entry.initialBps;
  if (loosened <= 0) return null;
  const left = Math.max(0, writer.aggregateBps - writer.spentBps);
  if (loosened > left) return broken("AGGREGATE_SPENT", loosened, left);
  const isRefused = market.probed && !mayLoosen(entry.marketId, market.initialBps, entry.initialBps);
  return isRefused ? broken("PROBE_REFUSED", entry.initialBps, market.initialBps) : null;
}

/** Steps and budgets of a writer: the quorum has its own, everybody else is judged as a hot key. */
function powersOf(limits: ContractLimits, { power }: Account) {
  const { quorumStepBps, quorumBudgetBps, quorumRaiseStep, quorumRaiseBudget } = limits;
  const { hotStepBps, hotBudgetBps, hotRaiseStep, hotRaiseBudget } = limits;
  return power === "QUORUM"
    ? { step: quorumStepBps, budget: quorumBudgetBps, raiseStep: quorumRaiseStep, raiseBudget: quorumRaiseBudget }
    : { step: hotStepBps, budget: hotBudgetBps, raiseStep: hotRaiseStep, raiseBudget: hotRaiseBudget };
}

/**
 * The loosest three numbers that a step and what is left of the budgets reach. A target above effective maintenance has moved
 * nothing yet, so loosening of the target counts from the lower of the two. Below 1024 tokens a notch is a whole token: there
 * step and budget are as many parts in 1024 of what the limit was at the start of the window, rounded up.
 */
function loosestInReach(market: Market, limits: ContractLimits, writer: Account, now: number): MarketNumbers {
  const { step, budget, raiseStep, raiseBudget } = powersOf(limits, writer);
  const { spentBps, raised } = spentAt(market, now);
  const loosening = Math.min(Math.max(0, budget - spentBps), step);
  const base = Math.min(Math.max(0, market.limit - raised), DOUBLING);
  const part = (notches: number) => Math.ceil((notches * base) / DOUBLING);
  const raise = Math.min(Math.max(0, part(raiseBudget) - raised), part(raiseStep));
  const from = Math.min(market.maintenanceTargetBps, maintenanceAt(market, now));
  return {
    initialBps: Math.max(0, market.initialBps - loosening),
    maintenanceTargetBps: Math.max(0, from - step),
    limit: Math.min(0xffff, market.limit + raise),
  };
}
