import assert from "node:assert/strict";
import { test } from "node:test";
import type { CycleReport } from "../../keeper/domain/cycle.ts";
import type { LenderState } from "../../keeper/domain/lender.ts";
import { countCycle } from "../../keeper/operations/gauges.ts";
import { createMetrics } from "../../keeper/runtime/metrics.ts";

const NOW = 1_790_000_000;

test("for how long each lender differs is a gauge of its own, 0 while it does not", async () => {
  const metrics = createMetrics();
  const gauges = async (...since: readonly (number | null)[]) => {
    const lenders = since.map((from, n) => ({ lender: `Aave ${n}`, market: "WETH", since: from }) as LenderState);
    const report = { entries: [], batch: null, now: NOW, blockTime: NOW, blockNumber: 7n, lenders };
    countCycle(metrics, report as unknown as CycleReport, NOW);
    const lines = (await metrics.text()).split("\n");
    return lines.filter((line) => line.startsWith("tonsor_lender_differs_seconds{"));
  };
  assert.deepEqual(await gauges(), []);
  assert.deepEqual(await gauges(NOW - 7_201, null), [
    'tonsor_lender_differs_seconds{lender="Aave 0",market="WETH"} 7201',
    'tonsor_lender_differs_seconds{lender="Aave 1",market="WETH"} 0',
  ]);
  assert.match((await gauges(null))[0] ?? "", / 0$/, "and back again");
});
