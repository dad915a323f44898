import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { marketStatus, NOT_WEIGHED, positionsStatus } from "../../keeper/dashboard/marketStatus.ts";
import type { ListedMarket, PositionsStatus } from "../../keeper/dashboard/status.ts";
import type { CycleReport } from "../../keeper/domain/cycle.ts";
import { DATA_STATES } from "../../keeper/domain/decision.ts";
import { openKeeper } from "../../keeper/keeper.ts";
import { watchKeeper } from "../../keeper/operations/watch.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import { createLogger } from "../../keeper/runtime/logger.ts";
import { anExplanation } from "../dashboard/explanations.ts";
import { alertReceiver } from "../support/alertReceiver.ts";
import { loopback } from "../support/loopback.ts";
import { SHIPPED } from "../support/shipped.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** A cycle in which nothing was decided. */
const CYCLE: CycleReport = {
  now: 1_000,
  blockNumber: 7n,
  blockTime: 1_000,
  baseFee: 1n,
  tick: 1,
  entries: [],
  failures: [],
  batch: null,
  heldBy: null,
};

/** A market after a cycle, with what its positions came to. */
const listed = (positions: PositionsStatus = NOT_WEIGHED): ListedMarket => ({
  ...marketStatus(anExplanation()),
  positions,
});

/** A keeper's watch before anything was asked of a node. */
function watched(
  t: TestContext,
  alertWebhookUrl: string | null = null,
  state = temporaryFolder(),
  deadmanUrl: string | null = null,
) {
  const deployment = {
    contract: { address: "0x5FbDB2315678afecb367f032d93F642f64180aa3" },
    markets: [{ name: "WBTC", id: 6 }],
    sources: { pools: {}, feeds: {} },
    accounts: [],
  } as unknown as Parameters<typeof openKeeper>[0]["deployment"];
  let time = 1_000;
  const pass = (seconds: number) => {
    time += seconds;
    return time;
  };
  const keeper = openKeeper({
    ...KEEPER_DEFAULTS,
    marketFiles: SHIPPED,
    nodes: "http://127.0.0.1:9",
    chainId: 31_337,
    deployment,
    state,
    account: null,
    now: () => time,
  });
  const { schedule } = KEEPER_DEFAULTS;
  const settings = {
    tickSeconds: 60,
    schedule,
    ...{ state, statusHost: "127.0.0.1", statusPort: 8_640 },
    clock: "wall",
    rpcQuorum: 1,
    alertWebhookUrl,
    rampWebhookUrl: null,
    deadmanUrl,
    mirror: null,
  };
  const log = createLogger({ level: "silent", secrets: [] });
  const watch = watchKeeper(
    keeper,
    { ...settings, clean: (text: string) => text } as Parameters<typeof watchKeeper>[1],
    log,
    () => (time - 1_000) * 1_000,
  );
  t.after(() => {
    watch.close();
    keeper.close();
  });
  const figure = async (name: string) =>
    new RegExp(`^${name} (.+)$`, "m").exec((await watch.operations.metrics()).body)?.[1];
  const alerts = () => watch.operations.status().alerts.map(({ name }) => name);
  return { watch, figure, alerts, pass };
}

test("an expected tick that Redis did not bring is an alarm until the queue ticks again", async (t) => {
  const { watch, figure, alerts } = watched(t);
  assert.equal(await figure("tonsor_queue_silent"), "0");
  watch.onEvent({ kind: "queueSilent", sinceMs: 75_000 });
  assert.equal(await figure("tonsor_queue_silent"), "1");
  assert.deepEqual(alerts(), ["TonsorQueueSilent"]);
  watch.onEvent({ kind: "queueBack", silentMs: 90_000 });
  assert.equal(await figure("tonsor_queue_silent"), "0");
  assert.deepEqual(alerts(), []);
});

test("a clock behind the chain's is as much an alarm as a head that stands still", async (t) => {
  const { watch, figure, alerts } = watched(t);
  watch.cycleDone({ ...CYCLE, blockTime: 1_600 }, []);
  assert.equal(await figure("tonsor_head_age_seconds"), "-600");
  assert.ok(alerts().includes("TonsorHeadOld"));
  watch.cycleDone({ ...CYCLE, blockTime: 990 }, []);
  assert.ok(!alerts().includes("TonsorHeadOld"));
});

