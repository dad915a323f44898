import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { ContractLimits, Hex, ProfileValues } from "../../../../keeper/domain/contract.ts";
import type { MarketHistory, OnChainMarket, Target } from "../../../../keeper/domain/decision.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import { haircutToBpsUp } from "../../../../keeper/domain/numbers.ts";
import type { PolicyParameters } from "../../../../keeper/domain/parameters.ts";
import { decide } from "../../../../keeper/policy/decide.ts";
import { fitBatch } from "../../../../keeper/policy/fitBatch.ts";
import { looseningBlockers, looseningLeftBps } from "../../../../keeper/policy/loosening.ts";
import { propose } from "../../../../keeper/policy/propose.ts";
import { RULES } from "../../contractModel/rules.ts";
import type { Caller, ContractState, Outcome } from "../../contractModel/state.ts";
import type { Haircuts } from "./methods.ts";

const MARKET = 1;
const NOBODY: Hex = `0x${"0".repeat(40)}`;

/**
 * One market on chain, moved by the live policy: what is proposed and decided by `propose` and `decide`, applied by the
 * contract's rules. Sources are all there and agree, and every transaction is mined at once: what is measured is the policy.
 */
export class ChainPath {
  readonly #policy: PolicyParameters;
  readonly #limits: ContractLimits & ProfileValues;
  #state: ContractState | null = null;
  #lastBreaker: number | null = null;
  #lastLoosening: number | null = null;
  #initials: (readonly [time: number, bps: number])[] = [];
  /** Transactions sent so far. */
  updates = 0;
  /** When the daily-rise limit was exceeded, Unix seconds. */
  readonly trips: number[] = [];

  constructor(policy: PolicyParameters, limits: ContractLimits & ProfileValues) {
    this.#policy = policy;
    this.#limits = limits;
  }

  /** Shows the keeper a target at `now` (rising) and returns what consumers read after its decision, fractions. */
  step(now: number, target: Target): Haircuts {
    const before = this.#state ?? this.#listed(now, target);
    this.#state = this.#decided(now, target, before);
    const { initialBps, maintenanceBps } = RULES.read.haircuts(this.#state, MARKET, now);
    return { initial: initialBps / 10_000, maintenance: maintenanceBps / 10_000 };
  }

  #decided(now: number, target: Target, state: ContractState): ContractState {
    const onChain = RULES.read.market(state, MARKET, now);
    if (onChain === null) throw new RangeError("the market of a backtest is not listed");
    const decision = this.#decision(now, target, onChain);
    if (decision.action === "hold") return state;
    const { entries } = fitBatch([{ onChain, decision }], now);
    const { sequence, generation } = state.door;
    const place = { sequence: sequence + 1, generation, deadline: now, modelVersion: 0, evidence: NOBODY };
    const next = done(RULES.update(state, { ...place, entries }, caller("keeper", now), false, () => true));
    this.updates++;
    if (decision.breaker) {
      this.#lastBreaker = now;
      this.trips.push(now);
    }
    if (decision.reasons.includes("LOOSEN")) this.#lastLoosening = now;
    this.#initials.push([now, decision.initialBps]);
    return next;
  }

  #decision(now: number, target: Target, onChain: OnChainMarket) {
    const rules = this.#policy;
    this.#initials = this.#initials.filter(([time]) => now - time <= DAY_SECONDS);
    const history: MarketHistory = { ...NOTHING, ...this.#memory() };
    const facts = { now, confidence: 1, agreement: true, depthHours: 24, mode: onChain.mode, history };
    const blockers = looseningBlockers({ ...facts, tightenOnly: onChain.door.tightenOnly, newer: true }, rules);
    const budgetBps = looseningLeftBps(onChain);
    const proposed = propose(target, { now, onChain, history, blockers, budgetBps, maintenanceMayMove: true }, rules);
    const wouldLoosen =
      onChain.storedInitialBps - haircutToBpsUp(target.initial) >= rules.deadBandBps ||
      onChain.maintenanceTargetBps - haircutToBpsUp(target.maintenance) >= rules.deadBandBps;
    const seen = { now, asOf: now, confidence: 1, sources: 0, onChain, history };
    return decide(proposed, { ...seen, blockers, usable: true, wouldLoosen }, rules);
  }

  #memory() {
    return { lastBreaker: this.#lastBreaker, lastLoosening: this.#lastLoosening, initials: this.#initials };
  }

  /** Listed at the first target, within governance's bounds, some minutes before it, alone in the aggregate budget. */
  #listed(now: number, target: Target): ContractState {
    const limits = this.#limits;
    const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
    const maintenanceBps = clamp(
      haircutToBpsUp(target.maintenance),
      limits.minMaintenanceBps,
      limits.maxMaintenanceBps,
    );
    const wanted = Math.max(haircutToBpsUp(target.initial), maintenanceBps + limits.minGapBps);
    const initialBps = clamp(wanted, limits.minInitialBps, limits.maxInitialBps);
    return listed(limits, { initialBps, maintenanceBps }, now);
  }
}

type Limits = ContractLimits & ProfileValues;
type Listed = { readonly initialBps: number; readonly maintenanceBps: number };

function listed(limits: Limits, values: Listed, now: number): ContractState {
  const at = (role: "governance" | "lister") => caller(role, now - 60);
  const empty = { ...RULES.empty, profiles: [limits] };
  const defined = done(RULES.govern.setLimits(empty, 0, limits, at("governance")));
  const budget = 10 * limits.looseningBudgetBpsPerDay;
  const budgeted = done(RULES.govern.setAggregateBudget(defined, budget, budget, at("governance")));
  const listing = { collateral: NOBODY, debt: NOBODY, classId: 0, group: 0, ...values };
  return done(RULES.list(budgeted, listing, at("lister")));
}

/**
 * A market as a contract shows it at `now` (Unix seconds) that listed it a minute before, alone, with these haircuts.
 * @throws TonsorError BAD_ARGUMENT when they lie outside its limits
 */
export function listedAlone(limits: Limits, values: Listed, now: number): OnChainMarket {
  const { initialBps, maintenanceBps } = values;
  const fits =
    initialBps >= limits.minInitialBps &&
    initialBps <= limits.maxInitialBps &&
    maintenanceBps >= limits.minMaintenanceBps &&
    maintenanceBps <= Math.min(limits.maxMaintenanceBps, initialBps - limits.minGapBps);
  const market = fits ? RULES.read.market(listed(limits, values, now), MARKET, now) : null;
  if (market !== null) return market;
  throw new TonsorError("BAD_ARGUMENT", "no contract lists a market like this", {
    ...{ field: "haircuts on chain", given: `${initialBps},${maintenanceBps}` },
    expected:
      `initial in [${limits.minInitialBps}, ${limits.maxInitialBps}] bp, maintenance in [${limits.minMaintenanceBps}, ` +
      `${limits.maxMaintenanceBps}] bp and ${limits.minGapBps} bp below`,
  });
}

function caller(role: "governance" | "keeper" | "lister", now: number): Caller {
  return { address: NOBODY, roles: new Set([role]), now };
}

/** The state after a call that the contract's rules must not refuse. */
function done(outcome: Outcome): ContractState {
  if ("state" in outcome) return outcome.state;
  throw new RangeError(`the contract's rules refuse ${JSON.stringify(outcome.refused)}`);
}

const NOTHING: MarketHistory = {
  depth: [],
  lastImplied: null,
  lastVolatility: [],
  lastDepth: null,
  lastBreaker: null,
  lastLoosening: null,
  initials: [],
};
