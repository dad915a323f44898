import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readMarkets, soundMarkets } from "../../keeper/markets/marketFiles.ts";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { dataFolder } from "../../scripts/lab/dataFolder.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { MAINNET_ADDRESSES as AT } from "../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { deployAt, mined, type ReplicaClient, send, write } from "../../scripts/lab/replica/node.ts";
import { sqrtPriceX96At } from "../../scripts/lab/replica/sqrtPrice.ts";
import type { Replica } from "../../scripts/lab/replica/startReplica.ts";
import { uniswapArtifacts } from "../../scripts/lab/replica/uniswap.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

/** Dollars; what LINK's pool and feed answer. */
const [LINK_USD, WETH_USD] = [15, 3_000];
const FROM = Date.parse("2026-01-28T00:00:00Z") / 1_000;

/** A folder of WETH as it is shipped and of LINK as it is shipped beside it: nothing else is added anywhere. */
const folder = temporaryFolder();
cpSync("deployments/markets/WETH.jsonc", join(folder, "WETH.jsonc"));
cpSync("deployments/examples/LINK.jsonc", join(folder, "LINK.jsonc"));
const files = soundMarkets(readMarkets(folder));
const link = files.find(({ parameters }) => parameters.name === "LINK")?.addresses;

let world: KeeperWorld;
/** Nobody answers for Binance: LINK has no history, and is judged as if nothing were known. */
const environment = () => ({
  TONSOR_MARKETS: folder,
  VENUE_URLS: `deribit=${world.venueUrl},binance=http://127.0.0.1:9`,
});

before(async () => {
  const [first = 0] = openReplaySource().source.instants(FROM, FROM + 86_400);
  world = await keeperWorld(first, developmentPlan(files), layLink);
});
after(() => world.close());

/** LINK's token, feed and pool where mainnet has them. */
async function layLink({ accounts }: Replica, node: ReplicaClient): Promise<void> {
  const [{ address: deployer }, { address: trader }] = [accounts.deployer, accounts.trader];
  const [token, feed] = ["LINK", "LINK"].map((name, n) => [link?.tokens, link?.feeds][n]?.[name] as `0x${string}`);
  const pool = link?.pools["LINK/WETH-0.3%"] as `0x${string}`;
  await deployAt(node, deployer, token as `0x${string}`, ownArtifact("test/mocks/MockERC20"), [
    "ChainLink",
    "LINK",
    18,
  ]);
  const feedCode = ownArtifact("test/mocks/MockPriceFeed");
  await deployAt(node, deployer, feed as `0x${string}`, feedCode, ["LINK / USD", 8]);
  const { factory, pool: poolCode } = uniswapArtifacts();
  await write(node, deployer, AT.factory, factory.abi, "createPool", [token, AT.tokens.WETH, 3_000]);
  const root = sqrtPriceX96At({ usd: LINK_USD, decimals: 18 }, { usd: WETH_USD, decimals: 18 });
  await write(node, deployer, pool, poolCode.abi, "initialize", [root]);
  const seeder = ownArtifact("test/mocks/LiquiditySeeder");
  const [at] = await mined(node, [await send(node, { from: trader, data: seeder.bytecode })]);
  const range = { lower: -120_000, upper: 0, liquidity: 10n ** 22n };
  await write(node, trader, at as `0x${string}`, seeder.abi, "seed", [pool, [range]]);
  await write(node, trader, feed as `0x${string}`, feedCode.abi, "setAnswer", [BigInt(LINK_USD * 1e8)]);
}

test("One file more, and LINK is configured, deployed, explained, and tightened on chain for want of a history.", async () => {
  const checked = await world.tonsor("config check --json", environment());
  assert.equal(checked.code, 0, checked.err);
  const names = (JSON.parse(checked.out) as { checks: { name: string }[] }).checks.map(({ name }) => name);
  assert.deepEqual(names.slice(-2), ["market WETH", "market LINK"]);

  const before = await world.chain();
  const sent = await world.tonsor("once --json", environment());
  assert.equal(sent.code, 0, sent.err);
  const [wethBefore, linkBefore] = before.markets;
  const [wethAfter, linkAfter] = (await world.chain()).markets;
  assert.equal(linkBefore?.initialBps, 3_400, "as its file lists it");
  assert.ok((linkAfter?.initialBps ?? 0) > 3_400, `${linkAfter?.initialBps}`);
  assert.ok((linkAfter?.asOf ?? 0) > (linkBefore?.asOf ?? 0));
  assert.ok((wethAfter?.asOf ?? 0) >= (wethBefore?.asOf ?? 0));

  const explained = await world.tonsor("explain link --json", environment());
  assert.equal(explained.code, 0, explained.err);
  const unknown = await world.tonsor("explain wbtc", environment());
  assert.match(unknown.err, /expected one of WETH, LINK/);
});

test("The laboratory judges LINK with its own numbers on recorded prices.", {
  skip: dataFolder() === null,
}, async () => {
  const depth = join(folder, "depth.csv");
  writeFileSync(depth, "time,depth_usd\n2023-12-30T18:00:00Z,300000\n2023-12-30T19:00:00Z,300000\n");
  const prices = join(dataFolder() ?? "", "collateral/binance_spot_LINKUSDT_1h.csv.gz");
  const { code, out, err } = await world.lab(
    `assess LINK --prices ${prices} --gaps --depth ${depth} --json`,
    environment(),
  );
  assert.equal(code, 0, err);
  assert.equal((JSON.parse(out) as { market: string }).market, "LINK");
});
