import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pauseKeeper } from "../../keeper/operations/pausing.ts";
import { killSwitches } from "../../keeper/runtime/killSwitch.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const NOW = 1_770_379_200;
const iso = (time: number) => new Date(time * 1_000).toISOString();

/** Words of a person, among them those that look like the file's own first line. */
const reasons = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc
    .tuple(
      fc.constantFrom("until ", " until ", "\nuntil ", "until\t"),
      fc.integer({ min: -1e6, max: 1e9 }),
      fc.string(),
    )
    .map(([before, seconds, after]) => `${before}${iso(NOW + seconds)}${after}`),
);

test("whatever its reason says, a pause stops until its own end, for ever without one, and a second no longer", () => {
  const config = { paused: { kind: "none" } as const, state: temporaryFolder() };
  fc.assert(
    fc.property(reasons, fc.option(fc.integer({ min: 1, max: 1e9 })), (reason, seconds) => {
      const end = seconds === null ? null : NOW + seconds;
      const told = pauseKeeper(config, { reason, until: end === null ? null : iso(end) }, NOW);
      const stops = (at: number) => killSwitches(config, at).reason;
      assert.equal(told.reason, stops(NOW));
      assert.ok(stops((end ?? NOW + 4e9) - 1) !== null, "it lasts");
      assert.equal(end === null || stops(end) === null, true, "it ends");
    }),
    { seed: 6, numRuns: 500 },
  );
});

test("a pause whose reason is a time that passed stops the next cycle", () => {
  const config = { paused: { kind: "none" } as const, state: temporaryFolder() };
  const { reason } = pauseKeeper(config, { reason: "until 2026-01-27 the node is upgraded", until: null }, NOW);
  assert.equal(reason, "file PAUSED: until 2026-01-27 the node is upgraded");
  assert.equal(killSwitches(config, NOW + 60).reason, reason);
});
