import { agesFrom, DAY_SECONDS, HOUR_SECONDS, minuteOf, nextWindow, timeOf, windowOf } from "../domain/calendar.ts";
import { percentApart } from "../domain/contract.ts";
import {
  type Arrivals,
  type Decision,
  type MarketHistory,
  type OnChainMarket,
  type Proposed,
  REASONS,
  type Reason,
  type Target,
} from "../domain/decision.ts";
import { maintenanceAfter, whenMoved } from "../domain/follow.ts";
import { fraction, haircutToBpsUp } from "../domain/numbers.ts";
import type { PolicyParameters } from "../domain/parameters.ts";
import { LEAST_DEPTH_HOURS, type Situation } from "./loosening.ts";
import { DEAD_BAND_PERCENT, wantedTokens } from "./propose.ts";
import { respond } from "./respond.ts";

/** Moments looked at before the walk is given up: a year of heartbeats and cool-downs. */
const MOST_MOMENTS = 4_000;
/** From one cycle to the next, as this walk counts: what the keeper's own period differs is all that its times are off. */
const CYCLE_SECONDS = 60;
/** Rules that keep a number from where the model wants it. */
const HELD = /^(held|loosening)/;
/** Holds during which nothing renews the data on chain. */
const SILENT: readonly Reason[] = ["NO_DATA", "HALTED", "DELISTED"];
/** What lasts beyond this counts as lasting for ever. */
const HORIZON_SECONDS = 3_650 * DAY_SECONDS;

/** A market on its way, and when each number last moved. */
type Walk = {
  readonly now: number;
  readonly onChain: OnChainMarket;
  readonly history: MarketHistory;
  readonly initialAt: number;
  readonly limitAt: number;
  /** The market as it was when the target of maintenance was last written, and when that was. */
  readonly target: { readonly at: number; readonly onChain: OnChainMarket };
};

type Response = { readonly proposed: Proposed; readonly decision: Decision };

/**
 * When each number on chain meets what the model asks for now, and which rule it follows until then: the live policy
 * (`respond`) walked forward under the contract's speeds and budgets, at every moment at which one of its rules may let
 * something through. Data stays as it is and is always newer, what is decided is written at once, and no other market of the
 * writer loosens meanwhile. Times are exact to the cycle.
 * @param made the decision at `at.now`, and the proposal behind it
 */
export function arrivals(target: Target, at: Situation, made: Response, rules: PolicyParameters): Arrivals {
  const landed = at.onChain.pending === null ? at.onChain : written(at.onChain, at.onChain.pending);
  const start = { now: at.now, onChain: landed, history: at.history };
  const still = { initialAt: at.now, limitAt: at.now, target: { at: at.now, onChain: landed } };
  let walk = taken({ ...start, ...still }, made.decision);
  let last = made;
  for (let n = 0; n < MOST_MOMENTS; n++) {
    const next = n === 0 ? at.now + CYCLE_SECONDS : nextMoment(walk, last, at, rules);
    if (next === null) break;
    const onChain = later(walk.onChain, walk.now, next);
    const depthHours = at.depthHours + (next - at.now) / HOUR_SECONDS;
    const asOf = next - (at.now - at.asOf);
    last = respond(target, { ...at, now: next, asOf, depthHours, onChain, history: walk.history }, rules);
    walk = taken({ ...walk, now: next, onChain }, last.decision);
  }
  return arrived(target, at, made, { walk, last }, rules);
}

/** The walk after a decision at its moment. */
function taken(walk: Walk, decision: Decision): Walk {
  if (decision.action === "hold") return walk;
  const { now, onChain, history } = walk;
  const after = written(onChain, decision);
  const isSame = (key: "storedInitialBps" | "maintenanceTargetBps" | "limit") => after[key] === onChain[key];
  const recent = history.initials.filter(([time]) => now - time <= DAY_SECONDS);
  return {
    now,
    onChain: after,
    history: {
      ...history,
      lastLoosening: decision.reasons.includes("LOOSEN") ? now : history.lastLoosening,
      lastBreaker: decision.breaker ? now : history.lastBreaker,
      initials: [...recent, [now, decision.initialBps]],
    },
    initialAt: isSame("storedInitialBps") ? walk.initialAt : now,
    limitAt: isSame("limit") ? walk.limitAt : now,
    target: isSame("maintenanceTargetBps") ? walk.target : { at: now, onChain: after },
  };
}

