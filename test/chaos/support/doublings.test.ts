import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CALM_LIMIT, entriesOf } from "../../support/entries.ts";
import { doublings } from "./doublings.ts";

type Values = readonly [
  marketId: number,
  asOf: number,
  initialBps: number,
  maintenanceTargetBps: number,
  limit?: number,
];

const batch = (...entries: readonly Values[]) => ({
  entries: entriesOf(
    entries.map(([marketId, asOf, initialBps, maintenanceTargetBps, limit = CALM_LIMIT]) => ({
      ...{ marketId, asOf, initialBps, maintenanceTargetBps, limit },
    })),
  ),
});

describe("doublings", () => {
  const first = batch([1, 60, 2_425, 2_032], [6, 60, 2_700, 2_200]);

  it("counts each entry of a batch that lands twice", () => {
    assert.equal(doublings([first, first]), 2);
  });

  it("does not count one that tightens with the datum that stands", () => {
    assert.equal(doublings([first, batch([1, 60, 2_518, 2_098])]), 0);
    assert.equal(doublings([first, batch([1, 60, 2_425, 2_098])]), 0, "maintenance alone");
    assert.equal(doublings([first, batch([1, 60, 2_425, 2_032, CALM_LIMIT - 1])]), 0, "the exposure limit alone");
  });

  it("counts one that loosens any number, whatever it does with the others", () => {
    assert.equal(doublings([first, batch([1, 60, 2_518, 2_031])]), 1);
    assert.equal(doublings([first, batch([1, 60, 2_424, 2_098])]), 1);
    assert.equal(doublings([first, batch([1, 60, 2_518, 2_098, CALM_LIMIT + 1])]), 1);
  });

  it("compares with the last of the same datum: a tightening that lands twice is counted", () => {
    const tighter = batch([1, 60, 2_518, 2_098]);
    assert.equal(doublings([first, tighter, tighter]), 1);
  });

  it("takes another datum, and another market, for news", () => {
    assert.equal(doublings([first, batch([1, 61, 2_425, 2_032]), batch([2, 60, 2_425, 2_032])]), 0);
  });
});