test("what is due and stays unsent is an alarm after a quarter of an hour, and what the impact gate holds at once", async (t) => {
  const { watch, figure, alerts, pass } = watched(t);
  const held = [{ market: "WETH", reason: "IMPACT_OVER_BUDGET: 9 000 000 USD" }];
  const nothing = { hash: null, intent: null, evidence: null, sequence: 3n, applied: [] };
  const batch = { ...nothing, status: "NOT_SENT", skipped: held, heldByGate: held, detail: "SPEND_BUDGET" } as const;

  const look = (of: CycleReport["batch"]) => {
    const now = pass(901);
    watch.cycleDone({ ...CYCLE, now, blockTime: now, batch: of }, []);
    return alerts().filter((name) => ["TonsorBatchNotSent", "TonsorImpactHeld"].includes(name));
  };
  assert.deepEqual(look(batch), ["TonsorImpactHeld"]);
  assert.deepEqual(look(batch).toSorted(), ["TonsorBatchNotSent", "TonsorImpactHeld"]);
  assert.equal(await figure('tonsor_impact_held_total\\{market="WETH"\\}'), "2");
  assert.deepEqual(look({ ...batch, status: "REFUSED", skipped: [], heldByGate: [] }), ["TonsorBatchNotSent"]);
  assert.deepEqual(look({ ...batch, status: "CONFIRMED", skipped: [], heldByGate: [] }), []);
  assert.deepEqual(look(null), []);
});

test("a nonce that is not clear is an alarm in the cycle that finds it, until one finds it clear", async (t) => {
  const { watch, figure, alerts } = watched(t);
  watch.cycleDone({ ...CYCLE, obstacles: [{ cause: "nonce", detail: "3 in block 88" }] }, []);
  assert.ok(alerts().includes("TonsorNonceUnclear"));
  assert.equal(await figure('tonsor_tightening_obstacle\\{cause="nonce"\\}'), "1");
  assert.equal(await figure("tonsor_tightening_possible"), "0");
  watch.cycleDone({ ...CYCLE, obstacles: [] }, []);
  assert.ok(!alerts().includes("TonsorNonceUnclear"));
  assert.equal(await figure('tonsor_tightening_obstacle\\{cause="nonce"\\}'), "0");
  watch.onEvent({ kind: "failed", tick: 2, error: Error("the node is gone") });
  assert.equal(await figure("tonsor_tightening_possible"), undefined, "what an earlier cycle found says nothing now");
});

test("a keeper that ticks and could send nothing is not alive for the dead man's switch", async (t) => {
  let pings = 0;
  const receiver = await loopback((_, response) => {
    pings += 1;
    response.end();
  });
  t.after(receiver.close);
  const { watch } = watched(t, null, temporaryFolder(), receiver.url);
  watch.cycleDone({ ...CYCLE, obstacles: [{ cause: "nonce", detail: "3 in block 88" }] }, []);
  watch.cycleDone({ ...CYCLE, obstacles: [] }, []);
  await new Promise((done) => setTimeout(done, 500));
  assert.equal(pings, 0, "it has no key");
});

test("the state of each market's data is served, one at a time", async (t) => {
  const { watch, figure } = watched(t);
  watch.cycleDone(CYCLE, [listed()]);
  const states = Object.keys(DATA_STATES).map((state) =>
    figure(`tonsor_data_state\\{market="WETH",state="${state}"\\}`),
  );
  assert.deepEqual(await Promise.all(states), ["0", "1", "0", "0"], "a source is down: DEGRADED");
});

test("a market of the record that the chain does not list is no readiness, beside those that it lists", (t) => {
  const { watch } = watched(t);
  const found = () => watch.operations.status().checks.find(({ name }) => name === "data")?.found;
  watch.cycleDone({ ...CYCLE, failures: [{ market: "WBTC", error: "not listed on chain" }] }, [listed()]);
  assert.equal(found(), "stale or not listed on chain: WBTC");
  watch.cycleDone({ ...CYCLE, failures: [] }, [listed()]);
  assert.equal(found(), "1 markets fresh on chain");
});

