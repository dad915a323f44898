import type { MarketHistory, OnChainLimits, OnChainMarket, Target } from "../../../domain/decision.ts";
import type { PolicyParameters } from "../../../domain/parameters.ts";
import { haircutToBpsUp } from "../../../domain/units.ts";
import { budgetAvailableBps } from "../../../policy/budget.ts";
import { decide } from "../../../policy/decide.ts";
import { applyUpdate, effectiveHaircuts } from "../../../policy/limits.ts";
import { looseningBlockers } from "../../../policy/loosening.ts";
import { propose } from "../../../policy/propose.ts";
import type { Haircuts } from "./methods.ts";

const DAY = 86_400;

/**
 * One market on chain, moved by the live policy: what is proposed and decided by `propose` and `decide`, applied by the
 * contract's rules. Sources are all there and agree, and every transaction is mined at once: what is measured is the policy.
 */
export class ChainPath {
  readonly #policy: PolicyParameters;
  readonly #limits: OnChainLimits;
  #market: OnChainMarket | null = null;
  #lastBreaker: number | null = null;
  #lastLoosening: number | null = null;
  #initials: (readonly [time: number, bps: number])[] = [];
  /** Transactions sent so far. */
  updates = 0;

  constructor(policy: PolicyParameters, limits: OnChainLimits) {
    this.#policy = policy;
    this.#limits = limits;
  }

  /** Shows the keeper a target at `now` (rising) and returns what consumers read after its decision, fractions. */
  step(now: number, target: Target): Haircuts {
    const before = this.#market ?? this.#listed(now, target);
    const seen = effectiveHaircuts(before, this.#limits, now);
    const onChain = { ...before, initialBps: seen.initialBps, maintenanceBps: seen.maintenanceBps };
    this.#market = this.#decided(now, target, onChain);
    const { initialBps, maintenanceBps } = effectiveHaircuts(this.#market, this.#limits, now);
    return { initial: initialBps / 10_000, maintenance: maintenanceBps / 10_000 };
  }

  #decided(now: number, target: Target, onChain: OnChainMarket): OnChainMarket {
    const rules = this.#policy;
    this.#initials = this.#initials.filter(([time]) => now - time <= DAY);
    const history: MarketHistory = { ...NOTHING, ...this.#memory() };
    const facts = { now, confidence: 1, agreement: true, depthHours: 24, mode: onChain.mode, history };
    const blockers = looseningBlockers(facts, rules);
    const budgetBps = budgetAvailableBps(onChain, now);
    const proposed = propose(target, { now, onChain, history, blockers, budgetBps, maintenanceMayMove: true }, rules);
    const wouldLoosen =
      onChain.storedInitialBps - haircutToBpsUp(target.initial) >= rules.deadBandBps ||
      onChain.maintenanceTargetBps - haircutToBpsUp(target.maintenance) >= rules.deadBandBps;
    const context = {
      now,
      asOf: now,
      confidence: 1,
      sources: 0,
      onChain,
      history,
      blockers,
      usable: true,
      wouldLoosen,
    };
    const decision = decide(proposed, context, rules);
    if (decision.action === "hold") return onChain;
    const { state } = applyUpdate(onChain, this.#limits, decision, now);
    this.updates++;
    if (decision.breaker) this.#lastBreaker = now;
    if (decision.reasons.includes("LOOSEN")) this.#lastLoosening = now;
    this.#initials.push([now, state.storedInitialBps]);
    return state;
  }

  #memory() {
    return { lastBreaker: this.#lastBreaker, lastLoosening: this.#lastLoosening, initials: this.#initials };
  }

  /** Listed at the first target, within governance's bounds. */
  #listed(now: number, target: Target): OnChainMarket {
    const { minMaintenanceBps, maxMaintenanceBps, minInitialBps, maxInitialBps, minGapBps } = this.#limits;
    const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
    const maintenance = clamp(haircutToBpsUp(target.maintenance), minMaintenanceBps, maxMaintenanceBps);
    const initial = clamp(
      Math.max(haircutToBpsUp(target.initial), maintenance + minGapBps),
      minInitialBps,
      maxInitialBps,
    );
    return {
      marketId: 1,
      initialBps: initial,
      maintenanceBps: maintenance,
      mode: "NORMAL",
      storedInitialBps: initial,
      maintenanceTargetBps: maintenance,
      maintenanceNanoBps: BigInt(maintenance) * 1_000_000_000n,
      maintenanceTime: now - 1,
      asOf: now - 1,
      budgetNanoBps: 0n,
      budgetTime: now - 1,
      limits: this.#limits,
      pending: null,
    };
  }
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
