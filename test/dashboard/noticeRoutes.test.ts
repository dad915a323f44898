import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { rampsOf } from "../../keeper/dashboard/ramp.ts";
import { startDashboard } from "../../keeper/dashboard/server.ts";
import { DAY_SECONDS, HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import type { ChainView } from "../../keeper/domain/cycle.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { NOTICE_STATES } from "../../keeper/domain/position.ts";
import { maintenanceAt } from "../../scripts/lab/contractModel/follow.ts";
import { documentedFields, fieldPaths, leaves } from "../cli/fieldPaths.ts";
import { aBook } from "../cli/outcomes.ts";
import { askApi } from "../support/askApi.ts";
import { calmMarket } from "../support/onChain.ts";
import { NOW } from "./explanations.ts";

const ACCOUNT = `0x${"aB".repeat(20)}`;
const calm = calmMarket(NOW);
const chainOf = (...changes: readonly Partial<OnChainMarket>[]): ChainView => ({
  ...{ chainId: 31_337, contract: `0x${"5f".repeat(20)}`, blockNumber: 8n, blockTime: NOW, baseFee: 1n },
  writer: calm.writer,
  markets: new Map(changes.map((change, i) => [`M${i}`, { ...calm, marketId: i + 1, ...change }])),
});
const RISE = { maintenanceTargetBps: 1_950 };

let chain: ChainView | null = null;
const of = (account: string) => {
  if (chain === null) return null;
  const one = { lender: "Aave", state: "BY_RAMP", healthFactor: 1.02, liquidatableAt: NOW + 60 } as const;
  return { account, blockNumber: 8, time: NOW, lenders: [one] };
};
let pages: Awaited<ReturnType<typeof startDashboard>>[] = [];
before(async () => {
  const data = { ...aBook(), notice: { chain: () => chain, of } };
  const open = { port: 0, host: "127.0.0.1" };
  pages = [await startDashboard({ ...open, data }), await startDashboard({ ...open, data, isPublic: true })];
});
after(() => Promise.all(pages.map((page) => page.close())));
const get = (path: string, page = 0) => askApi(new URL(path, pages[page]?.url));

test("every basis point of a ramp has the first second at which the contract's model reads it", () => {
  const frozen = { maintenanceTargetBps: 1_890, mode: "FROZEN", modeUntil: NOW + 2 * DAY_SECONDS } as const;
  const { ramps } = rampsOf(chainOf(RISE, { maintenanceTargetBps: 1_860 }, frozen));
  assert.deepEqual(
    ramps.map(({ marketId, fromBps, toBps, bpsPer30Days, minGapBps, points }) => {
      return [marketId, fromBps, toBps, bpsPer30Days, minGapBps, points.length];
    }),
    [
      [1, 1_900, 1_950, calm.limits.tightenSpeedBpsPer30Days, calm.limits.minGapBps, 50],
      [2, 1_900, 1_860, calm.limits.loosenSpeedBpsPer30Days, calm.limits.minGapBps, 40],
      [3, 1_900, 1_890, calm.limits.loosenSpeedBpsPer30Days, calm.limits.minGapBps, 10],
    ],
  );
  for (const { marketId, points, toBps } of ramps) {
    const onChain = [...chainOf(RISE, { maintenanceTargetBps: 1_860 }, frozen).markets.values()][marketId - 1];
    const stored = { ...onChain, ...calm.limits, ttlHours: 1e9, settled: NOW } as unknown as Parameters<
      typeof maintenanceAt
    >[0];
    for (const { time, maintenanceBps } of points) {
      assert.equal(time % 60, 0);
      assert.equal(maintenanceAt(stored, time), maintenanceBps);
      assert.notEqual(maintenanceAt(stored, time - 1), maintenanceBps);
    }
    assert.equal(points.at(-1)?.maintenanceBps, toBps);
  }
  assert.ok((ramps[2]?.points[0]?.time ?? 0) > NOW + 2 * DAY_SECONDS, "a freeze holds a fall");
});

test("a market at its target, or that nothing moves, has no ramp, and each says until when its data is fresh", () => {
  const stopped = { ...RISE, limits: { ...calm.limits, tightenSpeedBpsPer30Days: 0 } };
  const { ramps } = rampsOf(chainOf({}, stopped, { ...RISE, heldUntil: NOW + 100 }));
  assert.deepEqual(
    ramps.map(({ market, freshUntil }) => [market, freshUntil]),
    [["M2", NOW + 100 + calm.limits.ttlHours * HOUR_SECONDS]],
  );
});

test("both are served to everyone, from the first cycle on, with the fields that are documented", async () => {
  chain = null;
  for (const path of ["/api/ramps", `/api/notice/${ACCOUNT}`]) assert.equal((await get(path)).status, 503, path);
  chain = chainOf(RISE);
  const [ramps, notice] = [await (await get("/api/ramps")).json(), await (await get(`/api/notice/${ACCOUNT}`)).json()];
  const said = (heading: string) => leaves(documentedFields("keeper/dashboard/JSON.md", heading));
  assert.deepEqual(fieldPaths(ramps), said("/api/ramps"));
  assert.deepEqual(fieldPaths(notice), said("/api/notice/ACCOUNT"));
  const { form, account, lenders } = notice as { form: string; account: string; lenders: { words: string }[] };
  assert.deepEqual([form, account, lenders[0]?.words], ["tonsor.notice.v1", ACCOUNT, NOTICE_STATES.BY_RAMP]);
  assert.deepEqual(ramps, JSON.parse(JSON.stringify(rampsOf(chain))));
  const shown = await get("/api/ramps", 1);
  assert.deepEqual([shown.status, shown.headers.get("access-control-allow-origin")], [200, "*"]);
  assert.deepEqual(await shown.json(), ramps);
  assert.equal((await get(`/api/notice/${ACCOUNT}`, 1)).status, 200);
});

test("ramps are made once a view of the chain, however many ask", async () => {
  const view = chainOf(RISE);
  let made = 0;
  const counted = {
    ...view,
    get markets() {
      made += 1;
      return view.markets;
    },
  };
  for (const seen of [counted, counted, { ...view }, counted]) {
    chain = seen;
    assert.equal((await get("/api/ramps")).status, 200);
  }
  assert.equal(made, 1);
});

test("what is no address is no path, and where no keeper reads a chain there is neither", async () => {
  for (const wrong of ["0x12", `${ACCOUNT}0`, ACCOUNT.slice(2), "WETH", ""]) {
    assert.equal((await get(`/api/notice/${wrong}`)).status, 404, wrong);
  }
  const bare = await startDashboard({ port: 0, host: "127.0.0.1", data: aBook() });
  assert.equal((await askApi(new URL("/api/ramps", bare.url))).status, 404);
  await bare.close();
});
