import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, beforeEach, describe, it } from "node:test";
import { type Keeper, openKeeper } from "../../keeper/main/keeper.ts";
import { openReplaySource } from "../../keeper/simulation/replay/openReplaySource.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";

const FROM = Date.UTC(2026, 0, 28) / 1000;

describe("a keeper whose surroundings fail", () => {
  let world: KeeperWorld;
  let keeper: Keeper;
  let time = 0;
  let states = 0;

  const open = (deribitUrl: string): Keeper =>
    openKeeper({
      rpcUrl: world.replica.url,
      chainId: world.replica.chainId,
      deployment: world.deployment,
      deribitUrl,
      stateFolder: join(world.folder, `own${states}`),
      privateKey: world.key,
      now: () => time,
    });
  const cycle = () => keeper.cycle({ dryRun: false, signal: new AbortController().signal });
  const sequence = async () => (await world.chain()).sequence;

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
    assert.equal(await sequence(), before + 1n);
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
