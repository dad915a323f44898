import { cpSync } from "node:fs";
import { join } from "node:path";
import { readMarkets, soundMarkets } from "../../keeper/markets/marketFiles.ts";
import { MAINNET_ADDRESSES as AT } from "../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { deployAt, mined, type ReplicaClient, send, write } from "../../scripts/lab/replica/node.ts";
import { sqrtPriceX96At } from "../../scripts/lab/replica/sqrtPrice.ts";
import type { Replica } from "../../scripts/lab/replica/startReplica.ts";
import { uniswapArtifacts } from "../../scripts/lab/replica/uniswap.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** Dollars; what LINK's pool and feed answer. */
const [LINK_USD, WETH_USD] = [15, 3_000];

/** A folder of WETH as it is shipped and of LINK as it is shipped beside it, with what they hold: nothing else is added anywhere. */
export function linkFolder() {
  const folder = temporaryFolder();
  cpSync("deployments/markets/WETH.jsonc", join(folder, "WETH.jsonc"));
  cpSync("deployments/examples/LINK.jsonc", join(folder, "LINK.jsonc"));
  const files = soundMarkets(readMarkets(folder));
  const link = files.find(({ parameters }) => parameters.name === "LINK")?.addresses;
  const [token, feed, pool] = [link?.tokens["LINK"], link?.feeds["LINK"], link?.pools["LINK/WETH-0.3%"]];
  return { folder, files, link: { token, feed, pool } as Readonly<Record<"token" | "feed" | "pool", `0x${string}`>> };
}

/** LINK's token, feed and pool where mainnet has them. */
export async function layLink(
  { token, feed, pool }: ReturnType<typeof linkFolder>["link"],
  { accounts }: Replica,
  node: ReplicaClient,
): Promise<void> {
  const [{ address: deployer }, { address: trader }] = [accounts.deployer, accounts.trader];
  await deployAt(node, deployer, token, ownArtifact("test/mocks/MockERC20"), ["ChainLink", "LINK", 18]);
  const feedCode = ownArtifact("test/mocks/MockPriceFeed");
  await deployAt(node, deployer, feed, feedCode, ["LINK / USD", 8]);
  const { factory, pool: poolCode } = uniswapArtifacts();
  await write(node, deployer, AT.factory, factory.abi, "createPool", [token, AT.tokens.WETH, 3_000]);
  const root = sqrtPriceX96At({ usd: LINK_USD, decimals: 18 }, { usd: WETH_USD, decimals: 18 });
  await write(node, deployer, pool, poolCode.abi, "initialize", [root]);
  const seeder = ownArtifact("test/mocks/LiquiditySeeder");
  const [at] = await mined(node, [await send(node, { from: trader, data: seeder.bytecode })]);
  const range = { lower: -120_000, upper: 0, liquidity: 10n ** 22n };
  await write(node, trader, at as `0x${string}`, seeder.abi, "seed", [pool, [range]]);
  await write(node, trader, feed, feedCode.abi, "setAnswer", [BigInt(LINK_USD * 1e8)]);
}
