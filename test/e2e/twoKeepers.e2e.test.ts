import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { keccak256, parseAbi, toFunctionSelector, toHex } from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { COLLATERAL_PARAMETERS_ABI } from "../../keeper/protocols/abi.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { readBatches, readEvents } from "../../keeper/protocols/events.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { write } from "../../scripts/lab/replica/node.ts";
import { type CycleLine, cycleLines } from "../support/cycleLines.ts";
import { gateProxy } from "../support/gateProxy.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { TEST_MNEMONIC } from "../support/mnemonic.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
const TO = Date.UTC(2026, 1, 8) / 1000;
const update = COLLATERAL_PARAMETERS_ABI.find((entry) => entry.type === "function" && entry.name === "update");
const SELECTOR = update?.type === "function" ? toFunctionSelector(update).slice(2) : "";
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
    // Governance gives the role to a second key; what the timelock would do two days later.
    const { contract, timelock } = world.deployment;
    const abi = parseAbi(["function grantRole(bytes32 role, address account)"]);
    await world.node.impersonateAccount({ address: timelock.address });
    await world.node.setBalance({ address: timelock.address, value: 10n ** 18n });
    const role = keccak256(new TextEncoder().encode("KEEPER_ROLE"));
    const account = mnemonicToAccount(TEST_MNEMONIC, { addressIndex: 6 }).address;
    await write(world.node, timelock.address, contract.address, abi, "grantRole", [role, account]);
  });
  after(() => world?.close());

  /** Moves the market at least six hours on: both keepers have something to send. */
  const moveOn = async () => {
    const from = instants[next] ?? 0;
    next = instants.findIndex((instant) => instant - from >= 6 * 3_600);
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
  /** The second keeper has decided and is held at a request; meanwhile the first does all of its work. */
  const overtaken = async (environment: Record<string, string>, holds: (body: string) => boolean) => {
    const proxy = await gateProxy(world.replica.url, holds);
    try {
      const slow = world.start("once --json", { ...environment, RPC_URL: proxy.url });
      await Promise.race([proxy.held, slow.ended.then(({ err }) => assert.fail(`ended before: ${err}`))]);
      const { sequence } = await world.chain();
      const fast = await world.tonsor("once --json");
      assert.equal(cycleOf(fast.out).decisions[0]?.transaction?.status, "CONFIRMED", fast.out);
      const stands = await world.chain();
      assert.equal(stands.sequence, sequence + 1n);
      proxy.release();
      const ended = await slow.ended;
      const end = await world.chain();
      assert.equal(end.sequence, stands.sequence, "the second changed nothing");
      const stored = (view: typeof end) =>
        view.markets.map((one) => [one.storedInitialBps, one.maintenanceTargetBps, one.asOf]);
      assert.deepEqual(stored(end), stored(stands));
      return ended;
    } finally {
      await proxy.close();
    }
  };

  it("the slower one is refused by sequence before it signs, and says so", async () => {
    const { out } = await overtaken(second(), (body) => body.includes("eth_call") && body.includes(SELECTOR));
    assert.match(
      cycleOf(out)
        .failures.map((one) => one.message)
        .join(),
      /^WrongSequence: given 1, the chain expects 2\. Read the reason; the next cycle decides afresh/,
    );
    assert.deepEqual(ledger(join(world.folder, "second")), []);
  });

  it("a duplicate already signed is reverted by the contract: one paid revert, nothing changed", async () => {
    await moveOn();
    const { out } = await overtaken(second(), (body) => body.includes("eth_sendRawTransaction"));
    assert.equal(cycleOf(out).decisions[0]?.transaction?.status, "REVERTED", out);
    assert.deepEqual(ledger(join(world.folder, "second")), ["REVERTED"]);
  });

  it("the same key in two places ends at the nonce: one transaction lands, the other is superseded", async () => {
    await moveOn();
    const state = { TONSOR_STATE: join(world.folder, "sameKey") };
    await overtaken(state, (body) => body.includes("eth_sendRawTransaction"));
    assert.deepEqual(ledger(join(world.folder, "sameKey")), ["SUPERSEDED"]);
  });

  it("both go on from what stands on chain: the next look of each holds", async () => {
    for (const environment of [{}, second()]) {
      const { code, out } = await world.tonsor("once --json", environment);
      assert.equal(code, 0);
      for (const { action, reasons } of cycleOf(out).decisions)
        assert.deepEqual([action, reasons], ["hold", ["NO_NEWER_DATA"]]);
    }
  });

  it("side by side for a day they write each datum once, in one unbroken sequence", async () => {
    const runs = [world.start("run --json"), world.start("run --json", second())];
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
    const { blockNumber, sequence } = await world.chain();
    const span = { fromBlock: 0n, toBlock: blockNumber };
    const batches = await readBatches(client, contract.address, span);
    assert.deepEqual(
      batches.map((batch) => batch.sequence),
      Array.from({ length: Number(sequence) }, (_, i) => BigInt(i + 1)),
    );
    const data = batches.flatMap((batch) => batch.updates.map((one) => `${one.marketId} at ${one.asOf}`));
    assert.equal(new Set(data).size, data.length, "no datum is written twice");
    const events = await readEvents(client, contract.address, span);
    assert.equal(events.filter((event) => event.name === "MarketSkipped").length, 0);
  });
});
