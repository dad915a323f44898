import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { mayFollow } from "../../keeper/cosign/refusals.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { openDatabase } from "../../keeper/journal/database.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { MIGRATIONS } from "../../keeper/journal/migrations.ts";
import { wholeHash } from "../../keeper/operations/transactions.ts";
import { CALM_LIMIT, entriesOf } from "../support/entries.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { IDENTITY, NOW, sampleAssessment, samplePlan } from "./sample.ts";

const folder = () => temporaryFolder();
const fresh = () => openJournal(":memory:", IDENTITY);
const broken = (pattern: RegExp) => (error: unknown) =>
  error instanceof TonsorError && error.code === "JOURNAL_BROKEN" && pattern.test(error.message);
const aTick = {
  now: NOW,
  blockNumber: 12n,
  markets: [{ marketId: 1, market: "WETH", assessment: sampleAssessment() }],
};

test("a tick comes back with its assessment, without the boards it was read from", () => {
  const store = fresh();
  const id = store.recordTick(aTick);
  store.finishTick(id, NOW + 2, "submitted");
  const [tick] = store.recentTicks(10);
  assert.equal(tick?.blockNumber, 12n);
  assert.equal(tick?.outcome, "submitted");
  assert.equal(tick?.markets[0]?.assessment?.decision.initialBps, 2200);
  assert.equal(tick?.markets[0]?.assessment?.readings.priceUsd, 3000);
  assert.doesNotMatch(JSON.stringify(tick?.markets), /large/);
});

test("a market that failed is in the tick with its error, beside the ones that did not", () => {
  const store = fresh();
  store.recordTick({ ...aTick, markets: [...aTick.markets, { marketId: 2, market: "WBTC", error: "no price" }] });
  const [tick] = store.recentTicks(1);
  assert.deepEqual(
    tick?.markets.map((market) => market.error),
    [null, "no price"],
  );
});

test("several markets that are not listed on chain, and so have no id, stand in one tick", () => {
  const store = fresh();
  const error = "not listed on chain";
  store.recordTick({ ...aTick, markets: ["LINK", "CRV"].map((market) => ({ marketId: 0, market, error })) });
  assert.deepEqual(
    store
      .recentTicks(1)[0]
      ?.markets.map((entry) => entry.market)
      .sort(),
    ["CRV", "LINK"],
  );
});

test("recentTicks gives the newest first, at most as many as asked, and only later than since", () => {
  const store = fresh();
  for (let n = 0; n < 5; n++) store.recordTick({ ...aTick, now: NOW + n, markets: [] });
  assert.deepEqual(
    store.recentTicks(2).map((tick) => tick.now),
    [NOW + 4, NOW + 3],
  );
  assert.deepEqual(
    store.recentTicks(10, NOW + 2).map((tick) => tick.now),
    [NOW + 4, NOW + 3],
  );
});

test("a command that opens the journal while a keeper makes it finds it whole, or locked for a moment", async () => {
  const source = new URL("../../keeper/journal/database.ts", import.meta.url).href;
  const path = join(folder(), "journal.sqlite");
  const together = new Int32Array(new SharedArrayBuffer(4));
  const open = `const { parentPort, workerData } = require("node:worker_threads");
    import("${source}").then(({ openDatabase }) => {
      Atomics.add(workerData.together, 0, 1);
      Atomics.notify(workerData.together, 0);
      for (let n; (n = Atomics.load(workerData.together, 0)) < 4; ) Atomics.wait(workerData.together, 0, n);
      try { openDatabase(workerData.path, workerData.identity).close(); parentPort.postMessage("whole"); }
      catch ({ code, message }) { parentPort.postMessage(code + " " + message); }
    });`;
  const workerData = { together, path, identity: IDENTITY };
  const said = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const worker = new Worker(open, { eval: true, workerData });
      return new Promise<string>((resolve) => worker.once("message", resolve));
    }),
  );
  assert.ok(said.includes("whole"), said.join("\n"));
  for (const one of said) assert.match(one, /^(whole|JOURNAL_BUSY)/);
});

