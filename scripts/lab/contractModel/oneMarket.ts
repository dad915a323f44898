import type { ContractLimits, Hex, ProfileValues } from "../../../keeper/domain/contract.ts";
import type { Decision, OnChainMarket } from "../../../keeper/domain/decision.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { fitBatch } from "../../../keeper/policy/fitBatch.ts";
import { RULES } from "./rules.ts";
import type { Caller, ContractState, Outcome } from "./state.ts";

const MARKET = 1;
const NOBODY: Hex = `0x${"0".repeat(40)}`;
type Limits = ContractLimits & ProfileValues;
type Listed = { readonly initialBps: number; readonly maintenanceBps: number };

/** Findings that can follow one another before an update passes or cannot. */
const MOST_CORRECTIONS = 8;

/** Both haircuts of an update, basis points. */
type Values = Pick<Decision, "initialBps" | "maintenanceTargetBps">;

/**
 * A parameter contract with one market, moved by its own rules: speeds, budgets, bounds, staleness. It has the class's limits
 * and an aggregate budget that limits nothing. Times are Unix seconds and rise.
 */
export class OneMarket {
  #state: ContractState;

  /** Lists the market a minute before `now` at the haircuts (bps) nearest to these that its limits allow. */
  constructor(limits: Limits, now: number, values: Values) {
    const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
    const maintenanceBps = clamp(values.maintenanceTargetBps, limits.minMaintenanceBps, limits.maxMaintenanceBps);
    const wanted = Math.max(values.initialBps, maintenanceBps + limits.minGapBps);
    const initialBps = clamp(wanted, limits.minInitialBps, limits.maxInitialBps);
    const at = (role: "governance" | "lister") => caller(role, now - 60);
    const empty = { ...RULES.empty, profiles: [limits] };
    const defined = done(RULES.govern.setLimits(empty, 0, limits, at("governance")));
    const budget = 10 * limits.looseningBudgetBpsPerDay;
    const budgeted = done(RULES.govern.setAggregateBudget(defined, budget, budget, at("governance")));
    const listing = { collateral: NOBODY, debt: NOBODY, classId: 0, group: 0, initialBps, maintenanceBps };
    this.#state = done(RULES.list(budgeted, listing, at("lister")));
  }

  /** What the keeper reads in a block at `now`. */
  read(now: number): OnChainMarket {
    return RULES.read.market(this.#state, MARKET, now) as OnChainMarket;
  }

  /** What consumers read at `now`, fractions. */
  haircuts(now: number): { readonly initial: number; readonly maintenance: number } {
    const { initialBps, maintenanceBps } = RULES.read.haircuts(this.#state, MARKET, now);
    return { initial: initialBps / 10_000, maintenance: maintenanceBps / 10_000 };
  }

  /** Writes a decision in a block at `now`. @throws RangeError when the contract refuses it */
  write(now: number, decision: Decision): void {
    const { entries } = fitBatch([{ onChain: this.read(now), decision }], now);
    const { sequence, generation } = this.#state.door;
    const place = { sequence: sequence + 1, generation, deadline: now, modelVersion: 0, evidence: NOBODY };
    this.#state = done(RULES.update(this.#state, { ...place, entries }, caller("keeper", now), false, () => true));
  }

  /**
   * The values nearest to these that the contract would take at `now`: each finding names the nearest value allowed, and the
   * next is asked. Null when it would take none now.
   */
  nearest(now: number, values: Values): Values | null {
    let fitted = values;
    for (let tries = 0; tries < MOST_CORRECTIONS; tries += 1) {
      const update = { marketId: MARKET, ...fitted, asOf: now };
      const found = RULES.preview(this.#state, update, { now, quorum: false, mayLoosen: () => true });
      if (found.reason === "NONE") return fitted;
      if (found.reason.startsWith("ASOF") || found.reason === "OVERRIDDEN") return null;
      const side = found.reason === "MAINTENANCE_OUT_OF_BOUNDS" || found.given !== fitted.initialBps;
      fitted = side ? { ...fitted, maintenanceTargetBps: found.allowed } : { ...fitted, initialBps: found.allowed };
    }
    return null;
  }
}

/**
 * A market as a contract shows it at `now` (Unix seconds) that listed it a minute before, alone, with these haircuts.
 * @throws TonsorError BAD_ARGUMENT when they lie outside its limits
 */
export function listedAlone(limits: Limits, { initialBps, maintenanceBps }: Listed, now: number): OnChainMarket {
  const fits =
    initialBps >= limits.minInitialBps &&
    initialBps <= limits.maxInitialBps &&
    maintenanceBps >= limits.minMaintenanceBps &&
    maintenanceBps <= Math.min(limits.maxMaintenanceBps, initialBps - limits.minGapBps);
  if (fits) return new OneMarket(limits, now, { initialBps, maintenanceTargetBps: maintenanceBps }).read(now);
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
