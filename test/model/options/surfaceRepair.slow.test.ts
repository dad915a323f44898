import assert from "node:assert/strict";
import { test } from "node:test";
import { fitSurface } from "../../../keeper/model/options/surface.ts";
import { fitSvi, rmseVolPoints } from "../../../keeper/model/options/svi.ts";
import { readChainFile } from "../../../scripts/lab/files/chainFile.ts";
import { dataFile } from "../../support/data.ts";
import { assertGentle } from "../../support/gentleRepairs.ts";
import { publishedRepair } from "../../support/publishedRepair.ts";
import { WETH } from "../../support/shipped.ts";

const MONTHS = ["2025-12", "2026-01", "2026-02", "2026-03", "2026-04"];

test("every repair of the recorded boards is gentle, none is refused, and none is further off than the published one", async (t) => {
  const files = MONTHS.map((month) => dataFile(`options/deribit_chain_${month}.csv.gz`));
  if (files.some((file) => file === null)) return t.skip("shared data not present: options/deribit_chain_*.csv.gz");
  const boards = (await Promise.all(files.map((file) => readChainFile(file ?? "")))).flat();
  const surfaces = boards.map((board) => fitSurface(board, board.eventTime, WETH.quality));
  assert.ok(!surfaces.some(({ faults }) => faults.some(({ code }) => code === "BAD_FIT")));
  const repaired = surfaces.flatMap(({ slices }) => slices.filter((slice) => slice.repaired));
  assert.equal(repaired.length, 81);
  assertGentle(repaired);
  for (const { points, years, rmseVolPoints: error } of repaired) {
    const published = publishedRepair(fitSvi(points, years).parameters, points, years);
    if (published !== null) assert.ok(error <= rmseVolPoints(published, points, years) + 1e-3, `${error}`);
  }
});
