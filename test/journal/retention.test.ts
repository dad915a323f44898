import assert from "node:assert/strict";
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { housekeeping } from "../../keeper/operations/housekeeping.ts";
import { onePiece } from "../support/packed.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { IDENTITY, NOW, sampleAssessment, samplePlan } from "./sample.ts";

const DAY = 86_400;
const aTick = (now: number) => ({
  now,
  blockNumber: 12n,
  markets: [{ marketId: 1, market: "WETH", assessment: sampleAssessment() }],
});

/** A journal with one tick a day and a transaction at each, the oldest first. */
function journal(days: number) {
  const store = openJournal(":memory:", IDENTITY);
  for (let day = days; day >= 0; day--) {
    const at = NOW - day * DAY;
    store.recordTick(aTick(at));
    const intent = store.planIntent({ ...samplePlan(store.recordTick(aTick(at)), days - day + 1), plannedAt: at });
    store.resolveIntent(intent.id, { status: "CONFIRMED", at, blockNumber: 1n });
  }
  return store;
}

test("ticks without a transaction leave after 35 days, those with one stay as long as it does", () => {
  const store = journal(60);
  assert.deepEqual(store.prune(NOW, 400), { ticks: 25, intents: 0 });
  assert.equal(store.recentIntents(1_000).length, 61);
  assert.equal(store.recentTicks(1_000).length, 2 * 61 - 25);
  store.integrity();
});

test("transactions leave after the retention, but never the newest hundred", () => {
  const store = journal(300);
  assert.equal(store.prune(NOW, 90).intents, 201);
  assert.equal(store.recentIntents(1_000).length, 100);
  store.integrity();
  assert.equal(journal(130).prune(NOW, 110).intents, 20, "that of the 110th day stays");
});

test("an open transaction stays whatever its age, and so does what it replaces", () => {
  const store = openJournal(":memory:", IDENTITY);
  const old = NOW - 500 * DAY;
  const first = store.planIntent({ ...samplePlan(store.recordTick(aTick(old))), plannedAt: old });
  store.planIntent({ ...samplePlan(store.recordTick(aTick(old)), 2, { replaces: first.id }), plannedAt: old });
  for (let n = 3; n <= 103; n++) {
    const { id } = store.planIntent({ ...samplePlan(store.recordTick(aTick(old)), n), plannedAt: old });
    store.resolveIntent(id, { status: "CONFIRMED", at: old, blockNumber: 1n });
  }
  assert.equal(store.prune(NOW, 90).intents, 1, "the one ended that is not among the newest hundred");
  assert.equal(store.openIntents().length, 2);
});

test("what the model remembers of the last 28 days, and the last loosening, are the same after pruning", () => {
  const store = journal(60);
  const before = store.history(1, NOW);
  store.prune(NOW, 90);
  assert.deepEqual(store.history(1, NOW), before);
});

test("the last loosening and the last trip of a market stay known however long ago, whatever its neighbour did since", () => {
  const store = openJournal(":memory:", IDENTITY);
  const at = NOW - 40 * DAY;
  const assessment = sampleAssessment({ decision: { reasons: ["LOOSEN"], breaker: true } });
  store.recordTick({ now: at, blockNumber: 12n, markets: [{ marketId: 1, market: "WETH", assessment }] });
  store.recordTick({ now: NOW, blockNumber: 13n, markets: [{ marketId: 2, market: "WBTC", assessment }] });
  store.prune(NOW, 90);
  const { lastLoosening, lastBreaker } = store.history(1, NOW);
  assert.deepEqual([lastLoosening, lastBreaker], [at, at]);
});

test("evidence that a transaction refers to stays, however old the file; other old files leave, young ones stay", async () => {
  const folder = temporaryFolder();
  const evidence = evidenceFolder(folder);
  const [used, orphan, young] = await Promise.all(
    ["used", "orphan", "young"].map((text) => evidence.put(onePiece(text))),
  );
  assert.ok(used !== undefined && orphan !== undefined && young !== undefined);
  const old = NOW - 500 * DAY;
  for (const hash of [used, orphan]) utimesSync(join(folder, `${hash}.json.gz`), old, old);
  const edge = NOW - 90 * DAY;
  utimesSync(join(folder, `${young}.json.gz`), edge, edge);
  assert.equal(await evidence.prune(edge, new Set([used])), 1);
  assert.deepEqual([...(await evidence.list())].sort(), [used, young].sort());
});

test("housekeeping is done with the first cycle and then once a day", async () => {
  let times = 0;
  const impact = temporaryFolder();
  writeFileSync(join(impact, "0xe1.json"), "{}");
  utimesSync(join(impact, "0xe1.json"), NOW - 91 * DAY, NOW - 91 * DAY);
  const tidy = housekeeping({
    store: {
      prune: () => {
        times += 1;
        return { ticks: 0, intents: 0 };
      },
      evidenceInUse: () => new Set(),
    },
    evidence: { prune: async () => 0 },
    impact,
    days: 90,
    disk: () => NOW,
  });
  assert.equal((await tidy(NOW))?.reports, 1, "the impact gate's too");
  assert.equal(await tidy(NOW + DAY - 1), null);
  await tidy(NOW + DAY);
  assert.equal(times, 2);
});