test("an intent is planned, sent and confirmed, and comes back whole from another connection", () => {
  const path = join(folder(), "journal.sqlite");
  const store = openJournal(path, IDENTITY);
  const plan = samplePlan(store.recordTick(aTick));
  const intent = store.planIntent(plan);
  const other = openJournal(path, IDENTITY);
  assert.deepEqual(other.openIntents(), [intent]);
  const made = { tightens: true, route: "public", plannedBlock: null } as const;
  const none = { blockNumber: null, blockHash: null, feeWei: null, final: false, detail: null } as const;
  assert.deepEqual(intent, { ...plan, ...made, ...none, id: 1, status: "PLANNED", updatedAt: NOW });
  store.markSent(intent.id, NOW + 1);
  assert.equal(other.openIntents()[0]?.status, "SENT");
  store.markUnknown(intent.id, NOW + 2, "502");
  assert.equal(other.openIntents()[0]?.detail, "502");
  store.resolveIntent(intent.id, { status: "CONFIRMED", at: NOW + 3, blockNumber: 99n });
  assert.deepEqual(other.openIntents(), []);
  const [done] = other.recentIntents(1);
  assert.equal(done?.status, "CONFIRMED");
  assert.equal(done?.blockNumber, 99n);
  assert.equal(done?.maxFeePerGas, 2n ** 80n);
});

test("whether a transaction tightens, its way and the block it was planned at come back as they were planned", () => {
  const store = fresh();
  const tick = store.recordTick(aTick);
  const made = [{}, { tightens: true }, { tightens: false, route: "private", plannedBlock: 9n }] as const;
  const came = made.map((one, n) => store.planIntent(samplePlan(tick, n + 1, one)));
  assert.deepEqual(
    came.map(({ tightens, route, plannedBlock }) => [tightens, route, plannedBlock]),
    [
      [true, "public", null],
      [true, "public", null],
      [false, "private", 9n],
    ],
  );
});

test("a consent binds until the deadline of its batch has passed, against every earlier one of its sequence", () => {
  const store = fresh();
  const batch = (deadline: number, sequence = 7n) => ({ ...samplePlan(1).batch, deadline, sequence });
  const asked: number[] = [];
  /** Asks for consent of a batch, which may follow an earlier one only when `may` says so of its number. */
  const consent = (digest: `0x${string}`, given: ReturnType<typeof batch>, alive: number, may = [true]) => {
    asked.length = 0;
    return store.consent({ at: NOW, digest, batch: given, alive }, (fresh, earlier) => {
      assert.deepEqual(
        [fresh, earlier].map((list) => list.map(({ marketId }) => marketId)),
        [
          [1, 2],
          [1, 2],
        ],
      );
      return may[asked.push(0) - 1] ?? false;
    });
  };
  assert.equal(consent("0x01", batch(NOW + 300), NOW, []), true, "the first of its sequence");
  assert.equal(consent("0x01", batch(NOW + 300), NOW, []), true, "the same again");
  assert.equal(consent("0x02", batch(NOW + 300), NOW + 300, [false]), false, "on the deadline it may still land");
  assert.equal(consent("0x01", batch(NOW + 300), NOW, []), true, "what was refused took no place");
  assert.equal(asked.length, 0);
  assert.equal(consent("0x03", batch(NOW + 400), NOW, [true]), true);
  for (const may of [
    [true, false],
    [false, true],
  ]) {
    assert.equal(consent("0x04", batch(NOW + 400), NOW, may), false, "one of two is not followed");
  }
  assert.equal(consent("0x04", batch(NOW + 400), NOW + 301, [true]), true, "of the first the deadline has passed");
  assert.equal(asked.length, 1);
  assert.equal(consent("0x05", batch(NOW + 400, 8n), NOW, []), true, "of another sequence");
});

