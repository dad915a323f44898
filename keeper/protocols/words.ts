import { minuteOf, timeOf } from "../domain/calendar.ts";
import {
  type Account,
  type ContractLimits,
  type Entry,
  type Hex,
  type MarketMode,
  MODES,
  NEVER_LAPSES,
  POWERS,
  SKIP_REASONS,
  type SkipReason,
} from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";

/**
 * What the contract stores, read out of its words, and the entries of a batch: the layout of contracts/parameters/Words.sol.
 * A test writes every field on a real contract and reads it here.
 */

/** A field: its width in bits and its place, counted from the lowest. */
type Field = readonly [width: number, place: number];

/** The value of a field. */
function get(word: bigint, [width, place]: Field): number {
  return Number((word >> BigInt(place)) & ((1n << BigInt(width)) - 1n));
}

/** Minutes or hours of a field, as Unix seconds; 0 stays 0. */
const hours = (hour: number): number => (hour === 0 ? 0 : timeOf(hour * 60));

/** `M.MODE_UNTIL` of a mode that does not lapse. */
const FOREVER = 0x7ffff;

/** The three numbers of a market, of an entry for one, or of a refusal. */
type Numbers = Pick<Entry, "initialBps" | "maintenanceTargetBps" | "limit">;

/** One market as stored: values before time has carried them to now. Times in Unix seconds. */
export type StoredMarket = Numbers & {
  readonly challenged: boolean;
  readonly probed: boolean;
  readonly confidence: number;
  readonly sources: number;
  /** Where maintenance stood at `settled`. */
  readonly maintenanceBps: number;
  readonly settled: number;
  /** Time of the oldest datum. */
  readonly asOf: number;
  /** Loosening of initial, and raises of the limit in notches, in the window of `settled`. */
  readonly spentBps: number;
  readonly raised: number;
  /** Minutes from the last change of the three numbers to `settled`; 4095: that or more. */
  readonly unchangedMinutes: number;
  readonly tightenSpeedBpsPer30Days: number;
  readonly loosenSpeedBpsPer30Days: number;
  readonly ttlHours: number;
  readonly lowestLimit: number;
  readonly highestLimit: number;
  /** Until when governance holds the values; 0: never. */
  readonly heldUntil: number;
  readonly mode: MarketMode;
  /** When the mode last set lapses; 0 when none was set, NEVER_LAPSES when it does not. */
  readonly modeUntil: number;
  readonly classId: number;
  /** 16 and the moves to another class modulo 16; 0: delisted. */
  readonly generation: number;
};

/** A market out of its word. */
export function storedMarketOf(word: bigint): StoredMarket {
  const settled = get(word, [25, 74]);
  const until = get(word, [19, 226]);
  return {
    ...numbersOf(word),
    challenged: get(word, [1, 13]) === 1,
    probed: get(word, [1, 28]) === 1,
    confidence: get(word, [5, 56]),
    sources: get(word, [11, 45]),
    maintenanceBps: get(word, [13, 61]),
    settled: timeOf(settled),
    asOf: timeOf(settled - get(word, [12, 99])),
    spentBps: get(word, [8, 111]),
    raised: get(word, [12, 119]),
    unchangedMinutes: get(word, [12, 131]),
    tightenSpeedBpsPer30Days: get(word, [12, 143]),
    loosenSpeedBpsPer30Days: get(word, [12, 155]),
    ttlHours: get(word, [6, 167]),
    highestLimit: 0xffff - get(word, [16, 173]),
    lowestLimit: 0xffff - get(word, [16, 189]),
    heldUntil: hours(get(word, [19, 205])),
    mode: MODES[get(word, [2, 224])] ?? "FROZEN",
    modeUntil: until === FOREVER ? NEVER_LAPSES : hours(until),
    classId: get(word, [6, 245]),
    generation: get(word, [5, 251]),
  };
}

/** Limits of a class out of its word, and until when a guardian lets nothing loosen in it (Unix seconds; 0: never). */
export function storedClassOf(word: bigint): { readonly limits: ContractLimits; readonly heldUntil: number } {
  const limits = {
    minInitialBps: get(word, [14, 14]),
    maxInitialBps: get(word, [14, 43]),
    minMaintenanceBps: get(word, [13, 0]),
    maxMaintenanceBps: get(word, [13, 29]),
    minGapBps: get(word, [12, 107]),
    liquidationBonusBps: get(word, [13, 119]),
    tightenSpeedBpsPer30Days: get(word, [12, 57]),
    loosenSpeedBpsPer30Days: get(word, [12, 69]),
    ttlHours: get(word, [6, 81]),
    decayHours: get(word, [6, 87]),
    staleInitialCapBps: get(word, [14, 93]),
    maxAgeMinutes: get(word, [12, 132]),
    hotStepBps: get(word, [12, 144]),
    quorumStepBps: get(word, [12, 188]),
    hotBudgetBps: get(word, [8, 156]),
    quorumBudgetBps: get(word, [8, 200]),
    hotRaiseStep: get(word, [12, 164]),
    quorumRaiseStep: get(word, [12, 208]),
    hotRaiseBudget: get(word, [12, 176]),
    quorumRaiseBudget: get(word, [12, 220]),
  };
  return { limits, heldUntil: hours(get(word, [19, 232])) };
}

