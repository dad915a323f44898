import { minuteOf, timeOf } from "../../../keeper/domain/calendar.ts";
import {
  type ContractLimits,
  type Entry,
  type Hex,
  limitOf,
  MOST_CONFIDENCE,
  NO_LIMIT,
  tokensOf,
} from "../../../keeper/domain/contract.ts";
import type { Decision, OnChainMarket } from "../../../keeper/domain/decision.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { fitBatch } from "../../../keeper/policy/loosening.ts";
import { numbersOf } from "../../../keeper/protocols/words.ts";
import { tighter } from "./judge.ts";
import { RULES } from "./rules.ts";
import type { Caller, ContractState, MarketNumbers, Outcome } from "./state.ts";

const MARKET = 1;
const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
const [OWNER, WRITER, LISTER, ASSET] = [address("1"), address("2"), address("3"), address("4")] as const;
const NO_EVIDENCE: Hex = `0x${"0".repeat(64)}`;
/** An aggregate budget that limits nothing. */
const NO_BUDGET = 2 ** 24 - 1;
const LOWEST_LIMIT = 1;
type Listed = { readonly initialBps: number; readonly maintenanceBps: number };

/** Findings that can follow one another before an update passes or cannot. */
const MOST_CORRECTIONS = 8;

/** Both haircuts of an update, basis points. */
type Values = Pick<Decision, "initialBps" | "maintenanceTargetBps">;

/**
 * A parameter contract with one market, moved by its own rules: speeds, budgets, bounds, staleness. It has the class's limits;
 * its writer's aggregate budget limits nothing. Times are Unix seconds and rise.
 */
export class OneMarket {
  #state: ContractState;

  /**
   * Lists the market a minute before `now` at the haircuts (bps) nearest to these that its limits allow, and at an exposure
   * limit in tokens.
   * @param mostTokens governance's bound on that limit: the lender's own supply cap; Infinity: none
   */
  constructor(
    limits: ContractLimits,
    now: number,
    values: Values,
    limitTokens = Number.POSITIVE_INFINITY,
    mostTokens = Number.POSITIVE_INFINITY,
  ) {
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
    const highestLimit = writtenLimit(mostTokens);
    const limit = Math.min(writtenLimit(limitTokens), highestLimit);
    const exposure = { limit, lowestLimit: LOWEST_LIMIT, highestLimit };
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

  /** Most collateral that the lender should hold at `now`, whole tokens; 0 while it should take no more than it has. */
  limitTokens(now: number): number {
    const { tokens, mayGrow } = RULES.read.exposureLimit(this.#state, MARKET, now);
    if (!mayGrow) return 0;
    return tokens === tokensOf(NO_LIMIT) ? Number.POSITIVE_INFINITY : Number(tokens);
  }

  /** Writes a decision in a block at `now`. @throws RangeError when the contract refuses it */
  write(now: number, decision: Decision): void {
    const onChain = this.read(now);
    this.#publish(now, fitBatch([{ onChain, decision }]).entries);
  }

  /** Writes three numbers in a block at `now`. @throws RangeError when the contract refuses them */
  writeNumbers(now: number, numbers: MarketNumbers): void {
    this.#publish(now, [this.#entry(now, numbers)]);
  }

  #publish(now: number, entries: readonly Entry[]): void {
    const { sequence } = this.read(now).writer;
    const head = { sequence: sequence + 1, deadline: now, modelVersion: 0, evidence: NO_EVIDENCE };
    this.#state = done(RULES.publish(this.#state, { ...head, entries }, caller(WRITER, now)));
  }

  #entry(now: number, numbers: MarketNumbers): Entry {
    const { generation } = this.read(now);
    const quality = { confidence: MOST_CONFIDENCE, sources: 0 };
    return { marketId: MARKET, generation, asOf: timeOf(minuteOf(now)), ...numbers, ...quality, orTighter: false };
  }

  /**
   * The numbers nearest to these that the contract would take at `now`: each finding names the nearest allowed, and the next
   * is asked. Null when it would take none now.
   */
  nearest(now: number, wanted: MarketNumbers): MarketNumbers | null {
    const { limit, storedInitialBps: initialBps, maintenanceTargetBps } = this.read(now);
    let fitted = wanted;
    for (let tries = 0; tries < MOST_CORRECTIONS; tries += 1) {
      const found = RULES.preview(this.#state, WRITER, this.#entry(now, fitted), caller(WRITER, now));
      if (found.reason === "NONE") return fitted;
      const allowed = numbersOf(found.allowed);
      if (found.reason === "GAP_TOO_SMALL") fitted = { ...fitted, initialBps: found.allowed };
      else if (found.reason === "TOO_LOOSE" || found.reason === "STEP_TOO_LARGE") fitted = tighter(fitted, allowed);
      else if (found.reason === "TOO_TIGHT") {
        fitted = looser(fitted, tighter(allowed, { initialBps, maintenanceTargetBps, limit }));
      } else return null;
    }
    return null;
  }
}

/** An exposure limit as the contract writes it, rounded down. */
export function writtenLimit(tokens: number): number {
  if (tokens >= Number.MAX_SAFE_INTEGER) return NO_LIMIT;
  return Math.max(LOWEST_LIMIT, limitOf(Math.floor(tokens)));
}

function looser(one: MarketNumbers, other: MarketNumbers): MarketNumbers {
  return {
    initialBps: Math.min(one.initialBps, other.initialBps),
    maintenanceTargetBps: Math.min(one.maintenanceTargetBps, other.maintenanceTargetBps),
    limit: Math.max(one.limit, other.limit),
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
