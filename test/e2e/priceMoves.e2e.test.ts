import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import type { Child } from "../support/child.ts";
import { cycleLines } from "../support/cycleLines.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
/** Two looks at the feeds are no closer. */
const APART_MS = 5_000;

describe("a keeper whose timer rings once an hour, and whose node announces blocks", () => {
  let world: KeeperWorld;
  let child: Child;
  const cycles = () => cycleLines(child.said().out).length;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const { source } = openReplaySource();
  const [first = 0] = source.instants(FROM, FROM + 86_400 * 5);

  before(async () => {
    world = await keeperWorld(first);
    child = world.start("run --json", { TICK_SECONDS: "3600", RPC_WS_URL: world.replica.url.replace("http", "ws") });
    await child.until(() => cycles() === 1, "the first cycle");
  });
  after(() => world?.close());

  it("says that the node announces them, and doctor asks it", async () => {
    assert.match(child.said().err, /the node announces its blocks/);
    const doctor = async (RPC_WS_URL: string) => {
      const { code, out } = await world.tonsor("doctor", { RPC_WS_URL });
      return [code, /^.*announcements.*$/m.exec(out)?.[0].trim().split(/ {2,}/)];
    };
    const [code] = await doctor("");
    const told = await doctor(world.replica.url.replace("http", "ws"));
    assert.deepEqual(told, [code, ["ok", "announcements", "the node of RPC_WS_URL announces its blocks"]]);
    const [sameCode, said] = await doctor("ws://127.0.0.1:9");
    assert.equal(sameCode, code);
    assert.match(String(said), /^warn,announcements,the announcements of new blocks ended:/);
  });

  it("leaves a block alone in which no feed moved", async () => {
    await pause(APART_MS);
    await world.node.mine({ blocks: 3 });
    await pause(3_000);
    assert.equal(cycles(), 1);
  });

  it("begins the next cycle when one did, and decides on the new price", async () => {
    // The feeds answer in a block each: the other one stays where it is. No later block is announced.
    const { index: WBTC = 0 } = source.board("BTC", first)?.rows[0] ?? {};
    await world.replica.movePrice({ WETH: 2_000, WBTC });
    await child.until(() => cycles() === 2, "a second cycle");
    assert.match(child.said().err, /"feed":"priceFeed:WETH","from":\d{4}(\.\d+)?,"to":2000,.*the next cycle is due/);
  });

  it("begins it once: the block after it changes nothing", async () => {
    await pause(APART_MS);
    await world.node.mine({ blocks: 3 });
    await pause(3_000);
    assert.equal(cycles(), 2);
  });
});
