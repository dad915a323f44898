import { bytesToHex, type Hex, hexToBytes } from "viem";
import { type Entry, type EntryLane, LANES, LAST_GROUP } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";

const HEAD_BYTES = 24;
const QUALITY_BYTES = 10;

/**
 * Bytes of a batch's entries as contracts/libraries/Entry.sol reads them: 24 a group, 34 with quality.
 * Throws OUT_OF_RANGE when a value does not fit its bits, BAD_ARGUMENT when an entry names no market.
 */
export function encodeEntries(entries: readonly Entry[]): Hex {
  return `0x${entries.map(encodeEntry).join("")}`;
}

function encodeEntry(entry: Entry): string {
  let values = 0n;
  let quality = 0n;
  let named = 0n;
  for (const [index, lane] of entry.lanes.entries()) {
    if (lane === null) continue;
    named |= 1n << BigInt(index);
    const target = fits("maintenanceTargetBps", lane.maintenanceTargetBps, 13);
    const initial = fits("initialBps", lane.initialBps, 14);
    values |= (target | (initial << 13n)) << BigInt(index * 27);
    quality |=
      (fits("sources", lane.sources, 11) | (fits("confidence", lane.confidence, 5) << 11n)) << BigInt(index * 16);
  }
  if (named === 0n || entry.lanes.length > LANES) {
    const facts = { field: "lanes", given: entry.lanes.length, expected: `1 to ${LANES} markets` };
    throw new TonsorError("BAD_ARGUMENT", "an entry of a batch names no market, or too many", facts);
  }
  const flags = named | (entry.withQuality ? 32n : 0n);
  const head =
    (atMost("group", entry.group, LAST_GROUP) << 176n) |
    (flags << 168n) |
    (fits("asOf", entry.asOf, 32) << 136n) |
    values;
  return hex(head, HEAD_BYTES) + (entry.withQuality ? hex(quality, QUALITY_BYTES) : "");
}

/**
 * The entries in the bytes of a batch. Throws BAD_ARGUMENT when they end inside an entry, or when one has flags that no
 * entry may have, names no market or a group past the last: what the contract refuses as BadEntry.
 */
export function decodeEntries(data: Hex): Entry[] {
  const bytes = hexToBytes(data);
  const entries: Entry[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const head = number(bytes, offset, HEAD_BYTES);
    const flags = Number((head >> 168n) & 0xffn);
    if (flags > 0x3f || (flags & 0x1f) === 0) {
      const facts = { field: "flags", given: flags, expected: "a market named, and no bit above 5" };
      throw new TonsorError("BAD_ARGUMENT", `no entry starts at byte ${offset}`, facts);
    }
    const group = Number(head >> 176n);
    if (group > LAST_GROUP) {
      const facts = { field: "group", given: group, expected: `at most ${LAST_GROUP}` };
      throw new TonsorError("BAD_ARGUMENT", `no entry starts at byte ${offset}`, facts);
    }
    const withQuality = (flags & 32) !== 0;
    const quality = withQuality ? number(bytes, offset + HEAD_BYTES, QUALITY_BYTES) : 0n;
    entries.push({
      group,
      asOf: Number((head >> 136n) & 0xffff_ffffn),
      lanes: Array.from({ length: LANES }, (_, i) => ((flags >> i) & 1 ? laneAt(head, quality, i) : null)),
      withQuality,
    });
    offset += withQuality ? HEAD_BYTES + QUALITY_BYTES : HEAD_BYTES;
  }
  return entries;
}

function laneAt(head: bigint, quality: bigint, index: number): EntryLane {
  const values = head >> BigInt(index * 27);
  const packed = Number((quality >> BigInt(index * 16)) & 0xffffn);
  return {
    initialBps: Number((values >> 13n) & 0x3fffn),
    maintenanceTargetBps: Number(values & 0x1fffn),
    confidence: packed >> 11,
    sources: packed & 0x7ff,
  };
}

function number(bytes: Uint8Array, offset: number, length: number): bigint {
  if (offset + length > bytes.length) {
    const facts = { field: "entries", given: bytes.length, expected: `${offset + length} bytes or more` };
    throw new TonsorError("BAD_ARGUMENT", "the entries of a batch end inside one", facts);
  }
  return BigInt(bytesToHex(bytes.subarray(offset, offset + length)));
}

function hex(value: bigint, bytes: number): string {
  return value.toString(16).padStart(bytes * 2, "0");
}

function fits(field: string, value: number, bits: number): bigint {
  return atMost(field, value, 2 ** bits - 1);
}

function atMost(field: string, value: number, most: number): bigint {
  if (Number.isInteger(value) && value >= 0 && value <= most) return BigInt(value);
  const facts = { field, given: value, expected: `a whole number up to ${most}` };
  throw new TonsorError("OUT_OF_RANGE", "a value does not fit its bits in an entry", facts);
}
