import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Quarantined } from "../../keeper/domain/risk.ts";
import { quarantineAfter, quarantineFaults } from "../../keeper/quality/agreement.ts";

const RULES = { seconds: 600, agreements: 3 };
/** The state after looks at one source, one a minute from 0 on: "x" it disagreed, "." it agreed, "-" it was not seen. */
const after = (looks: string, rules = RULES): readonly Quarantined[] =>
  [...looks].reduce<readonly Quarantined[]>((state, look, minute) => {
    const verdicts = new Map(look === "-" ? [] : [["a", look === "."] as const]);
    return quarantineAfter(state, verdicts, 60 * minute, rules);
  }, []);

describe("quarantine", () => {
  it("takes in nobody who agrees", () => {
    assert.deepEqual(after("....."), []);
    assert.deepEqual(after("--"), []);
  });

  it("takes in whoever disagrees at once, and dates it anew each time", () => {
    assert.deepEqual(after("..x"), [["a", 120, 0]]);
    assert.deepEqual(after("x..x"), [["a", 180, 0]]);
  });

  it("lets go after the time and the agreements in a row, not after one of the two", () => {
    assert.deepEqual(after(`x${".".repeat(9)}`), [["a", 0, 9]]);
    assert.deepEqual(after(`x${".".repeat(10)}`), []);
    assert.deepEqual(after("x..", { seconds: 0, agreements: 3 }), [["a", 0, 2]]);
    assert.deepEqual(after("x...", { seconds: 0, agreements: 3 }), []);
  });

  it("counts anew after a look without the source, and keeps it for as long as it is away", () => {
    assert.deepEqual(after("x..-."), [["a", 0, 1]]);
    assert.deepEqual(after(`x${"-".repeat(100)}`), [["a", 0, 0]]);
  });

  it("keeps out whoever disagrees more often than it agrees in a row, for ever", () => {
    assert.equal(after("x..".repeat(50)).length, 1);
  });

  it("names who is out although it agrees, and leaves the others' faults to what found them", () => {
    const out: readonly Quarantined[] = [
      ["a", 0, 2],
      ["b", 60, 0],
      ["c", 0, 0],
    ];
    const verdicts = new Map([
      ["a", true],
      ["b", false],
    ]);
    assert.deepEqual(quarantineFaults(out, verdicts, 60, RULES), [
      {
        code: "QUARANTINED",
        source: "a",
        detail: "disagreed 60 s ago, agreed 2 times since; out for 600 s and 3 times",
      },
    ]);
  });

  it("is the same whatever the order of what was seen", () => {
    const verdict = fc.uniqueArray(fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.boolean()), {
      selector: ([s]) => s,
    });
    fc.assert(
      fc.property(fc.array(verdict, { maxLength: 12 }), (looks) => {
        const run = (turn: (look: [string, boolean][]) => [string, boolean][]) =>
          looks.reduce<readonly Quarantined[]>(
            (state, look, i) => quarantineAfter(state, new Map(turn(look)), i * 400, RULES),
            [],
          );
        assert.deepEqual(
          run((look) => look.toReversed()),
          run((look) => look),
        );
      }),
    );
  });
});