test("after a consent of a version that wrote no exposure limit down nothing is signed until its deadline, a fall neither", () => {
  const path = join(folder(), "journal.sqlite");
  openJournal(path, IDENTITY).close();
  const before = new DatabaseSync(path);
  const haircuts = JSON.stringify([{ marketId: 1, initialBps: 2200, maintenanceTargetBps: 1800 }]);
  before.prepare("INSERT INTO consents VALUES (?, ?, ?, ?, ?)").run("0x01", NOW, "7", NOW + 300, haircuts);
  before.close();
  const store = openJournal(path, IDENTITY);
  const stored = [{ marketId: 1, initialBps: 2000, maintenanceTargetBps: 1700, limit: CALM_LIMIT }];
  const { batch } = samplePlan(1);
  const asked = (digest: `0x${string}`, limit: number, alive: number) => {
    const entries = batch.entries.slice(0, 1).map((entry) => ({ ...entry, limit }));
    const given = { at: NOW, digest, batch: { ...batch, entries }, alive };
    return store.consent(given, (fresh, earlier) => mayFollow(fresh, earlier, stored));
  };
  for (const limit of [CALM_LIMIT + 1, CALM_LIMIT, 0]) assert.equal(asked("0x02", limit, NOW + 300), false);
  assert.equal(asked("0x01", CALM_LIMIT, NOW + 300), true, "the same batch, as ever");
  assert.equal(asked("0x02", CALM_LIMIT, NOW + 301), true, "that one can land no more");
});

test("open and watched transactions come in the order of their nonces", () => {
  const store = fresh();
  const tick = store.recordTick(aTick);
  for (const nonce of [9, 8]) store.planIntent(samplePlan(tick, nonce, { nonce }));
  const order = () => [store.openIntents(), store.watchedIntents()].map((list) => list.map(({ nonce }) => nonce));
  assert.deepEqual(order(), [[8, 9], []]);
  for (const { id } of store.openIntents()) store.resolveIntent(id, { status: "CONFIRMED", at: NOW, final: false });
  assert.deepEqual(order(), [[], [8, 9]]);
});

test("what ended and is not final is watched, may be reopened, and is not looked at again once it is final", () => {
  const store = fresh();
  const { id } = store.planIntent(samplePlan(store.recordTick(aTick)));
  const landed = {
    status: "CONFIRMED",
    at: NOW,
    blockNumber: 9n,
    blockHash: `0x${"aa".repeat(32)}`,
    feeWei: 7n,
  } as const;
  store.resolveIntent(id, { ...landed, final: false });
  assert.deepEqual(
    [store.openIntents(), store.watchedIntents().map((one) => [one.id, one.blockHash, one.feeWei])],
    [[], [[id, landed.blockHash, 7n]]],
  );
  store.resolveIntent(id, { status: "UNKNOWN", at: NOW + 1, detail: "reorganised" });
  assert.deepEqual([store.openIntents().length, store.watchedIntents().length], [1, 0]);
  assert.deepEqual([store.intent(id).blockNumber, store.intent(id).feeWei], [null, null]);
  store.finalise(id);
  assert.equal(store.intent(id).final, false, "what is open is never final");
  store.resolveIntent(id, { ...landed, final: false });
  store.finalise(id);
  store.resolveIntent(id, { status: "UNKNOWN", at: NOW + 2 });
  assert.deepEqual([store.intent(id).status, store.watchedIntents()], ["CONFIRMED", []]);
});

test("what was spent counts from the second asked for, and the floor is above every nonce seen in a block", () => {
  const store = fresh();
  const tick = store.recordTick(aTick);
  const { from } = samplePlan(tick);
  assert.deepEqual([store.spentSince(from, 0, "others"), store.nonceFloor(from)], [0n, 0]);
  for (const [n, status, feeWei] of [
    [1, "CONFIRMED", 5n],
    [2, "REVERTED", 6n],
    [3, "DROPPED", undefined],
  ] as const) {
    const { id } = store.planIntent(samplePlan(tick, n, { nonce: n }));
    store.resolveIntent(id, { status, at: NOW + n, ...(feeWei === undefined ? {} : { feeWei }) });
  }
  assert.deepEqual([store.spentSince(from, NOW + 1, "others"), store.spentSince(from, NOW + 2, "others")], [11n, 6n]);
  assert.deepEqual([store.nonceFloor(from), store.nonceFloor(`0x${"22".repeat(20)}`)], [3, 0]);
  const { id } = store.planIntent(samplePlan(tick, 4, { nonce: 4 }));
  store.resolveIntent(id, { status: "CONFIRMED", at: NOW + 4 });
  const { gasLimit, maxFeePerGas } = store.intent(id);
  assert.equal(
    store.spentSince(from, NOW + 4, "others"),
    gasLimit * maxFeePerGas,
    "without a receipt, the most it can cost",
  );
});