/** The market with three numbers written, and what of their loosening counts. */
function written(onChain: OnChainMarket, numbers: NonNullable<OnChainMarket["pending"]>): OnChainMarket {
  const { initialBps, maintenanceTargetBps, limit, asOf } = numbers;
  const loosened = Math.max(0, onChain.storedInitialBps - initialBps);
  return {
    ...onChain,
    ...{ initialBps, storedInitialBps: initialBps, maintenanceTargetBps, limit, pending: null },
    asOf: timeOf(minuteOf(asOf)),
    spentBps: onChain.spentBps + loosened,
    raised: onChain.raised + Math.max(0, limit - onChain.limit),
    writer: { ...onChain.writer, spentBps: onChain.writer.spentBps + loosened },
  };
}

/** The market at `to`, when nothing was written since `from`. */
function later(onChain: OnChainMarket, from: number, to: number): OnChainMarket {
  const { limits, writer } = onChain;
  const fresh = agesFrom(onChain) + limits.ttlHours * HOUR_SECONDS;
  const moves = Math.max(from, Math.min(to, fresh));
  const isNewWindow = windowOf(from) !== windowOf(to);
  const unspent = { spentBps: 0, raised: 0, writer: { ...writer, spentBps: 0 } };
  return {
    ...onChain,
    ...(isNewWindow ? unspent : {}),
    maintenanceBps: maintenanceAfter({ ...onChain, ...limits }, from, moves),
    mode: to < onChain.modeUntil ? onChain.mode : "NORMAL",
  };
}

/** The next moment at which a rule may let something through; null when nothing has moved for a day and no rule is about to lapse. */
function nextMoment(walk: Walk, last: Response, at: Situation, rules: PolicyParameters): number | null {
  const { now, onChain, history, initialAt, limitAt, target } = walk;
  const lapses = [
    (history.lastLoosening ?? 0) + rules.looseningCooldownSeconds,
    (history.lastBreaker ?? 0) + rules.breakerRestSeconds,
    ...[onChain.heldUntil, onChain.classHeldUntil, onChain.writer.haltedUntil],
    onChain.mode === "NORMAL" ? 0 : onChain.modeUntil,
    at.now + Math.ceil((LEAST_DEPTH_HOURS - at.depthHours) * HOUR_SECONDS),
  ].filter((time) => time < at.now + HORIZON_SECONDS);
  // The gap above maintenance lets initial go as maintenance falls, tick by tick.
  const gapBinds = last.proposed.adjustments.some(({ rule }) => rule === "gap above maintenance");
  const falls = onChain.maintenanceTargetBps < onChain.maintenanceBps;
  if (gapBinds && falls) lapses.push(whenMoved({ ...onChain, ...onChain.limits }, 1, now));
  const isSpent = onChain.spentBps > 0 || onChain.raised > 0 || onChain.writer.spentBps > 0;
  const others = [onChain.asOf + rules.heartbeatSeconds, ...(isSpent ? [nextWindow(now)] : [])];
  const next = Math.min(...[...lapses, ...others].filter((time) => time > now));
  const quietSince = Math.max(at.now, initialAt, limitAt, target.at, ...lapses.filter((time) => time <= now));
  const isOver = next - quietSince > DAY_SECONDS && lapses.every((time) => time <= now);
  return !Number.isFinite(next) || isOver ? null : now + Math.ceil((next - now) / CYCLE_SECONDS) * CYCLE_SECONDS;
}

/** What the walk's end says of each number. */
function arrived(
  target: Target,
  at: Situation,
  made: Response,
  { walk, last }: { readonly walk: Walk; readonly last: Response },
  rules: PolicyParameters,
): Arrivals {
  const { limits, lowestLimit, highestLimit, storedInitialBps, maintenanceTargetBps, limit } = walk.onChain;
  const because = bindingRules(target, at.onChain, made);
  const isHeld = (side: "initial" | "maintenance") =>
    last.proposed.adjustments.some((one) => one.side === side && HELD.test(one.rule));
  const isSilent = last.decision.action === "hold";
  const haircut = (side: "initial" | "maintenance", value: number, wanted: number, proposed: number, when: number) => {
    const isFar = Math.abs(wanted - value) >= rules.deadBandBps;
    const stuck = isFar && (isHeld(side) || (isSilent && proposed !== value));
    return stuck || when > at.now + HORIZON_SECONDS
      ? { because: because[side], value: wanted, at: null }
      : { because: because[side], value, at: when };
  };
  const wantedInitial = between(haircutToBpsUp(fraction(target.initial)), limits.minInitialBps, limits.maxInitialBps);
  const { minMaintenanceBps, maxMaintenanceBps } = limits;
  const wanted = between(haircutToBpsUp(fraction(target.maintenance)), minMaintenanceBps, maxMaintenanceBps);
  const { proposed } = last;
  const { priceUsd } = at;
  const wantedLimit =
    priceUsd === null ? limit : between(wantedTokens(target.limit.usd, priceUsd), lowestLimit, highestLimit);
  const isLimitStuck =
    percentApart(wantedLimit, limit) >= DEAD_BAND_PERCENT &&
    (HELD.test(proposed.limitRule) || (isSilent && proposed.limit !== limit));
  return {
    initial: haircut("initial", storedInitialBps, wantedInitial, proposed.initialBps, walk.initialAt),
    maintenance: haircut(
      "maintenance",
      maintenanceTargetBps,
      wanted,
      proposed.maintenanceTargetBps,
      reached(walk, last),
    ),
    limit: isLimitStuck
      ? { because: because.limit, value: wantedLimit, at: null }
      : { because: because.limit, value: limit, at: walk.limitAt },
  };
}

