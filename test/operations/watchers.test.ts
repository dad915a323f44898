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

test("what ticks is live as long as its blocks are new when they are read, and dead when it is over its limit for a tick longer", async (context) => {
  const metrics = createMetrics();
  const schedule = { softTimeoutSeconds: 1, hardTimeoutSeconds: 1, headStallSeconds: 1, stageSeconds: 1 };
  const config = { tickSeconds: 0.5, schedule, clock: "wall", deadmanUrl: null } as const;
  let time = 0;
  const ticks = watchTicks(metrics, { chainId: 1, contract: `0x${"c0".repeat(20)}` }, config, () => time);
  context.after(ticks.close);
  let died: string | null = null;
  ticks.dead.then((reason) => {
    died = reason;
  });
  /** After the watch has looked at the clock. */
  const deadAt = async (ms: number) => {
    time = ms;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return died;
  };
  // The limit is five ticks of half a second, from the beginning of the tick that saw a new block.
  time = 2_000;
  ticks.onEvent({ kind: "tick", tick: 1, lateMs: 0, skipped: 0 });
  time = 2_400;
  ticks.done(5n);
  assert.equal(await deadAt(4_500), null);
  assert.equal(ticks.live().ok, true);
  assert.equal(await deadAt(4_600), null);
  assert.match(ticks.live().reason, /^the chain has been at block 5 for 3 s, limit 3 s$/);
  assert.equal(await deadAt(5_000), null);
  assert.match(String(await deadAt(5_100)), /for 3 s, limit 3 s$/);

  for (const ok of [true, false, false]) ticks.notified("webhook")(ok);
  const told = (result: string) => figures(metrics)(`tonsor_notifications_total\\{to="webhook",result="${result}"\\}`);
  assert.deepEqual([await told("ok"), await told("failed")], [1, 2]);
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
