import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { type ContractLimits, NEVER_LAPSES, SKIP_REASONS, tokensOf } from "../../../keeper/domain/contract.ts";
import { limitsProblem, lowestMaintenance } from "../../../keeper/policy/limitsCheck.ts";
import type { ContractEventBody } from "./events.ts";
import { hourStart, isStale, maintenanceAt, settle } from "./follow.ts";
import { valuesProblem } from "./judge.ts";
import { written } from "./publishBatch.ts";
import {
  type AccountSetting,
  accountOf,
  type Caller,
  type ContractState,
  classOf,
  definedClass,
  isClassNumber,
  isSame,
  lacksOwnership,
  listedMarket,
  type ManualOverride,
  type Market,
  type MarketSetting,
  type Outcome,
  type Refusal,
  refuse,
  withAccount,
  withClass,
  withMarket,
  ZERO,
} from "./state.ts";

type Refused = { readonly refused: Refusal } | null;

/** How far ahead an override may hold, seconds. */
const MAX_OVERRIDE = 30 * DAY_SECONDS;

/** The contract's `admit`: a power or none; a halt, a trip and what was spent end, the number stays. */
export function admit(state: ContractState, setting: AccountSetting, caller: Caller): Outcome {
  const missing = lacksOwnership(state, caller);
  if (missing) return missing;
  if (isSame(setting.account, ZERO)) return refuse("ZeroAddress", "account");
  return { state: admitted(state, setting), events: [{ name: "AccountChanged", ...setting }] };
}

export function admitted(state: ContractState, { account, power, aggregateBps, tripBps }: AccountSetting) {
  const { sequence } = accountOf(state, account);
  const unspent = { window: 0, spentBps: 0, refusedBps: 0, tightenOnly: false, haltedUntil: 0 };
  return withAccount(state, account, { power, sequence, aggregateBps, tripBps, ...unspent });
}

/** The contract's `setLimits`: never moves a value; refused is a gap or bonus that present values break, and what loosens a stale market. */
export function setLimits(state: ContractState, classId: number, limits: ContractLimits, caller: Caller): Outcome {
  const missing = lacksOwnership(state, caller);
  if (missing) return missing;
  if (!isClassNumber(classId)) return refuse("UnknownClass", classId);
  const wrong = limitsProblem(limits);
  if (wrong) return refuse("BadLimits", wrong.what, wrong.given, wrong.allowed);
  for (const market of state.markets) {
    if (market.classId !== classId || market.generation === 0) continue;
    const was = classOf(state, market).limits;
    const broken = brokenByValues(limits, market, caller.now) ?? fresher(limits, was, market, caller.now);
    if (broken) return broken;
  }
  return { state: defined(state, classId, limits), events: [{ name: "ClassChanged", classId, limits }] };
}

/** The class with these limits; what a guardian holds stays held. */
export function defined(state: ContractState, classId: number, limits: ContractLimits): ContractState {
  return withClass(state, classId, { limits, heldUntil: state.classes.get(classId)?.heldUntil ?? 0 });
}

/** The refusal of limits whose gap or bonus present values break: these hold from the block in which they are set. */
export function brokenByValues(
  { minGapBps, liquidationBonusBps }: ContractLimits,
  market: Market,
  now: number,
): Refused {
  const maintenanceBps = maintenanceAt(market, now);
  const gap = market.initialBps - Math.max(maintenanceBps, market.maintenanceTargetBps);
  if (minGapBps > gap) return refuse("BadLimits", "minGapBps", minGapBps, gap);
  const lower = Math.min(maintenanceBps, market.maintenanceTargetBps);
  if (lower >= lowestMaintenance(liquidationBonusBps)) return null;
  // The greatest bonus with (10000 - lower)(10000 + bonus) < 10^8.
  const allowed = Math.floor((10 ** 8 - 1) / (10_000 - lower)) - 10_000;
  return refuse("BadLimits", "liquidationBonusBps", liquidationBonusBps, allowed);
}

/** The refusal of limits by which a stale market would read less for new risk than by those of before. */
function fresher(limits: ContractLimits, was: ContractLimits, market: Market, now: number): Refused {
  if (!isStale(market, now)) return null;
  const { decayHours, staleInitialCapBps: cap } = limits;
  if (decayHours > was.decayHours) return refuse("BadLimits", "decayHours", decayHours, was.decayHours);
  return cap < was.staleInitialCapBps ? refuse("BadLimits", "staleInitialCapBps", cap, was.staleInitialCapBps) : null;
}

/** The contract's `delistMarket`: closed for ever, maintenance where it stands, nobody moves it. */
export function delistMarket(state: ContractState, marketId: number, caller: Caller): Outcome {
  const missing = lacksOwnership(state, caller);
  if (missing) return missing;
  const market = listedMarket(state, marketId);
  if (market === null) return refuse("UnknownMarket", marketId);
  return {
    state: withMarket(state, marketId, delisted(market, caller.now)),
    events: [{ name: "MarketDelisted", marketId }],
  };
}

export function delisted(market: Market, now: number): Market {
  const next = settle(market, now);
  const closed = { mode: "NO_NEW_RISK", modeUntil: NEVER_LAPSES, generation: 0 } as const;
  return { ...next, maintenanceTargetBps: next.maintenanceBps, ...closed };
}

