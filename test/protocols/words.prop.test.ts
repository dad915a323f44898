import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { timeOf } from "../../keeper/domain/calendar.ts";
import { type Entry, type Hex, limitOf } from "../../keeper/domain/contract.ts";
import { decodeEntries, encodeEntries, encodeEntry } from "../../keeper/protocols/words.ts";

/** The most that each field holds; of the time, minutes. */
const MOST = {
  ...{ marketId: 65_535, generation: 31, asOf: 2 ** 25 - 1, initialBps: 16_383, maintenanceTargetBps: 8_191 },
  ...{ limit: 65_535, confidence: 31, sources: 2_047 },
} as const;

const whole = (field: keyof typeof MOST) => fc.integer({ min: 0, max: MOST[field] });
const entry: fc.Arbitrary<Entry> = fc.record(
  {
    marketId: whole("marketId"),
    generation: whole("generation"),
    asOf: whole("asOf").map(timeOf),
    initialBps: whole("initialBps"),
    maintenanceTargetBps: whole("maintenanceTargetBps"),
    limit: whole("limit"),
    confidence: whole("confidence"),
    sources: whole("sources"),
    orTighter: fc.boolean(),
  },
  // Plain objects, as the decoder makes them.
  { noNullPrototype: true },
);
const entries = fc.array(entry, { minLength: 1, maxLength: 12 });

const SAMPLE: Entry = {
  ...{ marketId: 7, generation: 16, asOf: 1_770_000_000, initialBps: 2_200, maintenanceTargetBps: 1_800 },
  ...{ limit: limitOf(12_000), confidence: 20, sources: 5, orTighter: true },
};

test("what is packed is what is read back, for any entries, 14 bytes each", () => {
  fc.assert(
    fc.property(entries, (some) => {
      const data = encodeEntries(some);
      assert.equal(data.length, 2 + 28 * some.length);
      assert.deepEqual(decodeEntries(data), some);
    }),
    { numRuns: 500 },
  );
});

/** Bits that the contract does not look at: 28, above initial, and 91 to 95, above the time. */
const UNUSED = (1n << 28n) | (0x1fn << 91n);

test("any 14 bytes are an entry, packed again to the same bytes without the bits that mean nothing", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 112n) - 1n }), (word) => {
      const bytes = (of: bigint): Hex => `0x${of.toString(16).padStart(28, "0")}`;
      assert.equal(encodeEntries(decodeEntries(bytes(word))), bytes(word & ~UNUSED));
    }),
    { numRuns: 500 },
  );
});

test("a tighter number is a greater one in the bytes, each of the three by itself", () => {
  const bytes = (change: Partial<Entry>) => BigInt(encodeEntry({ ...SAMPLE, ...change }));
  assert.ok(bytes({ initialBps: 2_201 }) > bytes({}));
  assert.ok(bytes({ maintenanceTargetBps: 1_801 }) > bytes({}));
  assert.ok(bytes({ limit: SAMPLE.limit - 1 }) > bytes({}));
});

test("seconds of the time of the data are left out", () => {
  const read = (asOf: number) => decodeEntries(encodeEntries([{ ...SAMPLE, asOf }]))[0]?.asOf;
  assert.deepEqual(
    [1_769_999_999, 1_770_000_000, 1_770_000_059].map(read),
    [1_769_999_940, 1_770_000_000, 1_770_000_000],
  );
});

test("an entry of one market is these bytes", () => {
  // id 7, minute 5 832 160, generation 16, confidence 20, sources 5, limit 65535 - 12 000 tokens, flag, initial, target.
  const { marketId, generation, confidence, sources, limit } = SAMPLE;
  const word =
    (BigInt(marketId) << 96n) |
    (5_832_160n << 66n) |
    (BigInt(generation) << 61n) |
    (BigInt((confidence << 11) | sources) << 45n) |
    (BigInt(65_535 - limit) << 29n) |
    (2_200n << 14n) |
    (1n << 13n) |
    1_800n;
  assert.equal(encodeEntry(SAMPLE), `0x${word.toString(16).padStart(28, "0")}`);
  assert.equal(encodeEntry(SAMPLE), "0x00070163f7821400bdc462262708");
});

test("a value that does not fit its bits is refused by its name", () => {
  for (const [field, most] of Object.entries(MOST)) {
    if (field === "asOf") continue;
    for (const value of [most + 1, -1, 0.5, Number.NaN]) {
      assert.throws(
        () => encodeEntry({ ...SAMPLE, [field]: value }),
        {
          code: "OUT_OF_RANGE",
          message: new RegExp(`field ${field}; given .*; expected a whole number up to ${most}$`),
        },
        `${field} ${value}`,
      );
    }
  }
  for (const asOf of [timeOf(MOST.asOf + 1), timeOf(-1)]) {
    assert.throws(() => encodeEntry({ ...SAMPLE, asOf }), { code: "OUT_OF_RANGE", message: /field asOf/ });
  }
});

test("bytes cut short, and none at all, are no entries; neither is a batch of no market", () => {
  const data = encodeEntries([SAMPLE]);
  for (const bad of ["0x", data.slice(0, -2), `${data}00`, `${data}0`] as Hex[]) {
    assert.throws(() => decodeEntries(bad), { code: "BAD_ARGUMENT", message: /a multiple of 14 bytes/ });
  }
  assert.throws(() => encodeEntries([]), { code: "BAD_ARGUMENT", message: /names no market/ });
});
