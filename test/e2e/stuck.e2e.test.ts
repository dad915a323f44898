import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parseGwei } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { verifyTransaction } from "../../keeper/audit/verify.ts";
import { type Keeper, openKeeper } from "../../keeper/keeper.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import { moveMarket } from "../../scripts/demo/market.ts";
import { deploy } from "../../scripts/deploy/deploy.ts";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { generatedSource } from "../../scripts/lab/replay/generatedSource.ts";
import { startReplayVenue } from "../../scripts/lab/replay/replayVenue.ts";
import { replicaClient } from "../../scripts/lab/replica/node.ts";
import { startReplica } from "../../scripts/lab/replica/startReplica.ts";
import { CRASH_FROM } from "../support/crash.ts";
import { SHIPPED } from "../support/shipped.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** The whole keeper over a chain whose base fee jumps from 20 to 400 gwei while its first tightening waits. */
describe("a keeper whose tightening a rising base fee left behind", () => {
  const closers: (() => Promise<void> | void)[] = [];
  const signal = new AbortController().signal;
  let keeper: Keeper;
  let node: ReturnType<typeof replicaClient>;
  const clock = { now: 0 };
  const cycle = () => keeper.cycle({ dryRun: false, signal });
  const block = async (gwei: string) => {
    await node.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei(gwei) });
    await node.mine({ blocks: 1 });
  };
  /** A minute later for the chain and for the keeper. */
  const minuteLater = async (gwei: string) => {
    clock.now += 60;
    await node.setNextBlockTimestamp({ timestamp: BigInt(clock.now - 1) });
    await block(gwei);
  };

  before(async () => {
    const source = generatedSource(20_260_128);
    const [first = 0] = source.instants(CRASH_FROM, CRASH_FROM + 86_400);
    const folder = temporaryFolder();
    const replica = await startReplica({ timestamp: first - 3_600, seedFrom: null });
    closers.push(() => replica.close());
    await moveMarket(replica, source, first, first);
    clock.now = first + 2;
    const venue = await startReplayVenue({ data: source, now: () => clock.now * 1_000 });
    closers.push(() => venue.close());
    const { rpcUrl, chainId } = { rpcUrl: replica.url, chainId: replica.chainId };
    const deployment = await deploy({
      rpcUrl,
      chainId,
      deployerKey: replica.accounts.deployer.privateKey,
      plan: developmentPlan(SHIPPED),
      deploymentsFolder: join(folder, "deployments"),
    });
    const { fees, transactions } = KEEPER_DEFAULTS;
    keeper = openKeeper({
      ...KEEPER_DEFAULTS,
      marketFiles: SHIPPED,
      nodes: rpcUrl,
      chainId,
      deployment,
      venueUrls: { deribit: venue.url },
      state: join(folder, "state"),
      account: privateKeyToAccount(replica.accounts.keeper.privateKey),
      now: () => clock.now,
      fees: { ...fees, maxFeePerGasGwei: 500 },
      // Whatever is not mined at once is overdue, so that the test does not wait for half a minute.
      transactions: {
        ...transactions,
        pollMilliseconds: 20,
        receiptTimeoutSeconds: 0.1,
        replaceAfterSeconds: 0,
        replaceAfterBlocks: 1,
      },
    });
    closers.push(() => keeper.close());
    node = replicaClient(rpcUrl, chainId);
    await node.setAutomine(false);
    await block("20");
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  it("replaces it in the next cycle by a fresh batch that lands, has one effect, and verifies", async () => {
    clock.now += 60;
    const first = (await cycle()).batch;
    assert.deepEqual([first?.status, first?.detail], ["SENT", ""]);
    await minuteLater("400");
    const second = (await cycle()).batch;
    assert.equal(second?.status, "SENT", second?.detail);
    assert.deepEqual([second.sequence, second.applied], [first?.sequence, first?.applied]);
    assert.notEqual(second.evidence, first?.evidence);
    await minuteLater("400");

    const third = await cycle();
    assert.equal(third.batch, null, "nothing more is due");
    const [newer, older, ...more] = keeper.store.recentIntents(9);
    assert.deepEqual([newer?.status, older?.status, more], ["CONFIRMED", "SUPERSEDED", []]);
    assert.deepEqual([newer?.nonce, newer?.replaces, newer?.transactionHash], [older?.nonce, older?.id, second.hash]);
    assert.equal(BigInt((await keeper.readChain()).writer.sequence), second.sequence);
    assert.ok((await verifyTransaction(keeper, second.hash ?? "")).verified);
  });
});