test("a final status is never changed back", () => {
  const store = fresh();
  const intent = store.planIntent(samplePlan(store.recordTick(aTick)));
  store.resolveIntent(intent.id, { status: "CONFIRMED", at: NOW, blockNumber: 1n });
  store.markUnknown(intent.id, NOW + 9, "late answer");
  assert.equal(store.recentIntents(1)[0]?.status, "CONFIRMED");
});

test("what is in flight is pending for each of its markets, until it ends", () => {
  const store = fresh();
  const intent = store.planIntent(samplePlan(store.recordTick(aTick)));
  assert.deepEqual(store.pending().get(2), {
    ...{ initialBps: 3300, maintenanceTargetBps: 2800, limit: CALM_LIMIT, asOf: NOW - 9 },
  });
  assert.equal(store.pending().get(3), undefined);
  store.resolveIntent(intent.id, { status: "REVERTED", at: NOW, blockNumber: 1n });
  assert.equal(store.pending().get(2), undefined);
});

test("an intent of a tick that was never recorded is refused whole, and one hash has one row: its own while it is open, none once it has ended", () => {
  const store = fresh();
  assert.throws(() => store.planIntent(samplePlan(99)));
  const tick = store.recordTick(aTick);
  const { id } = store.planIntent(samplePlan(tick));
  assert.equal(store.planIntent(samplePlan(tick)).id, id);
  store.resolveIntent(id, { status: "CONFIRMED", at: NOW, blockNumber: 1n });
  assert.throws(() => store.planIntent(samplePlan(tick)), { code: "TRANSACTION_UNKNOWN" });
  assert.equal(store.recentIntents(10).length, 1);
  store.integrity();
});

test("a replacement stands beside what it replaces, and only its values are pending", () => {
  const store = fresh();
  const tick = store.recordTick(aTick);
  const first = store.planIntent(samplePlan(tick));
  const { batch } = samplePlan(tick);
  const [update] = batch.entries;
  assert.ok(update);
  const { marketId, maintenanceTargetBps, asOf } = update;
  const entries = entriesOf([{ marketId, initialBps: 2900, maintenanceTargetBps, limit: CALM_LIMIT - 9, asOf }]);
  const second = store.planIntent(samplePlan(tick, 2, { replaces: first.id, batch: { ...batch, entries } }));
  assert.deepEqual(
    store.openIntents().map(({ id, replaces }) => [id, replaces]),
    [
      [first.id, null],
      [second.id, first.id],
    ],
  );
  assert.deepEqual([store.pending().get(1)?.initialBps, store.pending().get(1)?.limit], [2900, CALM_LIMIT - 9]);
  assert.equal(store.pending().get(2), undefined);
  store.resolveIntent(second.id, { status: "DROPPED", at: NOW });
  assert.deepEqual([store.pending().get(1)?.initialBps, store.pending().get(2)?.initialBps], [2200, 3300]);
  assert.equal(store.pending().get(1)?.limit, CALM_LIMIT);
});

test("a cancellation has no values, and nothing is pending while it is the newest", () => {
  const store = fresh();
  const tick = store.recordTick(aTick);
  const first = store.planIntent(samplePlan(tick));
  const batch = { ...first.batch, entries: [] };
  store.planIntent(samplePlan(tick, 2, { kind: "CANCEL", replaces: first.id, batch }));
  assert.deepEqual([store.pending().size, store.openIntents().at(-1)?.kind], [0, "CANCEL"]);
});

