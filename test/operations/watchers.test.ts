import assert from "node:assert/strict";
import { test } from "node:test";
import type { Intent } from "../../keeper/domain/intent.ts";
import { request } from "../../keeper/io/http.ts";
import { countMined, watchTicks } from "../../keeper/operations/watchers.ts";
import { createMetrics } from "../../keeper/runtime/metrics.ts";
import { loopback } from "../support/loopback.ts";

const FROM = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const figures = (metrics: ReturnType<typeof createMetrics>) => async (line: string) =>
  Number(new RegExp(`^${line} (.+)$`, "m").exec(await metrics.text())?.[1] ?? Number.NaN);

test("what was found in a block is counted once: its fee, its wait from the first offer of its nonce, its refusal", async () => {
  const metrics = createMetrics();
  const figure = figures(metrics);
  const intent = (id: number, change: Partial<Intent>) =>
    ({
      id,
      from: FROM,
      nonce: 7,
      status: "SENT",
      plannedAt: 1_000,
      updatedAt: 1_000,
      feeWei: null,
      ...change,
    }) as Intent;
  let recent: readonly Intent[] = [intent(1, { nonce: 6, status: "CONFIRMED", feeWei: 10n ** 18n })];
  const count = countMined(metrics, () => recent);
  const seen = async () => [
    await figure("tonsor_fees_paid_eth_total"),
    await figure("tonsor_reverts_total"),
    await figure("tonsor_transaction_inclusion_seconds_count"),
    await figure("tonsor_transaction_inclusion_seconds_sum"),
  ];
  count();
  assert.deepEqual((await seen()).slice(0, 2), [0, 0], "what was mined before is no news");
  recent = [intent(2, {}), ...recent];
  count();
  assert.deepEqual((await seen()).slice(0, 2), [0, 0]);
  const mined = { plannedAt: 1_030, updatedAt: 1_044, feeWei: 4n * 10n ** 15n };
  recent = [intent(3, { ...mined, status: "CONFIRMED" }), intent(2, { status: "SUPERSEDED" }), ...recent.slice(1)];
  count();
  count();
  assert.deepEqual(await seen(), [0.004, 0, 1, 44]);
  recent = [intent(4, { nonce: 8, status: "REVERTED", updatedAt: 1_006, feeWei: 10n ** 15n }), ...recent];
  count();
  assert.deepEqual(await seen(), [0.005, 1, 2, 50]);
});

test("requests are counted by counterpart and host, those without an answer by their fault", async () => {
  const metrics = createMetrics();
  const figure = figures(metrics);
  const schedule = { softTimeoutSeconds: 60, hardTimeoutSeconds: 120, headStallSeconds: 120, stageSeconds: 30 };
  const config = { tickSeconds: 60, schedule, clock: "wall", deadmanUrl: null } as const;
  const ticks = watchTicks(metrics, { chainId: 1, contract: `0x${"c0".repeat(20)}` }, config, () => 0);
  const server = await loopback((request, response) => response.writeHead(request.url === "/" ? 200 : 429).end("{}"));
  await request(server.url, { to: "venue", source: "x" });
  await request(`${server.url}/busy`, { to: "venue", source: "x" });
  ticks.close();
  await request(server.url, { to: "venue", source: "x" });
  await server.close();
  const labels = `to="venue",host="${new URL(server.url).host}"`;
  assert.equal(await figure(`tonsor_request_duration_seconds_count\\{${labels}\\}`), 2);
  const errors = (code: string) => figure(`tonsor_request_errors_total\\{${labels},code="${code}"\\}`);
  assert.deepEqual([await errors("HTTP_STATUS"), await errors("UNREACHABLE")], [1, 0]);
});
