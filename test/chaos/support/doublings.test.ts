import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AppliedBatch } from "../../../keeper/domain/contract.ts";
import { doublings } from "./doublings.ts";

type Values = readonly [marketId: number, asOf: number, initialBps: number, maintenanceTargetBps: number];

const batch = (...updates: readonly Values[]) =>
  ({
    updates: updates.map(([marketId, asOf, initialBps, maintenanceTargetBps]) => ({
      marketId,
      asOf,
      initialBps,
      maintenanceTargetBps,
    })),
  }) as unknown as AppliedBatch;

describe("doublings", () => {
  const first = batch([1, 60, 2_425, 2_032], [6, 60, 2_700, 2_200]);

  it("counts each update of a batch that lands twice", () => {
    assert.equal(doublings([first, first]), 2);
  });

  it("does not count one that tightens with the datum that stands", () => {
    assert.equal(doublings([first, batch([1, 60, 2_518, 2_098])]), 0);
    assert.equal(doublings([first, batch([1, 60, 2_425, 2_098])]), 0, "maintenance alone");
  });

  it("counts one that lowers either value, whatever it does with the other", () => {
    assert.equal(doublings([first, batch([1, 60, 2_518, 2_031])]), 1);
    assert.equal(doublings([first, batch([1, 60, 2_424, 2_098])]), 1);
  });

  it("compares with the last of the same datum: a tightening that lands twice is counted", () => {
    const tighter = batch([1, 60, 2_518, 2_098]);
    assert.equal(doublings([first, tighter, tighter]), 1);
  });

  it("takes another datum, and another market, for news", () => {
    assert.equal(doublings([first, batch([1, 61, 2_425, 2_032]), batch([2, 60, 2_425, 2_032])]), 0);
  });
});
