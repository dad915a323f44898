import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { toFunctionSelector, toHex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { COLLATERAL_PARAMETERS_ABI } from "../../keeper/protocols/abi.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { readEvents } from "../../scripts/lab/contractModel/readEvents.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { type CycleLine, cycleLines } from "../support/cycleLines.ts";
import { gateProxy } from "../support/gateProxy.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { TEST_MNEMONIC } from "../support/mnemonic.ts";
import { admitHotKey, haltByGuardian } from "../support/powers.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
const TO = Date.UTC(2026, 1, 12) / 1000;
const publish = COLLATERAL_PARAMETERS_ABI.find((entry) => entry.type === "function" && entry.name === "publishBatch");
const SELECTOR = publish?.type === "function" ? toFunctionSelector(publish).slice(2) : "";
const SECOND = mnemonicToAccount(TEST_MNEMONIC, { addressIndex: 6 }).address;
const key = (addressIndex: number) => {
  const secret = mnemonicToAccount(TEST_MNEMONIC, { addressIndex }).getHdKey().privateKey;
  assert.ok(secret !== null);
  return { KEEPER_PRIVATE_KEY: toHex(secret) };
};

/** Two keepers that do not know of each other: each has a journal of its own, and they share only the contract. */
describe("two keepers at once", () => {
  let world: KeeperWorld;
  let instants: readonly number[] = [];
  let next = 0;
  const second = () => ({ ...key(6), TONSOR_STATE: join(world.folder, "second") });

  before(async () => {
    instants = openReplaySource().source.instants(FROM, TO);
    world = await keeperWorld(instants[0] ?? 0);
    await admitHotKey(world, SECOND);
  });
  after(() => world?.close());

  /** Moves the market at least six hours on: both keepers have something to send. */
  const moveOn = async (hours = 6) => {
    const from = instants[next] ?? 0;
    next = instants.findIndex((instant) => instant - from >= hours * 3_600);
    await world.moveTo(instants[next] ?? 0);
  };
  const ledger = (folder: string) => {
    const { chainId, contract } = world.deployment;
    const store = openJournal(join(folder, "journal.sqlite"), { chainId, contract: contract.address });
    try {
      return store.recentIntents(100).map((intent) => intent.status);
    } finally {
      store.close();
    }
  };
  const cycleOf = (out: string): CycleLine => JSON.parse(out) as CycleLine;
  /** The slower keeper has decided and is held at a request; meanwhile the faster does all of its work. */
  const overtaken = async (environment: Record<string, string>, holds: (body: string) => boolean) => {
    const proxy = await gateProxy(world.replica.url, holds);
    try {
      const slow = world.start("once --json", { ...environment, RPC_URL: proxy.url });
      await Promise.race([proxy.held, slow.ended.then(({ err }) => assert.fail(`ended before: ${err}`))]);
      const { sequence } = (await world.chain()).writer;
      const fast = await world.tonsor("once --json");
      assert.equal(cycleOf(fast.out).decisions[0]?.transaction?.status, "CONFIRMED", fast.out);
      const between = await world.chain();
      assert.equal(between.writer.sequence, sequence + 1);
      proxy.release();
      const ended = await slow.ended;
      const end = await world.chain();
      assert.equal(end.writer.sequence, between.writer.sequence, "the key's number is that of the faster's batch");
      const stored = (view: typeof end) =>
        view.markets.map((one) => [one.storedInitialBps, one.maintenanceTargetBps, one.limit, one.asOf]);
      assert.deepEqual(stored(end), stored(between), "the slower changed no number");
      return ended;
    } finally {
      await proxy.close();
    }
  };

  it("with one key the slower one is refused by its number before it signs, and says so", async () => {
    const state = { TONSOR_STATE: join(world.folder, "sameKey") };
    const { out } = await overtaken(state, (body) => body.includes("eth_call") && body.includes(SELECTOR));
    assert.match(
      cycleOf(out)
        .failures.map((one) => one.message)
        .join(),
      /^WrongSequence: given 1, the chain expects 2\. Read the reason; the next cycle decides afresh/,
    );
    assert.deepEqual(ledger(join(world.folder, "sameKey")), []);
  });

  it("with one key a batch already signed ends at the nonce: one lands, the other is superseded", async () => {
    await moveOn();
    const state = { TONSOR_STATE: join(world.folder, "sameKey") };
    await overtaken(state, (body) => body.includes("eth_sendRawTransaction"));
    assert.deepEqual(ledger(join(world.folder, "sameKey")), ["SUPERSEDED"]);
  });

  it("with two keys a batch already signed lands behind the other's, and states the same numbers again", async () => {
    await moveOn();
    const { out } = await overtaken(second(), (body) => body.includes("eth_sendRawTransaction"));
    assert.equal(cycleOf(out).decisions[0]?.transaction?.status, "CONFIRMED", out);
    assert.deepEqual(ledger(join(world.folder, "second")), ["CONFIRMED"]);
    assert.equal((await world.chain(SECOND)).writer.sequence, 1, "a number of its own");
  });

  it("both go on from what is on chain: the next look of each holds", async () => {
    for (const environment of [{}, second()]) {
      const { code, out } = await world.tonsor("once --json", environment);
      assert.equal(code, 0);
      for (const { action, reasons } of cycleOf(out).decisions)
        assert.deepEqual([action, reasons], ["hold", ["NO_NEWER_DATA"]]);
    }
  });

  it("a guardian halts one key: its keeper holds and says so, the other goes on; it goes on when that lapses", async () => {
    await haltByGuardian(world, SECOND);
    await moveOn();
    const halted = await world.tonsor("once --json", second());
    assert.equal(halted.code, 0, halted.err);
    for (const { action, reasons } of cycleOf(halted.out).decisions)
      assert.deepEqual([action, reasons], ["hold", ["HALTED"]]);
    const other = await world.tonsor("once --json");
    assert.equal(cycleOf(other.out).decisions[0]?.transaction?.status, "CONFIRMED", other.out);
    await moveOn(73);
    const lapsed = await world.tonsor("once --json", second());
    assert.equal(cycleOf(lapsed.out).decisions[0]?.transaction?.status, "CONFIRMED", lapsed.out);
    assert.equal((await world.chain(SECOND)).writer.sequence, 2);
  });

  it("side by side for a day, one behind the other, they write each datum once, and the second yields", async () => {
    await moveOn();
    const before = await world.chain();
    const stages = join(world.folder, "stages.json");
    writeFileSync(stages, JSON.stringify({ schedule: { stageSeconds: 5 } }));
    const behind = { ...second(), INSTANCE_RANK: "1", TONSOR_CONFIG: stages };
    const runs = [world.start("run --json"), world.start("run --json", behind)];
    for (let looks = 0; looks < 3; looks++) {
      for (const run of runs) run.kill("SIGSTOP");
      await moveOn();
      for (const run of runs) run.kill("SIGCONT");
      const now = instants[next] ?? 0;
      for (const run of runs)
        await run.until(
          ({ out }) => cycleLines(out).filter((line) => line.time >= now).length >= 2,
          `two looks at ${now}`,
        );
    }
    for (const run of runs) run.kill("SIGINT");
    for (const run of runs) assert.equal((await run.ended).code, 0);
    const { chainId, contract } = world.deployment;
    const client = chainClient({ chainId, rpc: world.replica.url });
    const { blockNumber, writer } = await world.chain();
    const span = { fromBlock: before.blockNumber + 1n, toBlock: blockNumber };
    const batches = await readBatches(client, contract.address, span);
    assert.deepEqual(
      batches.map((batch) => [batch.writer, batch.sequence]),
      Array.from({ length: writer.sequence - before.writer.sequence }, (_, i) => [
        writer.account,
        BigInt(before.writer.sequence + i + 1),
      ]),
      "the second sends nothing",
    );
    assert.ok(batches.length >= 3, `${batches.length} batches`);
    const data = batches.flatMap((batch) => batch.entries.map((one) => `${one.marketId} at ${one.asOf}`));
    assert.equal(new Set(data).size, data.length, "no datum is written twice");
    const events = await readEvents(client, contract.address, span);
    assert.equal(events.filter((event) => event.name === "MarketSkipped").length, 0);
  });
});
