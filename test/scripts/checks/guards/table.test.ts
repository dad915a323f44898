import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ARGUED } from "../../../../scripts/checks/guards/survivors.ts";
import { readTable, testNamed } from "../../../../scripts/checks/guards/table.ts";
import unmeasured from "../../../../scripts/checks/guards/unmeasured.json" with { type: "json" };
import { allGuards } from "../../../../scripts/checks/guards/workshop.ts";

/** Guards that were not tried yet, by name: younger than the last run of `npm run guards`, which takes them off. */
const UNMEASURED: ReadonlySet<string> = new Set(unmeasured);

describe("contracts/guards.json", () => {
  const { guards } = allGuards();
  const table = readTable();
  const held = Object.entries(table).flatMap(([file, tests]) => Object.keys(tests).map((name) => `${file} ${name}`));

  it("names a test for every guard that is not argued away or still to be tried (npm run guards -- --missing)", () => {
    const wanted = guards.filter(({ name }) => !ARGUED.has(name) && !UNMEASURED.has(name));
    assert.deepEqual(held.sort(), wanted.map(({ file, name }) => `${file} ${name}`).sort());
  });

  it("leaves nothing to be tried that is no guard any more", () => {
    const names = new Set(guards.map(({ name }) => name));
    assert.deepEqual(
      [...UNMEASURED].filter((name) => !names.has(name)),
      [],
    );
  });

  it("names tests that there are", () => {
    const names = new Set(Object.values(table).flatMap((tests) => Object.values(tests)));
    for (const name of names) assert.doesNotThrow(() => testNamed(name), name);
    assert.throws(() => testNamed("PowersTest.test_that_nobody_wrote"), /there is no test/);
    assert.throws(() => testNamed("Challenge.test.ts: that nobody wrote"), /there is no test/);
  });
});
