import assert from "node:assert/strict";
import { test } from "node:test";
import { instant } from "../../scripts/instant.ts";

test("a time in UTC is its Unix milliseconds, a bare date its start plus what a date means", () => {
  assert.equal(instant("--from", "2026-01-28T04:00:50Z"), 1_769_572_850_000);
  assert.equal(instant("--from", "2026-01-28T04:00Z"), 1_769_572_800_000);
  assert.equal(instant("--from", "2026-01-28"), 1_769_558_400_000);
  assert.equal(instant("--to", "2026-01-28", 86_400_000), 1_769_644_800_000);
});

for (const text of ["yesterday", "2026-01-28T04:00:50", "2026-13-01", "1769572850", ""]) {
  test(`${JSON.stringify(text)} is no time, and the field and the form are named`, () => {
    assert.throws(() => instant("--from", text), {
      code: "BAD_ARGUMENT",
      message: `not a time; field --from; given ${JSON.stringify(text)}; expected YYYY-MM-DD[THH:MM:SSZ]`,
    });
  });
}
