import assert from "node:assert/strict";
import { test } from "node:test";
import { marketStatus, NOT_WEIGHED } from "../../keeper/dashboard/marketStatus.ts";
import type { ListedMarket } from "../../keeper/dashboard/status.ts";
import type { CycleReport } from "../../keeper/domain/cycle.ts";
import type { LenderState } from "../../keeper/domain/lender.ts";
import { countCycle, gaugeMarkets } from "../../keeper/operations/gauges.ts";
import { createMetrics } from "../../keeper/runtime/metrics.ts";

import { anExplanation } from "../dashboard/explanations.ts";

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

test("limits, what is held and when the chain meets the model are gauges, without a line for what is not known", async () => {
  const status = marketStatus(anExplanation());
  const { onChain, arrivals, exposureLimit } = status;
  assert.ok(onChain !== null && arrivals !== null);
  const metrics = createMetrics();
  const market = status.market;
  const lines = async (change: Partial<ListedMarket>) => {
    gaugeMarkets(metrics, [{ ...status, positions: NOT_WEIGHED, ...change }], NOW);
    const text = await metrics.text();
    return (name: string) => {
      const found = [...text.matchAll(new RegExp(`^${name}\\{(.*)\\} (.+)$`, "gm"))];
      return Object.fromEntries(found.map(([, labels, value]) => [labels, Number(value)]));
    };
  };
  const own = `market="${market}"`;
  const known = await lines({
    onChain: { ...onChain, exposureLimitTokens: 4_000, tightenOnly: true },
    exposureLimit: { ...exposureLimit, targetTokens: 5_000 },
    arrivals: {
      initial: { ...arrivals.initial, at: NOW + 90, isAtRest: false },
      maintenance: { ...arrivals.maintenance, at: null, isAtRest: false },
      exposureLimit: { ...arrivals.exposureLimit, at: null, isAtRest: true },
    },
    positions: { ...NOT_WEIGHED, collateralTokens: 4_200.5 },
  });
  assert.deepEqual(known("tonsor_exposure_limit_tokens"), {
    [`${own},of="target"`]: 5_000,
    [`${own},of="chain"`]: 4_000,
  });
  assert.deepEqual(known("tonsor_collateral_held_tokens"), { [own]: 4_200.5 });
  assert.deepEqual(known("tonsor_target_met_in_seconds"), { [`${own},of="initial"`]: 90, [`${own},of="limit"`]: 0 });
  assert.deepEqual(known("tonsor_tighten_only"), { [own]: 1 });

  const passed = await lines({
    arrivals: { ...arrivals, initial: { ...arrivals.initial, at: NOW - 1, isAtRest: false } },
  });
  assert.equal(passed("tonsor_target_met_in_seconds")[`${own},of="initial"`], 0, "what is met by this decision");

  const unknown = await lines({
    onChain: null,
    arrivals: null,
    exposureLimit: { ...exposureLimit, targetTokens: null },
  });
  for (const name of ["exposure_limit_tokens", "collateral_held_tokens", "target_met_in_seconds", "tighten_only"]) {
    assert.deepEqual(unknown(`tonsor_${name}`), {}, name);
  }
});