test("the journal refuses a second open nonce, whoever asks for it, and takes it when the first has ended", () => {
  const store = fresh();
  const tick = store.recordTick(aTick);
  const first = store.planIntent(samplePlan(tick));
  assert.throws(() => store.planIntent(samplePlan(tick, 2, { nonce: 4 })), /an earlier nonce is open/);
  store.resolveIntent(first.id, { status: "CONFIRMED", at: NOW, blockNumber: 1n });
  assert.equal(store.planIntent(samplePlan(tick, 2, { nonce: 4 })).nonce, 4);
});

test("the journal refuses a replacement of another nonce, of another sender, and of nothing", () => {
  const store = fresh();
  const tick = store.recordTick(aTick);
  const first = store.planIntent(samplePlan(tick));
  store.resolveIntent(first.id, { status: "CONFIRMED", at: NOW, blockNumber: 1n });
  const own = /replaces only one of its own nonce/;
  assert.throws(() => store.planIntent(samplePlan(tick, 2, { nonce: 4, replaces: first.id })), own);
  assert.throws(() => store.planIntent(samplePlan(tick, 2, { from: `0x${"22".repeat(20)}`, replaces: first.id })), own);
  assert.throws(() => store.planIntent(samplePlan(tick, 2, { replaces: 77 })), own);
  assert.equal(store.recentIntents(9).length, 1);
});

test("an ended intent is not changed by any statement, not even one that forgets to ask", () => {
  const path = join(folder(), "journal.sqlite");
  const store = openJournal(path, IDENTITY);
  const intent = store.planIntent(samplePlan(store.recordTick(aTick)));
  store.resolveIntent(intent.id, { status: "SUPERSEDED", at: NOW });
  const raw = new DatabaseSync(path);
  assert.throws(() => raw.exec("UPDATE intents SET status = 'SENT'"), /final is not changed/);
  raw.close();
});

for (const version of MIGRATIONS.keys()) {
  test(`a journal of schema ${version + 1} is brought forward with its tick, transaction and memory`, () => {
    const path = join(folder(), "journal.sqlite");
    const old = openDatabase(path, IDENTITY, MIGRATIONS.slice(0, version + 1));
    old.exec(`INSERT INTO ticks (now) VALUES (${NOW});
      INSERT INTO intents (tick, planned_at, updated_at, status, sequence, evidence, batch, sender, recipient, nonce, gas_limit,
        max_fee_per_gas, max_priority_fee_per_gas, transaction_hash, raw_transaction)
      VALUES (1, ${NOW}, ${NOW}, 'SENT', '7', '0xee', '{"sequence":"7","entries":[]}', '0xaa', '0xbb', 3, '1', '1', '1', '0x01', '0x02');
      INSERT INTO depth_samples (market_id, time, usd) VALUES (1, ${NOW}, 5)`);
    old.close();
    const journal = openJournal(path, IDENTITY);
    const [intent] = journal.openIntents();
    assert.deepEqual([intent?.kind, intent?.replaces, intent?.nonce, intent?.status], ["BATCH", null, 3, "SENT"]);
    assert.deepEqual([intent?.route, intent?.tightens, intent?.final, intent?.feeWei], ["public", true, false, null]);
    assert.deepEqual(journal.history(1, NOW).depth, [[NOW, 5]]);
    assert.deepEqual([journal.recentTicks(1)[0]?.now, journal.recentSwitches(1)], [NOW, []]);
    journal.integrity();
  });
}

/** SHA-256 of each released migration, white space aside; a new one is added here, an old one never changes. */
const RELEASED = [
  "c1c98096e8c12064",
  "18a4ce6f0a9e2c18",
  "e49b2491bc1c3d6f",
  "19e327e9d4192135",
  "e2e66394c5954343",
  "62be8a33e15b4396",
  "480f00407f4adfb1",
  "a4c6d8562681955c",
  "1a33b663f0740d13",
  "975aadff9f4b3088",
  "1df2fe3bcd1870b3",
  "1f6802c158623d0e",
  "e2258d1baa9418dc",
];

test("migrations are only added: none that was released has changed", () => {
  const hashes = MIGRATIONS.map((sql) =>
    createHash("sha256").update(sql.replace(/\s+/g, " ")).digest("hex").slice(0, 16),
  );
  assert.deepEqual(hashes, RELEASED);
});

