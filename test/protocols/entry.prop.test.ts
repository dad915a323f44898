import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Entry, type Hex, marketIdOf, placeOf } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { decodeEntries, encodeEntries } from "../../keeper/protocols/entry.ts";

/** Plain objects, as the decoder makes them. */
const noNullPrototype = true;
const lane = (withQuality: boolean) =>
  fc.record(
    {
      initialBps: fc.integer({ min: 0, max: 16_383 }),
      maintenanceTargetBps: fc.integer({ min: 0, max: 8_191 }),
      confidence: withQuality ? fc.integer({ min: 0, max: 31 }) : fc.constant(0),
      sources: withQuality ? fc.integer({ min: 0, max: 2_047 }) : fc.constant(0),
    },
    { noNullPrototype },
  );

const entry: fc.Arbitrary<Entry> = fc.boolean().chain((withQuality) =>
  fc
    .record(
      {
        group: fc.integer({ min: 0, max: 13_106 }),
        asOf: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        lanes: fc.array(fc.option(lane(withQuality), { nil: null }), { minLength: 5, maxLength: 5 }),
        withQuality: fc.constant(withQuality),
      },
      { noNullPrototype },
    )
    .filter(({ lanes }) => lanes.some((one) => one !== null)),
);

test("what is packed is what is read back, for any entries", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
      assert.deepEqual(decodeEntries(encodeEntries(entries)), entries);
    }),
    { numRuns: 500 },
  );
});

test("an entry takes 24 bytes, 34 with quality", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
      const bytes = entries.reduce((sum, { withQuality }) => sum + (withQuality ? 34 : 24), 0);
      assert.equal(encodeEntries(entries).length, 2 + 2 * bytes);
    }),
  );
});

test("bytes that are entries are packed again to the same bytes, unless a lane not named has bits", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 17, maxLength: 17 }), fc.integer({ min: 1, max: 31 }), (values, named) => {
      values[0] = (values[0] as number) & 0x7f;
      const body = Buffer.from(values).toString("hex");
      const data: Hex = `0x0007${named.toString(16).padStart(2, "0")}69800000${body}`;
      const again = encodeEntries(decodeEntries(data));
      assert.equal(again.slice(0, 16), data.slice(0, 16));
      if (named === 31) assert.equal(again, data);
    }),
  );
});

test("bytes cut short, flags above bit 5 and entries that name nothing are no entries", () => {
  const whole = encodeEntries([
    {
      group: 3,
      asOf: 1_770_000_000,
      lanes: [{ initialBps: 1, maintenanceTargetBps: 2, confidence: 0, sources: 0 }],
      withQuality: false,
    },
  ]);
  const bad: Hex[] = [
    `${whole.slice(0, -2)}` as Hex,
    `0x${whole.slice(2, 6)}00${whole.slice(8)}`,
    `0x${whole.slice(2, 6)}41${whole.slice(8)}`,
    `0x3333${whole.slice(6)}`,
  ];
  for (const data of bad) {
    assert.throws(
      () => decodeEntries(data),
      (error) => error instanceof TonsorError && error.code === "BAD_ARGUMENT",
    );
  }
});

test("ids count from 1, five to a group", () => {
  assert.deepEqual(placeOf(7), { group: 1, lane: 1 });
  assert.equal(marketIdOf(1, 1), 7);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65_535 }), (id) => {
      const { group, lane } = placeOf(id);
      assert.equal(marketIdOf(group, lane), id);
    }),
  );
});

test("an entry of one market is these bytes", () => {
  const lanes = [
    null,
    { initialBps: 2_200, maintenanceTargetBps: 1_800, confidence: 20, sources: 5 },
    null,
    null,
    null,
  ];
  const data = encodeEntries([{ group: 1, asOf: 1_770_000_000, lanes, withQuality: true }]);
  assert.equal(data, "0x00012269800e800000000000000000000008983840000000000000000000a0050000");
});

test("a group past 13106, whose ids would not fit 16 bits, cannot be packed", () => {
  const lanes = [{ initialBps: 1, maintenanceTargetBps: 2, confidence: 0, sources: 0 }];
  const of = (group: number) => encodeEntries([{ group, asOf: 1_770_000_000, lanes, withQuality: false }]);
  assert.equal(of(13_106).slice(0, 6), "0x3332");
  assert.throws(() => of(13_107), /field group; given 13107; expected a whole number up to 13106/);
});
