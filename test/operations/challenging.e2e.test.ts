import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { type Hex, zeroAddress } from "viem";
import { parseConfigFile } from "../../keeper/runtime/configFile.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { replicaClient } from "../../scripts/lab/replica/node.ts";
import { loopback } from "../support/loopback.ts";
import { createOwn } from "../support/parameters.ts";
import { CHAIN_ID, type Change, rowsOf as rows, watcherWorld } from "../support/watcherWorld.ts";

const HOUR = 3_600;
const { deployer, keeper, guardian, trader, governance } = replicaAccounts();

describe("the watcher on the real contract and its Challenge", () => {
  let anvil: Awaited<ReturnType<typeof spawnAnvil>>;
  let node: ReturnType<typeof replicaClient>;
  let world: Awaited<ReturnType<typeof watcherWorld>>;

  before(async () => {
    anvil = await spawnAnvil({ chainId: CHAIN_ID });
    node = replicaClient(anvil.url, CHAIN_ID);
  });
  after(() => anvil?.close());
  beforeEach(async () => {
    world = await watcherWorld(node, anvil.url);
  });
  const looks = (count: number, change?: Change) => world.looks(count, change);
  const once = (change?: Change) => world.once(change);
  const modes = () => world.modes();
  const sent = () => world.sent();
  const pass = (seconds: number) => world.pass(seconds);
  /** Wei per gas of the one transaction of the watcher's key that waits, which is at this nonce. */
  const offer = async (nonce: number) => {
    const { pending } = (await node.getTxpoolContent()) as unknown as {
      pending: Record<string, Record<string, { maxFeePerGas: Hex }>>;
    };
    const own = Object.entries(pending).find(([from]) => from.toLowerCase() === trader.address.toLowerCase())?.[1];
    assert.deepEqual(Object.keys(own ?? {}), [String(nonce)]);
    return Number(own?.[String(nonce)]?.maxFeePerGas);
  };
  it("sends nothing while nothing is proven", async () => {
    const before = await sent();
    const seen = await once();
    assert.deepEqual([rows(seen), seen.measured], [[], 3], "the age of both, and the feeds of one");
    for (let n = 0; n < 20; n++) assert.deepEqual(rows(await once()), []);
    await world.price(1_961);
    assert.deepEqual(rows(await once()), [], "within what the feeds may differ by");
    assert.equal(await sent(), before);
  });

  it("closes what its feeds prove, once, at the first look, by a key that has no power", async () => {
    const before = await sent();
    await world.price(1_950);
    const [row] = (await once()).challenged;
    assert.deepEqual(
      [row?.market, row?.proof, row?.given, row?.allowed, row?.outcome, row?.hash?.length],
      ["WETH", "DIVERGED", 256, 200, "SET", 66],
    );
    assert.deepEqual(await modes(), ["NO_NEW_RISK", "NORMAL"]);
    assert.deepEqual(rows(await once()), ["WETH DIVERGED CLOSED"]);
    await pass(7 * HOUR);
    assert.deepEqual(await modes(), ["NORMAL", "NORMAL"], "it lapses");
    assert.deepEqual(rows(await once()), ["WETH DIVERGED COOLING"]);
    assert.equal((await sent()) - before, 1);
  });

  it("closes a market whose one feed has moved since its numbers, by the price that was current then", async () => {
    const hours = (n: number, dollars: number) => [-n * HOUR, dollars] as const;
    // The first data count as six hours old. What was before is no proof, and what came back is none.
    const before = [hours(9, 1_000), hours(8, 1_500), hours(7, 2_000)];
    const since = Array.from({ length: 40 }, (_, n) => hours(5 - n / 8, 1_900 + 5 * n));
    await world.follow(2, 1_000, [...before, ...since, hours(0, 1_830)]);
    const calm = await once();
    assert.deepEqual([rows(calm), calm.measured, calm.staleOnly], [[], 4, []]);
    await world.follow(2, 1_000, [...before, ...since, hours(0, 1_790)]);
    const unasked = await once({ moved: false });
    assert.deepEqual(
      [rows(unasked), unasked.measured, unasked.staleOnly],
      [[], 3, ["WBTC"]],
      "only where it is asked for",
    );
    const [row] = (await once()).challenged;
    const { market, proof, given, allowed, outcome } = row ?? {};
    // 2 000 above 1 790: the price of the round that was current six hours ago.
    assert.deepEqual([market, proof, given, allowed, outcome], ["WBTC", "MOVED", 1_173, 1_000, "SET"]);
    assert.deepEqual(await modes(), ["NORMAL", "NO_NEW_RISK"]);
    assert.deepEqual(rows(await once()), ["WBTC MOVED CLOSED"]);
  });

  it("counts a move from when the numbers last changed where that is earlier, 68 hours back at the most", async () => {
    await pass(60 * HOUR);
    await world.restate(2);
    await pass(20 * HOUR);
    await world.follow(2, 1_000, [
      ...[[-70 * HOUR, 1_000] as const, [-69 * HOUR, 3_000] as const],
      ...[[-67 * HOUR, 2_000] as const, [0, 2_000] as const],
    ]);
    const { challenged } = await once();
    const moved = challenged.find(({ proof }) => proof === "MOVED");
    assert.deepEqual([moved?.market, moved?.given], ["WBTC", 5_000], "3 000 was current 68 hours ago");
  });

  it("measures nothing by a feed that fails, and goes on", async () => {
    await world.follow(2, 1_000, []);
    const seen = await once();
    assert.deepEqual([rows(seen), seen.measured], [[], 4]);
    const first = await createOwn(world.create, "test/mocks/MockBrokenFeed", []);
    // It reverts, answers short, burns its gas, answers without end.
    for (const failure of [0, 1, 2, 3]) {
      await world.call(first, "test/mocks/MockBrokenFeed", "fail", [failure]);
      await world.setFeeds(2, { first, second: zeroAddress, maxDivergenceBps: 0, maxMoveBps: 1, secondMaxAge: 0 });
      assert.deepEqual(rows(await once()), [], `failure ${failure}`);
    }
  });

  it("closes what is stale, and the other proof where it holds, too", async () => {
    await pass(40 * 24 * HOUR);
    await world.price(1_900);
    assert.deepEqual(rows(await once()).toSorted(), ["WBTC STALE SET", "WETH DIVERGED SET"]);
    assert.deepEqual(await modes(), ["NO_NEW_RISK", "NO_NEW_RISK"]);
  });

  it("leaves what the contract refuses alone for ten minutes, as when the day's closings are used up", async () => {
    world = await watcherWorld(node, anvil.url, 1);
    await pass(40 * 24 * HOUR);
    const before = await sent();
    const first = (await once()).challenged;
    // What the day's closings leave is sent, the other one tried when a block has it: nothing is paid to be refused.
    assert.deepEqual(first.map(({ outcome }) => outcome).toSorted(), ["BEHIND", "SET"]);
    assert.equal((await sent()) - before, 1);
    const said = await looks(3);
    assert.match(said[0]?.join() ?? "", /STALE CLOSED.*STALE REFUSED|STALE REFUSED.*STALE CLOSED/);
    for (const look of said.slice(1)) assert.ok(look.some((row) => row.endsWith("RESTS")));
    assert.equal((await sent()) - before, 1);
  });

  it("counts what was closed within a day against what it sends at once, whatever proved it", async () => {
    await world.list();
    const before = await sent();
    // The first data count as six hours old, and may be a day.
    await pass(17 * HOUR);
    await world.price(1_900);
    assert.deepEqual(rows(await once()), ["WETH DIVERGED SET"]);
    await pass(2 * HOUR);
    assert.deepEqual(rows(await once()), ["WETH DIVERGED CLOSED", "WBTC STALE SET", "#3 STALE BEHIND"]);
    assert.deepEqual(rows(await once()), ["WETH DIVERGED CLOSED", "WBTC STALE CLOSED", "#3 STALE SET"]);
    assert.equal((await sent()) - before, 3);
  });

  it("refuses a key that may do more than close, and one that is missing, at its first look", async () => {
    const given = async (change: Change) => {
      const error = await once(change).then(
        () => null,
        (thrown) => thrown,
      );
      return [error?.code, /given "?(?:0x\w+: )?([^"]*)"?;? /.exec(`${error?.message} `)?.[1]];
    };
    assert.deepEqual(await given({ key: keeper.privateKey }), ["BAD_CONFIG", "HOT"]);
    assert.deepEqual(await given({ key: guardian.privateKey }), ["BAD_CONFIG", "GUARDIAN"]);
    assert.deepEqual(await given({ key: deployer.privateKey }), ["BAD_CONFIG", "owner"]);
    await assert.rejects(looks(5, { key: keeper.privateKey }), { code: "BAD_CONFIG" });
    const timelock = { proposers: [trader.address.toLowerCase()], executors: [trader.address] };
    assert.deepEqual(await given({ record: { timelock } }), ["BAD_CONFIG", "proposer, executor"]);
    const gateways = { challenge: { address: world.gateway }, quorum: { signers: [trader.address] } };
    assert.deepEqual(await given({ record: { gateways } }), ["BAD_CONFIG", "signer of the quorum"]);
    assert.deepEqual((await given({ key: null }))[0], "BAD_CONFIG");
  });

  it("says at every look that it could not send, for want of ether or above the cap, and needs no proof for that", async () => {
    const had = await node.getBalance({ address: trader.address });
    await node.setBalance({ address: trader.address, value: 1n });
    const pings: string[] = [];
    const server = await loopback((request, response) => {
      pings.push(request.url ?? "");
      response.end();
    });
    const deadmanUrl = `${server.url}/alive`;
    try {
      const poor = await looks(2, { more: { deadmanUrl } });
      for (const [message] of poor) assert.match(message ?? "", /too little ether/);
      assert.equal(poor.length, 2, "a later look may find it");
      assert.deepEqual(pings, []);
      await assert.rejects(once(), { code: "TRANSACTION_REFUSED" });
      await node.setBalance({ address: trader.address, value: had });
      const { settings } = parseConfigFile("", {});
      await assert.rejects(once({ more: { fees: { ...settings.fees, maxFeePerGasGwei: 0.000000001 } } }), {
        code: "FEE_CAP_EXCEEDED",
      });
      await once({ more: { deadmanUrl } });
      for (let tries = 400; tries > 0 && pings.length === 0; tries--) await new Promise((done) => setTimeout(done, 5));
      assert.deepEqual(pings, ["/alive"]);
    } finally {
      await node.setBalance({ address: trader.address, value: had });
      await server.close();
    }
  });

  it("waits for what it sent, also after a kill, then takes its place at a higher fee; the market is closed once", async () => {
    await world.price(1_900);
    await node.setAutomine(false);
    try {
      const before = await sent();
      assert.deepEqual(rows(await once({ timeout: 1 })), ["WETH DIVERGED WAITS"]);
      const first = await offer(before);
      // A new process: it finds a transaction of its key that waits.
      const said = await looks(3, { timeout: 1, more: { tickSeconds: 3 } });
      assert.deepEqual(said, [["WETH DIVERGED BEHIND"], ["WETH DIVERGED WAITS"], ["WETH DIVERGED WAITS"]]);
      const offered = await offer(before);
      assert.ok(offered >= 4 * first, `${offered} after two replacements, ${first} at first`);
      await node.mine({ blocks: 1 });
      assert.deepEqual(await modes(), ["NO_NEW_RISK", "NORMAL"]);
      assert.equal((await sent()) - before, 1);
    } finally {
      await node.setAutomine(true);
    }
  });

  it("of two watchers with keys of their own the second sends nothing, or loses one fee", async () => {
    await world.price(1_900);
    const other = { key: governance.privateKey };
    const both = await Promise.all([once(), once(other)]);
    assert.deepEqual(both.flatMap(rows).filter((row) => row === "WETH DIVERGED SET").length, 1);
    assert.deepEqual(rows(await once(other)), ["WETH DIVERGED CLOSED"]);
  });
});