/** An account out of its word. */
export function storedAccountOf(word: bigint): Account {
  return {
    power: POWERS[get(word, [3, 0])] ?? "NONE",
    sequence: get(word, [40, 3]),
    window: get(word, [16, 43]),
    spentBps: get(word, [24, 59]),
    refusedBps: get(word, [24, 83]),
    aggregateBps: get(word, [24, 107]),
    tripBps: get(word, [24, 131]),
    tightenOnly: get(word, [1, 155]) === 1,
    haltedUntil: hours(get(word, [19, 156])),
  };
}

/** The three numbers, which lie alike in the word of a market, an entry and a refusal: N of Words.sol. */
export function numbersOf(word: bigint | number): Numbers {
  const numbers = BigInt(word);
  const limit = 0xffff - get(numbers, [16, 29]);
  return { initialBps: get(numbers, [14, 14]), maintenanceTargetBps: get(numbers, [13, 0]), limit };
}

/** Bytes of one market in a batch, laid out as E. */
const ENTRY_BYTES = 14;
const DIGITS = ENTRY_BYTES * 2;

/**
 * Bytes of a batch's entries. Throws OUT_OF_RANGE when a value does not fit its bits, BAD_ARGUMENT when there are none.
 * Of `asOf` the minute is written.
 */
export function encodeEntries(entries: readonly Entry[]): Hex {
  if (entries.length === 0) {
    const facts = { field: "entries", given: 0, expected: "at least one market" };
    throw new TonsorError("BAD_ARGUMENT", "a batch names no market", facts);
  }
  return `0x${entries.map((entry) => encodeEntry(entry).slice(2)).join("")}`;
}

/** The 14 bytes of one entry, as `preview` takes them. @throws TonsorError OUT_OF_RANGE */
export function encodeEntry(entry: Entry): Hex {
  const quality = (fits("confidence", entry.confidence, 5) << 11n) | fits("sources", entry.sources, 11);
  const word =
    fits("maintenanceTargetBps", entry.maintenanceTargetBps, 13) |
    (BigInt(entry.orTighter) << 13n) |
    (fits("initialBps", entry.initialBps, 14) << 14n) |
    ((0xffffn - fits("limit", entry.limit, 16)) << 29n) |
    (quality << 45n) |
    (fits("generation", entry.generation, 5) << 61n) |
    (fits("asOf", minuteOf(entry.asOf), 25) << 66n) |
    (fits("marketId", entry.marketId, 16) << 96n);
  return `0x${word.toString(16).padStart(DIGITS, "0")}`;
}

/** The entries in the bytes of a batch. Throws BAD_ARGUMENT for what the contract refuses as BadEntries. */
export function decodeEntries(data: Hex): Entry[] {
  const digits = data.slice(2);
  if (digits.length === 0 || digits.length % DIGITS !== 0) {
    const facts = { field: "entries", given: digits.length / 2, expected: `a multiple of ${ENTRY_BYTES} bytes` };
    throw new TonsorError("BAD_ARGUMENT", "the entries of a batch end inside one", facts);
  }
  return Array.from({ length: digits.length / DIGITS }, (_, i) =>
    decodeEntry(BigInt(`0x${digits.slice(i * DIGITS, (i + 1) * DIGITS)}`)),
  );
}

function decodeEntry(word: bigint): Entry {
  return {
    marketId: get(word, [16, 96]),
    generation: get(word, [5, 61]),
    asOf: timeOf(get(word, [25, 66])),
    ...numbersOf(word),
    confidence: get(word, [5, 56]),
    sources: get(word, [11, 45]),
    orTighter: get(word, [1, 13]) === 1,
  };
}

function fits(field: string, value: number, bits: number): bigint {
  const most = 2 ** bits - 1;
  if (Number.isInteger(value) && value >= 0 && value <= most) return BigInt(value);
  const facts = { field, given: value, expected: `a whole number up to ${most}` };
  throw new TonsorError("OUT_OF_RANGE", "a value does not fit its bits in an entry", facts);
}

/** What each reason to skip a market means; `given` and `allowed` are in the unit named. */
export const SKIP_WORDS: Readonly<Record<SkipReason, string>> = {
  NONE: "the market would be applied",
  UNKNOWN_MARKET: "no market of that id is listed",
  WRONG_GENERATION: "made before governance moved the market to another class",
  ASOF_IN_FUTURE: "the data is from after the block, minutes of the contract's calendar",
  ASOF_TOO_OLD: "the data is older than the market takes, minutes of the contract's calendar",
  TOO_LOOSE: "one of the three numbers is looser than governance's bounds",
  TOO_TIGHT: "one of the three numbers is tighter than governance's bounds",
  GAP_TOO_SMALL: "initial too close to maintenance, bps",
  ASOF_NOT_INCREASING: "the data is not newer than what is on chain, minutes of the contract's calendar",
  HELD: "governance holds the values by hand, minutes of the contract's calendar",
  TIGHTEN_ONLY: "loosening by a writer that has tripped, or in a class that a guardian holds",
  STEP_TOO_LARGE: "looser than one step or the market's budget of this window reaches",
  AGGREGATE_SPENT: "loosening by more than the writer has left in this window, bps",
  PROBE_REFUSED: "the market's health check (`probe`) does not let it loosen, bps",
};

/** Name of a skip reason by its number on chain. */
export function skipReasonName(reason: number): string {
  return SKIP_REASONS[reason] ?? `UNKNOWN_REASON_${reason}`;
}
