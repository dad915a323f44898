import { minuteOf, timeOf } from "../domain/calendar.ts";
import type { Entry, Hex } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { get, numbersOf } from "./words.ts";

/** Bytes of one market in a batch, laid out as E of contracts/parameters/Words.sol. */
const BYTES = 14;
const DIGITS = BYTES * 2;

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
    const facts = { field: "entries", given: digits.length / 2, expected: `a multiple of ${BYTES} bytes` };
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
