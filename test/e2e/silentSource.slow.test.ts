import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { MAINNET_ADDRESSES as AT } from "../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { write } from "../../scripts/lab/replica/node.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
const TO = Date.UTC(2026, 1, 8) / 1000;
/** An invalid instruction: this node reports it as a failure of its own, so what stands there stays unknown. */
const SILENT = "0xfe";

describe("a feed that was silent when the keeper started", () => {
  let world: KeeperWorld;
  before(async () => {
    const [first = 0] = openReplaySource().source.instants(FROM, TO);
    world = await keeperWorld(first);
  });
  after(() => world?.close());

  it("does not stop the start, and ends the run with 78 once it answers as another one", async () => {
    const { node, replica } = world;
    const feed = AT.feeds.WETH;
    const { abi } = ownArtifact("test/mocks/MockPriceFeed");
    const read = { address: feed, abi, functionName: "latestRoundData" } as const;
    const [, dollars] = (await node.readContract(read)) as readonly bigint[];
    const code = await node.getCode({ address: feed });
    await node.setCode({ address: feed, bytecode: SILENT });
    const run = world.start("run --json");
    await run.until(({ out }) => out.includes("}\n"), "a cycle without the feed");
    assert.doesNotMatch(run.said().err, /refuses to start/);
    // Base and quote exchanged: dollars in ether, at eight decimals.
    await node.setCode({ address: feed, bytecode: code ?? "0x" });
    await write(node, replica.accounts.trader.address, feed, abi, "setAnswer", [10n ** 16n / (dollars ?? 1n)]);
    const { code: exit, err } = await run.ended;
    assert.equal(exit, 78, err.slice(-2_000));
    assert.match(err, /sources\.feeds\.WETH.*base and quote exchanged/s);
  });
});
