import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { ContractLimits } from "../../../../keeper/domain/contract.ts";
import { type MarketHistory, NO_HISTORY, type OnChainMarket, type Target } from "../../../../keeper/domain/decision.ts";
import { haircutToBpsUp } from "../../../../keeper/domain/numbers.ts";
import type { PolicyParameters } from "../../../../keeper/domain/parameters.ts";
import { respond } from "../../../../keeper/policy/respond.ts";
import { OneMarket } from "../../contractModel/oneMarket.ts";
import type { Haircuts } from "./methods.ts";

/** The cap in tokens, a number that the contract writes exactly: a world's cap is the same in USD whatever the price. */
const CAP_TOKENS = 2 ** 20;

/**
 * One market on chain, moved by the live policy: what `respond` proposes and decides, applied by the
 * contract's rules. Sources are all there and agree, and every transaction is mined at once: what is measured is the policy.
 */
export class ChainPath {
  readonly #policy: PolicyParameters;
  readonly #limits: ContractLimits;
  readonly #priceUsd: number | null;
  #market: OneMarket | null = null;
  #lastBreaker: number | null = null;
  #lastLoosening: number | null = null;
  #initials: (readonly [time: number, bps: number])[] = [];
  /** Transactions sent so far. */
  updates = 0;
  /** When the daily-rise limit was exceeded, Unix seconds. */
  readonly trips: number[] = [];

  /** @param supplyCapUsd of a lender whose exposure limit moves too, at most to that cap; null: the limit stays */
  constructor(policy: PolicyParameters, limits: ContractLimits, supplyCapUsd: number | null = null) {
    this.#policy = policy;
    this.#limits = limits;
    this.#priceUsd = supplyCapUsd === null ? null : supplyCapUsd / CAP_TOKENS;
  }

  /**
   * Shows the keeper a target at `now` (rising) and returns what consumers read after its decision: haircuts, and the exposure
   * limit over the supply cap, fractions.
   */
  step(now: number, target: Target): Haircuts & { readonly limitOverCap: number } {
    const opening = {
      initialBps: haircutToBpsUp(target.initial),
      maintenanceTargetBps: haircutToBpsUp(target.maintenance),
    };
    this.#market ??= new OneMarket(this.#limits, now, opening, CAP_TOKENS, CAP_TOKENS);
    this.#decide(now, target, this.#market);
    return { ...this.#market.haircuts(now), limitOverCap: this.#market.limitTokens(now) / CAP_TOKENS };
  }

  #decide(now: number, target: Target, market: OneMarket): void {
    const decision = this.#decision(now, target, market.read(now));
    if (decision.action === "hold") return;
    market.write(now, decision);
    this.updates++;
    if (decision.breaker) {
      this.#lastBreaker = now;
      this.trips.push(now);
    }
    if (decision.reasons.includes("LOOSEN")) this.#lastLoosening = now;
    this.#initials.push([now, decision.initialBps]);
  }

  #decision(now: number, target: Target, onChain: OnChainMarket) {
    const rules = this.#policy;
    this.#initials = this.#initials.filter(([time]) => now - time <= DAY_SECONDS);
    const history: MarketHistory = { ...NO_HISTORY, ...this.#memory() };
    const seen = { now, asOf: now, confidence: 1, sources: 0, agreement: true, depthHours: 24, onChain, history };
    const known = { ...seen, priceUsd: this.#priceUsd, maintenanceMayMove: true, usable: true };
    return respond(target, known, rules).decision;
  }

  #memory() {
    return { lastBreaker: this.#lastBreaker, lastLoosening: this.#lastLoosening, initials: this.#initials };
  }
}
