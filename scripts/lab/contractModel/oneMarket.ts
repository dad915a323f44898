import { minuteOf, timeOf } from "../../../keeper/domain/calendar.ts";
import type { ContractLimits, Entry, Hex } from "../../../keeper/domain/contract.ts";
import type { Decision, OnChainMarket } from "../../../keeper/domain/decision.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { fitBatch } from "../../../keeper/policy/fitBatch.ts";
import { numbersOf } from "../../../keeper/protocols/words.ts";
import { RULES } from "./rules.ts";
import type { Caller, ContractState, Outcome } from "./state.ts";

const MARKET = 1;
const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
const [OWNER, WRITER, LISTER, ASSET] = [address("1"), address("2"), address("3"), address("4")] as const;
const NO_EVIDENCE: Hex = `0x${"0".repeat(64)}`;
/** An aggregate budget and an exposure limit that limit nothing. */
const [NO_BUDGET, NO_LIMIT] = [2 ** 24 - 1, 0xffff];
type Listed = { readonly initialBps: number; readonly maintenanceBps: number };

/** Findings that can follow one another before an update passes or cannot. */
const MOST_CORRECTIONS = 8;

/** Both haircuts of an update, basis points. */
type Values = Pick<Decision, "initialBps" | "maintenanceTargetBps">;

/**
 * A parameter contract with one market, moved by its own rules: speeds, budgets, bounds, staleness. It has the class's limits;
 * its writer's aggregate budget and the exposure limit limit nothing. Times are Unix seconds and rise.
 */
export class OneMarket {
  #state: ContractState;

  /** Lists the market a minute before `now` at the haircuts (bps) nearest to these that its limits allow. */
  constructor(limits: ContractLimits, now: number, values: Values) {
    const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
    const maintenanceBps = clamp(values.maintenanceTargetBps, limits.minMaintenanceBps, limits.maxMaintenanceBps);
    const wanted = Math.max(values.initialBps, maintenanceBps + limits.minGapBps);
    const initialBps = clamp(wanted, limits.minInitialBps, limits.maxInitialBps);
    const governance = caller(OWNER, now - 60);
    const admit = (state: ContractState, account: Hex, power: "HOT" | "LISTER") =>
      done(RULES.govern.admit(state, { account, power, aggregateBps: NO_BUDGET, tripBps: 0 }, governance));
    const empty = { ...RULES.empty, owner: OWNER };
    const defined = done(RULES.govern.setLimits(empty, 0, limits, governance));
    const admitted = admit(admit(defined, WRITER, "HOT"), LISTER, "LISTER");
    const exposure = { limit: NO_LIMIT, lowestLimit: 1, highestLimit: NO_LIMIT };
    const listing = { collateral: ASSET, debt: ASSET, classId: 0, initialBps, maintenanceBps, ...exposure };
    this.#state = done(RULES.list(admitted, listing, caller(LISTER, now - 60)));
  }

  /** What the keeper reads in a block at `now`. */
  read(now: number): OnChainMarket {
    return RULES.read.market(this.#state, MARKET, now, WRITER) as OnChainMarket;
  }

  /** What consumers read at `now`, fractions. */
  haircuts(now: number): { readonly initial: number; readonly maintenance: number } {
    const { initialBps, maintenanceBps } = RULES.read.haircuts(this.#state, MARKET, now);
    return { initial: initialBps / 10_000, maintenance: maintenanceBps / 10_000 };
  }

  /** Writes a decision in a block at `now`. @throws RangeError when the contract refuses it */
  write(now: number, decision: Decision): void {
    const onChain = this.read(now);
    const { entries } = fitBatch([{ onChain, decision }]);
    const head = { sequence: onChain.writer.sequence + 1, deadline: now, modelVersion: 0, evidence: NO_EVIDENCE };
    this.#state = done(RULES.publish(this.#state, { ...head, entries }, caller(WRITER, now)));
  }

  /**
   * The values nearest to these that the contract would take at `now`: each finding names the nearest value allowed, and the
   * next is asked. Null when it would take none now.
   */
  nearest(now: number, values: Values): Values | null {
    const { limit, generation, storedInitialBps, maintenanceTargetBps } = this.read(now);
    const rest = { marketId: MARKET, generation, limit, confidence: 0, sources: 0, orTighter: false };
    let fitted = values;
    for (let tries = 0; tries < MOST_CORRECTIONS; tries += 1) {
      const entry: Entry = { ...rest, ...fitted, asOf: timeOf(minuteOf(now)) };
      const found = RULES.preview(this.#state, WRITER, entry, caller(WRITER, now));
      if (found.reason === "NONE") return fitted;
      const allowed = numbersOf(found.allowed);
      if (found.reason === "GAP_TOO_SMALL") fitted = { ...fitted, initialBps: found.allowed };
      else if (found.reason === "TOO_LOOSE" || found.reason === "STEP_TOO_LARGE") {
        fitted = each(Math.max, fitted, allowed);
      } else if (found.reason === "TOO_TIGHT") {
        const stored = { initialBps: storedInitialBps, maintenanceTargetBps };
        fitted = each(Math.min, fitted, each(Math.max, allowed, stored));
      } else return null;
    }
    return null;
  }
}

function each(of: (a: number, b: number) => number, one: Values, other: Values): Values {
  return {
    initialBps: of(one.initialBps, other.initialBps),
    maintenanceTargetBps: of(one.maintenanceTargetBps, other.maintenanceTargetBps),
  };
}

/**
 * A market as a contract shows it at `now` (Unix seconds) that listed it a minute before, alone, with these haircuts.
 * @throws TonsorError BAD_ARGUMENT when they lie outside its limits
 */
export function listedAlone(
  limits: ContractLimits,
  { initialBps, maintenanceBps }: Listed,
  now: number,
): OnChainMarket {
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

function caller(address: Hex, now: number): Caller {
  return { address, now, mayLoosen: () => true, hasCode: () => true };
}

/** The state after a call that the contract's rules must not refuse. */
function done(outcome: Outcome): ContractState {
  if ("state" in outcome) return outcome.state;
  throw new RangeError(`the contract's rules refuse ${JSON.stringify(outcome.refused)}`);
}