/** The contract's `changeMarket`: class, bounds of the limit and probe; never moves a value. */
export function changeMarket(state: ContractState, marketId: number, setting: MarketSetting, caller: Caller): Outcome {
  const missing = lacksOwnership(state, caller);
  if (missing) return missing;
  const market = listedMarket(state, marketId);
  if (market === null) return refuse("UnknownMarket", marketId);
  const wrong = limitBoundsProblem(setting);
  if (wrong) return wrong;
  if (!isSame(setting.probe, ZERO) && !caller.hasCode(setting.probe)) return refuse("NotAContract", setting.probe);
  if (setting.classId !== market.classId) {
    const found = definedClass(state, setting.classId);
    if ("refused" in found) return found;
    const { limits } = classOf(state, market);
    const broken =
      brokenByValues(found.limits, market, caller.now) ?? fresher(found.limits, limits, market, caller.now);
    if (broken) return broken;
    // Stale data would be fresh again, and maintenance make up for the silence at once.
    const { ttlHours } = found.limits;
    if (ttlHours > market.ttlHours && isStale(market, caller.now)) {
      return refuse("BadLimits", "ttlHours", ttlHours, market.ttlHours);
    }
  }
  const next = changed(state, market, setting, caller.now);
  return {
    state: withMarket(state, marketId, next),
    events: [{ name: "MarketChanged", marketId, ...setting, generation: next.generation }],
  };
}

/** The market under a setting; in another class it moves at that class's speeds from `now` on, as the next generation. */
export function changed(state: ContractState, market: Market, setting: MarketSetting, now: number): Market {
  const { lowestLimit, highestLimit, probe, classId } = setting;
  const next = { ...settle(market, now), lowestLimit, highestLimit, probe, probed: !isSame(probe, ZERO) };
  if (classId === market.classId) return next;
  const { tightenSpeedBpsPer30Days, loosenSpeedBpsPer30Days, ttlHours } = classOf(state, { ...market, classId }).limits;
  const generation = 16 + ((market.generation + 1) % 16);
  return { ...next, classId, generation, tightenSpeedBpsPer30Days, loosenSpeedBpsPer30Days, ttlHours };
}

/** The refusal of bounds of a limit; from a limit of 0 no step leads up again. */
export function limitBoundsProblem(bounds: Pick<Market, "lowestLimit" | "highestLimit">): Refused {
  const { lowestLimit: lowest, highestLimit: highest } = bounds;
  if (lowest === 0) return refuse("BadLimits", "lowestLimit", 0, 1);
  if (highest < lowest) return refuse("BadLimits", "highestLimit", tokensOf(highest), tokensOf(lowest));
  return null;
}

/** The contract's `setManually`: past step and budget, market by market; one that breaks bounds or gap is skipped. */
export function setManually(state: ContractState, values: readonly ManualOverride[], caller: Caller): Outcome {
  const missing = lacksOwnership(state, caller);
  if (missing) return missing;
  let next = state;
  const events: ContractEventBody[] = [];
  for (const value of values) {
    const result = override(next, value, caller.now);
    if ("refused" in result) return result;
    next = result.state;
    events.push(...result.events);
  }
  if (events.some(({ name }) => name === "MarketOverridden")) return { state: next, events };
  const [first] = events;
  const reason = first?.name === "MarketSkipped" ? SKIP_REASONS.indexOf(first.reason) : 0;
  return refuse("NoMarketApplied", values[0]?.marketId ?? 0, reason);
}

function override(state: ContractState, value: ManualOverride, now: number): Outcome {
  const { marketId, until } = value;
  const market = listedMarket(state, marketId);
  if (market === null) return refuse("UnknownMarket", marketId);
  const latest = now + MAX_OVERRIDE;
  if (until !== 0 && (until < now || until > latest)) return refuse("BadUntil", marketId, until, now, latest);
  const wide = tooWide(value.initialBps, value.maintenanceTargetBps);
  if (wide) return wide;
  const wrong = valuesProblem(value, { market, riskClass: classOf(state, market) }, now);
  if (wrong) return { state, events: [{ name: "MarketSkipped", marketId, ...wrong }] };
  const next = overridden(state, market, value, now);
  return { state: withMarket(state, marketId, next), events: [{ name: "MarketOverridden", ...value }] };
}

/** The market under values set by hand, its quality kept, held until the end of the hour of `until`. */
export function overridden(state: ContractState, market: Market, value: ManualOverride, now: number): Market {
  const { confidence, sources } = market;
  const next = written(
    { market, riskClass: classOf(state, market) },
    { ...value, confidence, sources, asOf: now },
    now,
  );
  return { ...next, heldUntil: value.until === 0 ? 0 : hourStart(value.until) + HOUR_SECONDS };
}

/** The refusal of haircuts that do not fit their fields. */
export function tooWide(initialBps: number, maintenanceBps: number): Refused {
  if (initialBps > 0x3fff) return refuse("BadLimits", "initialBps", initialBps, 0x3fff);
  if (maintenanceBps > 0x1fff) return refuse("BadLimits", "maintenanceBps", maintenanceBps, 0x1fff);
  return null;
}