test("what would fall due, the largest borrower, the share of the limit and unread books are served, and go when they are not known", async (t) => {
  const { watch, figure } = watched(t);
  const due = [0.05, 0.1, 0.2, 0.3].map((fall) => ({ fall, collateralUsd: fall * 1_000, debtUsd: 1 }));
  const book = { borrowers: 3, heldUsd: 9_000, debtUsd: 4_000, largestBorrowerUsd: 700, due };
  const sums = { market: "WETH", collateralUsd: 9_000, debtUsd: 4_000, atRiskUsd: 0, why: null, book };
  const { assessment } = anExplanation();
  const known = listed(positionsStatus(sums, assessment));
  const states = [
    { lender: "Aave", markets: [1], borrowers: 3, fault: null },
    { lender: "Morpho", markets: [1], borrowers: null, fault: "POOL_MOVED: x" },
  ];
  watch.cycleDone({ ...CYCLE, books: states }, [known]);
  const at = (fall: string) => figure(`tonsor_liquidatable_usd\\{market="WETH",fall="${fall}"\\}`);
  assert.deepEqual(await Promise.all(["0.05", "0.1", "0.2", "0.3"].map(at)), ["50", "100", "200", undefined]);
  assert.equal(await figure('tonsor_largest_borrower_usd\\{market="WETH"\\}'), "700");
  const used = Number(await figure('tonsor_limit_used_ratio\\{market="WETH"\\}'));
  const tokens = 9_000 / (assessment.readings.priceUsd ?? 0);
  assert.equal(used, tokens / (known.onChain?.exposureLimitTokens ?? 0));
  assert.equal(await figure('tonsor_lender_book_read\\{lender="Aave"\\}'), "1");
  assert.equal(await figure('tonsor_lender_book_read\\{lender="Morpho"\\}'), "0");
  watch.cycleDone(CYCLE, [listed(positionsStatus({ ...sums, why: "not read" }, assessment))]);
  assert.equal(await at("0.1"), undefined);
  assert.equal(await figure('tonsor_largest_borrower_usd\\{market="WETH"\\}'), undefined);
  assert.equal(await figure('tonsor_lender_book_read\\{lender="Morpho"\\}'), "0", "until it is read again");
});

test("an alert that an earlier process told, and that no longer holds, ends once everything has been judged", async (t) => {
  const receiver = await alertReceiver();
  t.after(receiver.close);
  const state = temporaryFolder();
  const file = join(state, "alerts.json");
  const labels = { alertname: "TonsorBatchNotSent", severity: "critical" };
  writeFileSync(file, JSON.stringify([{ labels, annotations: {}, startsAt: 1, sentAt: 1 }]));
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { watch, pass } = watched(t, receiver.url, state);
  const written = () => readFileSync(file, "utf8");
  /** What ended by one look: waited for where something is to, and else given a moment. */
  const ended = async (seconds: number, tries = 40) => {
    pass(seconds);
    t.mock.timers.tick(10_000);
    const heard: string[] = [];
    for (; tries > 0 && heard.length === 0; tries--) {
      await new Promise((done) => setTimeout(done, 5));
      heard.push(...receiver.told().filter((one) => one.startsWith("resolved")));
    }
    return heard;
  };
  assert.deepEqual(await ended(3_600), [], "an hour without a cycle judges nothing");
  watch.cycleDone(CYCLE, []);
  assert.deepEqual(await ended(900), []);
  watch.cycleDone(CYCLE, []);
  assert.deepEqual(await ended(59), []);
  assert.ok(written().includes("TonsorBatchNotSent"), "kept over one more restart");
  assert.deepEqual(await ended(1, 4_000), ["resolved TonsorBatchNotSent"]);
  for (let tries = 4_000; tries > 0 && written().includes("TonsorBatchNotSent"); tries--) {
    await new Promise((done) => setTimeout(done, 5));
  }
  assert.ok(!written().includes("TonsorBatchNotSent"));
});