/** When maintenance on chain is at its last target; infinite where silence stops it before. */
function reached({ target: { at, onChain }, ...end }: Walk, last: Response): number {
  const far = Math.abs(onChain.maintenanceTargetBps - onChain.maintenanceBps);
  if (far === 0) return at;
  const when = whenMoved({ ...onChain, ...onChain.limits }, far, at);
  const fresh = agesFrom(end.onChain) + onChain.limits.ttlHours * HOUR_SECONDS;
  return when <= fresh || !SILENT.some((reason) => last.decision.reasons.includes(reason))
    ? when
    : Number.POSITIVE_INFINITY;
}

function between(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** What initial follows where no rule of the policy stands between, by `Target.initialBinding`. */
const INITIAL_FOLLOWS: Readonly<Record<string, string>> = {
  market: "today's volatility asks for it",
  gap: "it keeps the gap above maintenance",
  rise: "the price has risen faster than new loans may count it",
  depeg: "the market pays less for it than what it is a claim on, by more than the bonus bridges",
};

/** Rules of `propose` and `proposeLimit` as reasons; those not listed are reasons as they stand. */
const RULES: Readonly<Record<string, string>> = {
  "the model": "as much sells in time",
  "dead band": "what is left is within the dead band",
  "loosening pace": "it loosens at a limited pace",
  "gap above maintenance": "it keeps the gap above maintenance",
  "governance minimum": "governance's minimum binds",
  "governance maximum": "governance's maximum binds",
  "room below initial": "it leaves room below governance's highest initial",
  "ramp stopped": "the risk that it rose towards is gone",
};

type Rules = { readonly initial: string; readonly maintenance: string; readonly limit: string };

/** For each number on chain the rule that binds it now, in words that go on after "because". */
function bindingRules(
  { initialBinding }: Pick<Target, "initialBinding">,
  onChain: OnChainMarket,
  { proposed, decision }: { readonly proposed: Proposed; readonly decision: Decision },
): Rules {
  const { limits, mode } = onChain;
  const ruleOf = (side: "initial" | "maintenance", follows: string) => {
    const rule = proposed.adjustments.findLast((one) => one.side === side)?.rule;
    return rule === undefined ? follows : worded(rule);
  };
  const [first] = decision.reasons;
  /** Words for a number that would change and is not written. */
  const unwritten = (isSame: boolean) =>
    decision.action === "submit" || isSame || first === undefined ? null : REASONS[first].split(":")[0];
  const target = decision.action === "submit" ? decision.maintenanceTargetBps : onChain.maintenanceTargetBps;
  const speed = target > onChain.maintenanceBps ? limits.tightenSpeedBpsPer30Days : limits.loosenSpeedBpsPer30Days;
  const isStale = onChain.initialBps > onChain.storedInitialBps;
  return {
    initial:
      (mode !== "NORMAL" ? `the market is in mode ${mode}` : isStale ? "the data on chain is stale" : null) ??
      unwritten(proposed.initialBps === onChain.storedInitialBps) ??
      ruleOf("initial", INITIAL_FOLLOWS[initialBinding] ?? initialBinding),
    maintenance:
      unwritten(proposed.maintenanceTargetBps === onChain.maintenanceTargetBps) ??
      (target === onChain.maintenanceBps
        ? ruleOf("maintenance", "long-run volatility asks for it")
        : `the contract moves it by at most ${speed} bp in 30 days`),
    limit: unwritten(proposed.limit === onChain.limit) ?? worded(proposed.limitRule),
  };
}

function worded(rule: string): string {
  const [, codes] = /^loosening held: (.*)$/.exec(rule) ?? [];
  if (codes === undefined) return RULES[rule] ?? rule.replace(/^held: (.*)$/, "it is held ($1)");
  return codes
    .split(", ")
    .map((code) => REASONS[code as Reason]?.split(":")[0] ?? code)
    .join(" and ");
}
