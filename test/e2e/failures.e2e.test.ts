import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, beforeEach, describe, it } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import { rebuildJournal } from "../../keeper/audit/rebuild.ts";
import type { Journal } from "../../keeper/domain/journal.ts";
import { type Keeper, openKeeper } from "../../keeper/keeper.ts";
import { KEEPER_DEFAULTS, parseConfigFile } from "../../keeper/runtime/configFile.ts";
import { openGuard } from "../../keeper/runtime/guard.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { gateProxy } from "../support/gateProxy.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { SHIPPED } from "../support/shipped.ts";

const FROM = Date.UTC(2026, 0, 28) / 1000;

describe("a keeper whose surroundings fail", () => {
  let world: KeeperWorld;
  let keeper: Keeper;
  let time = 0;
  let states = 0;

  const open = (deribitUrl: string, change: Partial<Parameters<typeof openKeeper>[0]> = {}): Keeper =>
    openKeeper({
      ...KEEPER_DEFAULTS,
      marketFiles: SHIPPED,
      nodes: world.replica.url,
      chainId: world.replica.chainId,
      deployment: world.deployment,
      venueUrls: { deribit: deribitUrl },
      state: join(world.folder, `own${states}`),
      account: privateKeyToAccount(world.key),
      now: () => time,
      ...change,
    });
  const cycle = () => keeper.cycle({ dryRun: false, signal: new AbortController().signal });
  const sequence = async () => (await world.chain()).writer.sequence;

  before(async () => {
    const instants = openReplaySource().source.instants(FROM, FROM + 86_400);
    time = (instants[0] ?? 0) + 2;
    world = await keeperWorld(time - 2);
    await world.passTo(time);
  });
  beforeEach(() => {
    keeper?.close();
    states += 1;
    keeper = open(world.venueUrl);
  });
  after(async () => {
    keeper?.close();
    await world?.close();
  });

  it("observes and decides without a key, and names that as why what is due is not sent", async () => {
    keeper.close();
    keeper = open(world.venueUrl, { account: null });
    const { entries, heldBy, batch } = await cycle();
    assert.equal(entries.length, 2);
    assert.deepEqual([heldBy, batch], ["no key to sign with; field KEEPER_PRIVATE_KEY", null]);
  });

  it("sends nothing that it cannot store evidence for, and goes on when it can", async () => {
    const before = await sequence();
    const folder = join(world.folder, `own${states}`, "evidence");
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(folder, "a file where the folder should be");
    await assert.rejects(cycle(), /evidence/);
    assert.equal(await sequence(), before);
    assert.deepEqual(keeper.store.recentIntents(9), []);
    rmSync(folder);
    time += 1;
    await world.passTo(time);
    assert.equal((await cycle()).batch?.status, "CONFIRMED");
    assert.equal(await sequence(), before + 1);
  });

  it("sends nothing that it cannot journal, and goes on when it can", async () => {
    const before = await sequence();
    const other = new DatabaseSync(join(world.folder, `own${states}`, "journal.sqlite"));
    other.exec("BEGIN EXCLUSIVE");
    await assert.rejects(cycle(), /lock|JOURNAL/i);
    assert.equal(await sequence(), before);
    other.exec("ROLLBACK");
    other.close();
    assert.ok((await cycle()).entries.length > 0);
  });

  it("writes the markets that are listed when its record names one that is not yet, and says which", async () => {
    keeper.close();
    const markets = world.deployment.markets.map((one) => (one.name === "WBTC" ? { ...one, id: 77 } : one));
    keeper = open(world.venueUrl, { deployment: { ...world.deployment, markets } });
    time += 60;
    await world.passTo(time);
    const report = await cycle();
    assert.deepEqual(
      report.entries.map(({ assessment }) => assessment.market),
      ["WETH"],
    );
    assert.deepEqual(report.failures[0], { market: "WBTC", error: "not listed on chain" });
  });

  it("signs nothing once a kill switch is set, also while a batch is being made ready", async () => {
    keeper.close();
    const gate = await gateProxy(world.replica.url, (body) => body.includes("eth_estimateGas"));
    const state = join(world.folder, `own${states}`);
    const { submissionHalt } = parseConfigFile("", {}).settings;
    const guard = (store: Journal) => openGuard({ paused: { kind: "none" }, state, submissionHalt }, store);
    keeper = open(world.venueUrl, { nodes: gate.url, guard });
    try {
      time += 7 * 3_600;
      await world.passTo(time);
      const going = cycle();
      await Promise.race([gate.held, going.then(({ batch }) => assert.fail(`nothing was due: ${batch?.detail}`))]);
      writeFileSync(join(state, "PAUSED"), "in the last moment");
      gate.release();
      const { batch } = await going;
      assert.equal(batch?.status, "NOT_SENT");
      assert.match(batch.detail, /a kill switch was set while it was made ready: file PAUSED: in the last moment/);
      assert.deepEqual(keeper.store.recentIntents(9), []);
    } finally {
      gate.release();
      await gate.close();
    }
  });

  it("is rebuilt from chain and evidence, telling how far it is; given up in between, nothing was moved", async () => {
    time += 7 * 3_600;
    await world.passTo(time);
    const { batch } = await cycle();
    assert.equal(batch?.status, "CONFIRMED", batch?.detail);
    const { client } = keeper;
    keeper.close();
    const stateFolder = join(world.folder, `own${states}`);
    const steps: string[] = [];
    const progress = (done: number, of: number, what: string) => {
      steps.push(`${done === of ? "all" : "part"} ${what}`);
    };
    const parts = { client, deployment: world.deployment, stateFolder, label: "aside", progress };
    const stopped = AbortSignal.abort(new Error("stopped by a person"));
    await assert.rejects(rebuildJournal({ ...parts, signal: stopped }), /stopped by a person/);
    assert.deepEqual(
      readdirSync(stateFolder).filter((name) => name.includes("aside")),
      [],
    );
    steps.length = 0;
    const rebuilt = await rebuildJournal({ ...parts, signal: new AbortController().signal });
    assert.deepEqual(
      steps.filter((step) => step.startsWith("all")),
      ["all searching batches in the chain's events", "all reading transactions and their evidence"],
    );
    assert.deepEqual([rebuilt.markets, rebuilt.transactions - rebuilt.withoutEvidence], [2, 1]);
    keeper = open(world.venueUrl);
    assert.equal(keeper.store.recentIntents(1)[0]?.transactionHash, batch.hash);
  });

  it("moves no maintenance while the venue is down, and reports every source it could not reach", async () => {
    keeper.close();
    keeper = open("http://127.0.0.1:9/api/v2");
    const report = await cycle();
    const reasons = report.entries.map(({ assessment }) => assessment.readings.faults.map(({ code }) => code));
    assert.ok(reasons.every((codes) => codes.includes("UNREACHABLE")));
    for (const { assessment, input } of report.entries) {
      assert.equal(assessment.decision.maintenanceTargetBps, input.onChain.maintenanceTargetBps);
    }
  });
});
