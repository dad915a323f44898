import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import { rpcQuorum } from "../../keeper/io/quorum/rpcQuorum.ts";
import { type Keeper, openKeeper } from "../../keeper/keeper.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { type Asked, type NodeProxy, nodeProxy } from "../io/quorum/nodeProxy.ts";
import { CRASH_FROM, CRASH_TO } from "../support/crash.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { SHIPPED } from "../support/shipped.ts";

const { source } = openReplaySource();
const [first = 0] = source.instants(CRASH_FROM, CRASH_TO);

describe("a keeper over three nodes", () => {
  let world: KeeperWorld;
  let nodes: NodeProxy[] = [];
  let now = first;
  before(async () => {
    world = await keeperWorld(first);
    nodes = await Promise.all([1, 2, 3].map(() => nodeProxy(world.replica.url)));
  });
  after(async () => {
    for (const node of nodes) await node.close();
    await world?.close();
  });

  const open = () =>
    openKeeper({
      ...KEEPER_DEFAULTS,
      marketFiles: SHIPPED,
      nodes: rpcQuorum({
        urls: nodes.map(({ url }) => url),
        quorum: 2,
        chainId: world.replica.chainId,
        timeoutMs: 5_000,
        graceMs: 5_000,
      }),
      chainId: world.replica.chainId,
      deployment: world.deployment,
      venueUrls: { deribit: world.venueUrl },
      state: world.state,
      account: privateKeyToAccount(world.key),
      now: () => now,
    });
  const cycle = async (keeper: Keeper) => {
    // The replica's clock flows with the machine's; a keeper behind it would see data from the future.
    now = Number((await world.node.getBlock()).timestamp);
    return keeper.cycle({ dryRun: false, signal: AbortSignal.timeout(60_000) });
  };

  it("sends nothing when the quorum is lost between the decision and the signature", async () => {
    const keeper = open();
    try {
      // The nonce is asked for last before the signature.
      const apart = (n: number) => (asked: Asked) =>
        asked.method === "eth_getTransactionCount" ? `0x${(n + 7).toString(16)}` : undefined;
      for (const [n, node] of nodes.entries()) node.become({ kind: "lies", lie: apart(n) });
      const before = keeper.store.recentIntents(50).length;
      const report = await cycle(keeper);
      if (report.batch === null) return assert.fail("nothing was due");
      assert.equal(report.batch.status, "NOT_SENT");
      // Latest and pending are asked for at once: the one that fails first leaves the other too few nodes to share a block.
      const either =
        /eth_getTransactionCount: 3 nodes answered, and too few the same|another answer to eth_getTransactio/;
      assert.match(report.batch.detail, either);
      assert.equal(keeper.store.recentIntents(50).length, before);
    } finally {
      keeper.close();
    }
  });

  it("signs nothing while two are silent and the third forges, says so in the journal, and goes on when they are back", async () => {
    nodes[0]?.become({ kind: "hangs" });
    nodes[1]?.become({ kind: "refuses" });
    const lie = ({ method }: Asked, truth: unknown) =>
      method === "eth_call" ? String(truth).replace(/[1-9](?=0*$)/, "7") : undefined;
    nodes[2]?.become({ kind: "lies", lie });
    const keeper = open();
    try {
      await assert.rejects(cycle(keeper), { code: "NO_QUORUM" });
      assert.deepEqual(keeper.store.recentIntents(1), []);
      const [tick] = keeper.store.recentTicks(1);
      assert.equal(tick?.outcome, "failed");
      assert.match(tick?.detail ?? "", /^NO_QUORUM: .*silent.*expected 2 of 3 nodes in agreement/);
      assert.equal((await world.chain()).writer.sequence, 0);

      nodes[0]?.become({ kind: "honest" });
      nodes[1]?.become({ kind: "honest" });
      const report = await cycle(keeper);
      assert.equal(report.batch?.status, "CONFIRMED", report.batch?.detail);
      assert.deepEqual(report.failures, []);
      assert.deepEqual(
        keeper.nodes().map(({ quarantine }) => quarantine),
        [null, null, "DISAGREES"],
      );
      assert.equal((await world.chain()).writer.sequence, 1);
    } finally {
      keeper.close();
    }
  });
});
