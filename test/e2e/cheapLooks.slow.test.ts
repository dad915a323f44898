import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { concat, getAddress, getContractAddress, type Hex, keccak256, pad, toHex } from "viem";
import { openKeeper } from "../../keeper/keeper.ts";
import { readMarkets, soundMarkets } from "../../keeper/markets/marketFiles.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import { type Traffic, watchTraffic } from "../../scripts/bench/keeper/traffic.ts";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { MAINNET_ADDRESSES as AT } from "../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { deployAt, mined, type ReplicaClient, send, write } from "../../scripts/lab/replica/node.ts";
import { sqrtPriceX96At } from "../../scripts/lab/replica/sqrtPrice.ts";
import type { Replica } from "../../scripts/lab/replica/startReplica.ts";
import { uniswapArtifacts } from "../../scripts/lab/replica/uniswap.ts";
import { httpFaultProxy } from "../chaos/support/httpFaultProxy.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const FROM = Date.parse("2026-01-28T00:00:00Z") / 1_000;
/** Dollars, of each of the eighteen and of ether. */
const [USD, WETH_USD] = [15, 3_000];
/** Initialised ticks of each of their pools; the two recorded pools hold more. */
const POSITIONS = 60;

/** Eighteen long-tail markets as the shipped example of LINK, each with a token, a feed and a pool of its own. */
const NAMES = Array.from({ length: 18 }, (_, n) => `TAIL${String.fromCharCode(65 + n)}`);
const at = (kind: number, n: number): Hex => getAddress(pad(toHex((kind << 8) + n + 1), { size: 20, dir: "right" }));
const tokenOf = (n: number) => at(0x70, n);
const feedOf = (n: number) => at(0xfe, n);

/** Where Uniswap's factory puts the pool of two tokens. */
function poolOf(token: Hex): Hex {
  const pair = [token, AT.tokens.WETH].toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)) as Hex[];
  const salt = keccak256(concat([...pair, toHex(3_000)].map((word) => pad(word, { size: 32 }))));
  const { bytecode } = uniswapArtifacts().pool;
  return getContractAddress({ opcode: "CREATE2", from: AT.factory, salt, bytecode });
}

const folder = temporaryFolder();
for (const name of ["WETH", "WBTC"]) cpSync(`deployments/markets/${name}.jsonc`, join(folder, `${name}.jsonc`));
for (const [n, name] of NAMES.entries()) {
  const link = readFileSync("deployments/examples/LINK.jsonc", "utf8");
  const own = link
    .replace("0x514910771AF9Ca656af840dff83E8264EcF986CA", tokenOf(n))
    .replace("0xa6Cc3C2531FdaA6Ae1A3CA84c2855806728693e8", poolOf(tokenOf(n)))
    .replace("0x2c1d072e956AFFC0D435Cb7AC38EF18d24d9127c", feedOf(n))
    .replaceAll("LINKUSDT", "ETHUSDT")
    .replaceAll("LINK", name);
  writeFileSync(join(folder, `${name}.jsonc`), own);
}
const files = soundMarkets(readMarkets(folder));

async function layPools({ accounts }: Replica, node: ReplicaClient): Promise<void> {
  const [{ address: deployer }, { address: trader }] = [accounts.deployer, accounts.trader];
  const [token, feed, seeder] = [
    ownArtifact("test/mocks/MockERC20"),
    ownArtifact("test/mocks/MockPriceFeed"),
    ownArtifact("test/mocks/LiquiditySeeder"),
  ];
  const { factory, pool } = uniswapArtifacts();
  const [sower] = await mined(node, [await send(node, { from: trader, data: seeder.bytecode })]);
  for (const [n, name] of NAMES.entries()) {
    await deployAt(node, deployer, tokenOf(n), token, [name, name, 18]);
    await deployAt(node, deployer, feedOf(n), feed, [`${name} / USD`, 8]);
    await write(node, trader, feedOf(n), feed.abi, "setAnswer", [BigInt(USD * 1e8)]);
    await write(node, deployer, AT.factory, factory.abi, "createPool", [tokenOf(n), AT.tokens.WETH, 3_000]);
    const [own, ether] = [
      { usd: USD, decimals: 18 },
      { usd: WETH_USD, decimals: 18 },
    ];
    const isFirst = tokenOf(n).toLowerCase() < AT.tokens.WETH.toLowerCase();
    const root = isFirst ? sqrtPriceX96At(own, ether) : sqrtPriceX96At(ether, own);
    await write(node, deployer, poolOf(tokenOf(n)), pool.abi, "initialize", [root]);
    const around = isFirst ? -53_000 : 53_000;
    const ranges = Array.from({ length: POSITIONS / 2 }, (_, i) => ({
      lower: Math.round((around - 600 * (i + 1)) / 60) * 60,
      upper: Math.round((around + 600 * (i + 1)) / 60) * 60,
      liquidity: 10n ** 21n,
    }));
    await write(node, trader, sower as Hex, seeder.abi, "seed", [poolOf(tokenOf(n)), ranges]);
  }
}

let world: KeeperWorld;
before(async () => {
  const [first = 0] = openReplaySource().source.instants(FROM, FROM + 86_400);
  world = await keeperWorld(first, developmentPlan(files), layPools);
});
after(() => world.close());

/** What a look takes once pools and boards are known, and the observations of the last. */
async function lookOf(markets: string[]): Promise<Traffic> {
  const [node, venue] = [await httpFaultProxy(world.replica.url), await httpFaultProxy(world.venueUrl)];
  const traffic = watchTraffic([node], venue);
  const { blockTime } = await world.chain();
  const keeper = openKeeper({
    ...KEEPER_DEFAULTS,
    ...{ nodes: node.url, chainId: world.replica.chainId, deployment: world.deployment, account: null },
    ...{ marketFiles: files, markets, state: temporaryFolder(), now: () => blockTime },
    ...{
      venueUrls: { deribit: venue.url, binance: "http://127.0.0.1:9" },
      rpc: { ...KEEPER_DEFAULTS.rpc, timeoutSeconds: 60 },
    },
  });
  const look = () => keeper.cycle({ dryRun: true, signal: new AbortController().signal });
  try {
    await look();
    traffic.take(1);
    const { entries, failures } = await look();
    const looked = traffic.take(1);
    assert.deepEqual([entries.length, failures], [markets.length, []]);
    const unread = entries.flatMap(({ input }) =>
      input.observed.filter(({ source, observation }) => observation === null && !source.startsWith("binance")),
    );
    assert.deepEqual(unread, []);
    return looked;
  } finally {
    keeper.close();
    await Promise.all([node.close(), venue.close()]);
  }
}

test("a look of two markets is four calls of the node and a hundred kilobytes, its boards compressed", async () => {
  const { rpcCalls, packedBytes } = await lookOf(["WETH", "WBTC"]);
  assert.ok(rpcCalls <= 4, `${rpcCalls} calls`);
  assert.ok(packedBytes <= 100_000, `${packedBytes} bytes`);
});

test("a look of twenty markets is twelve calls at most and four hundred kilobytes", async () => {
  const { rpcCalls, packedBytes } = await lookOf(files.map(({ parameters }) => parameters.name));
  assert.ok(rpcCalls <= 12, `${rpcCalls} calls`);
  assert.ok(packedBytes <= 400_000, `${packedBytes} bytes`);
});