test("a row is on disk when the call returns: write-ahead log, synchronous in full, references checked", () => {
  const database = openDatabase(join(folder(), "journal.sqlite"), IDENTITY);
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  assert.deepEqual([pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")], ["wal", 2, 1]);
  database.close();
});

test("a damaged journal says JOURNAL_BROKEN with advice", () => {
  const path = join(folder(), "journal.sqlite");
  const store = openJournal(path, IDENTITY);
  for (let n = 0; n < 200; n++) store.recordTick({ ...aTick, now: NOW + n });
  store.close();
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 8192, bytes.length - 4096);
  writeFileSync(path, bytes);
  assert.throws(
    () => openJournal(path, IDENTITY).integrity(),
    (error) => broken(/journal/)(error) && error instanceof TonsorError && /rebuilds/.test(error.advice),
  );
});

test("a file that is no database is refused", () => {
  const path = join(folder(), "journal.sqlite");
  writeFileSync(path, "this is not a database, and long enough to be taken for one".repeat(100));
  assert.throws(() => openJournal(path, IDENTITY), broken(/cannot be opened/));
});

test("the journal of another contract or another chain is refused", () => {
  const path = join(folder(), "journal.sqlite");
  openJournal(path, IDENTITY).close();
  openJournal(path, { ...IDENTITY, contract: IDENTITY.contract.toUpperCase().replace("0X", "0x") }).close();
  assert.throws(
    () => openJournal(path, { ...IDENTITY, chainId: 1 }),
    broken(/another contract.*chain 31337.*chain 1,/s),
  );
  assert.throws(() => openJournal(path, { ...IDENTITY, contract: `0x${"11".repeat(20)}` }), broken(/another contract/));
});

test("migrations run once each, in order, and a journal of a newer version is refused", () => {
  const path = join(folder(), "journal.sqlite");
  openJournal(path, IDENTITY).close();
  const later = [...MIGRATIONS, "CREATE TABLE later (n INTEGER) STRICT; INSERT INTO later VALUES (1);"];
  openDatabase(path, IDENTITY, later).close();
  const again = openDatabase(path, IDENTITY, later);
  assert.equal(again.prepare("SELECT COUNT(*) AS n FROM later").get()?.["n"], 1);
  again.close();
  assert.throws(() => openJournal(path, IDENTITY), broken(/newer version/));
});

test("a migration that fails half-way leaves the journal as it was", () => {
  const path = join(folder(), "journal.sqlite");
  openJournal(path, IDENTITY).close();
  assert.throws(() => openDatabase(path, IDENTITY, [...MIGRATIONS, "CREATE TABLE half (n INTEGER) STRICT; NONSENSE;"]));
  const raw = new DatabaseSync(path);
  assert.equal(raw.prepare("SELECT COUNT(*) AS n FROM sqlite_master WHERE name = 'half'").get()?.["n"], 0);
  assert.equal(raw.prepare("PRAGMA user_version").get()?.["user_version"], MIGRATIONS.length);
});

test("the beginning of a hash finds the transaction that was meant, and never one of two", () => {
  const store = fresh();
  const tick = store.recordTick(aTick);
  const [one, two] = [`0x${"ab".repeat(31)}cd`, `0xabab${"0".repeat(60)}`] as const;
  for (const transactionHash of [one, two]) store.planIntent(samplePlan(tick, 1, { transactionHash }));
  const refused = (code: string, words: RegExp) => (error: unknown) =>
    error instanceof TonsorError && error.code === code && words.test(JSON.stringify(error.facts));
  assert.equal(wholeHash(store, "0xababab"), one);
  assert.equal(wholeHash(store, "0xabab0"), two);
  assert.throws(() => wholeHash(store, "0xabab"), refused("BAD_ARGUMENT", new RegExp(`${one}.*${two}|${two}.*${one}`)));
  assert.throws(() => wholeHash(store, "0x_bab"), refused("UNKNOWN_TRANSACTION", /0x_bab/));
  assert.equal(wholeHash(store, `0x${"77".repeat(32)}`), `0x${"77".repeat(32)}`, "a whole hash is the chain's to know");
});
