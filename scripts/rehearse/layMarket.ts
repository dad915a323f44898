import type { Hex } from "viem";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { MarketFile } from "../../keeper/markets/marketFiles.ts";
import { MAINNET_ADDRESSES as AT } from "../lab/replica/addresses.ts";
import { ownArtifact } from "../lab/replica/artifacts.ts";
import { pricesOf } from "../lab/replica/movePrice.ts";
import { deployAt, mined, type ReplicaClient, send, write } from "../lab/replica/node.ts";
import { scaledUsd, sqrtPriceX96At } from "../lab/replica/sqrtPrice.ts";
import type { Replica } from "../lab/replica/startReplica.ts";
import { uniswapArtifacts } from "../lab/replica/uniswap.ts";

/** Ticks on either side of the price that the liquidity of a laid pool reaches over: a factor of 55. */
const REACH_TICKS = 40_000;

type Token = { readonly address: Hex; readonly usd: number; readonly decimals: number };

/**
 * Lays what a market's file names and the replica does not have where the file says it is: the collateral's token, its feed, and its
 * pool with a token of the replica, with as much liquidity as the market's whole cap to either side.
 * @param usd price of one unit of the collateral, US dollars
 * @throws TonsorError BAD_ARGUMENT for what cannot be laid, and for a pool that would be somewhere else than the file says
 */
export async function layMarket(
  { parameters, addresses, listing }: MarketFile,
  usd: number,
  replica: Replica,
  node: ReplicaClient,
): Promise<void> {
  const { deployer, trader } = replica.accounts;
  const { symbol, decimals } = parameters.collateral;
  const hasCode = async (address: Hex) => (await node.getCode({ address })) !== undefined;
  if (addresses.rates !== undefined) throw unfit("claim.rate", "an exchange rate", "a market without one");
  const token = addresses.tokens[symbol] as Hex;
  if (!(await hasCode(token))) {
    await deployAt(node, deployer.address, token, ownArtifact("test/mocks/MockERC20"), [symbol, symbol, decimals]);
  }
  const feed = addresses.feeds[parameters.sources.priceFeed] as Hex;
  if (!(await hasCode(feed))) {
    const code = ownArtifact("test/mocks/MockPriceFeed");
    await deployAt(node, deployer.address, feed, code, [listing.feed, 8]);
    await write(node, trader.address, feed, code.abi, "setAnswer", [scaledUsd(usd)]);
  }
  const prices = { USDC: 1, ...(await pricesOf(node)) };
  const known = (name: string): Token => {
    if (name === symbol) return { address: token, usd, decimals };
    const other = { WETH: 18, WBTC: 8, USDC: 6 }[name];
    if (other === undefined) throw unfit("sources.route", name, `pools of ${symbol} with WETH, WBTC or USDC`);
    return { address: AT.tokens[name as "WETH"], usd: prices[name as "WETH"], decimals: other };
  };
  for (const [name, pool] of Object.entries(addresses.pools) as [string, Hex][]) {
    if (await hasCode(pool)) continue;
    const [, a = "", b = "", percent = ""] = /^([^/]+)\/([^-]+)-([\d.]+)%$/.exec(name) ?? [];
    const pair = { name, pool, tokens: [known(a), known(b)] as const, feePips: Math.round(Number(percent) * 10_000) };
    await layPool(pair, parameters.model.supplyCapUsd, replica, node);
  }
}

type Pair = {
  readonly name: string;
  readonly pool: Hex;
  readonly tokens: readonly [Token, Token];
  readonly feePips: number;
};

async function layPool(
  { name, pool, tokens, feePips }: Pair,
  depthUsd: number,
  { accounts: { deployer, trader } }: Replica,
  node: ReplicaClient,
): Promise<void> {
  const { factory, pool: code } = uniswapArtifacts();
  const order = (one: Token) => BigInt(one.address);
  const [token0, token1] = order(tokens[0]) < order(tokens[1]) ? tokens : [tokens[1], tokens[0]];
  const create = [token0.address, token1.address, feePips];
  await write(node, deployer.address, AT.factory, factory.abi, "createPool", create).catch((cause: unknown) => {
    throw unfit("addresses.pools", name, "a fee of 0.05, 0.3 or 1 %", cause);
  });
  const read = (functionName: string, args: readonly unknown[] = [], address: Hex = pool) =>
    node.readContract({ address, abi: address === pool ? code.abi : factory.abi, functionName, args });
  const found = await read("getPool", create, AT.factory);
  if (found !== pool) throw unfit(`addresses.pools.${name}`, pool, `${found}, where the factory puts it`);
  const root = sqrtPriceX96At(token0, token1);
  await write(node, deployer.address, pool, code.abi, "initialize", [root]);
  const [, tick] = (await read("slot0")) as readonly [bigint, number];
  const spacing = (await read("tickSpacing")) as number;
  const aligned = (at: number) => Math.floor(at / spacing) * spacing;
  const depth1 = BigInt(Math.round((depthUsd / token1.usd) * 1e6)) * 10n ** BigInt(token1.decimals);
  const liquidity = (depth1 << 96n) / root / 1_000_000n;
  const seeder = ownArtifact("test/mocks/LiquiditySeeder");
  const [at] = await mined(node, [await send(node, { from: trader.address, data: seeder.bytecode })]);
  const range = { lower: aligned(tick - REACH_TICKS), upper: aligned(tick + REACH_TICKS), liquidity };
  await write(node, trader.address, at as Hex, seeder.abi, "seed", [pool, [range]]);
}

function unfit(field: string, given: string, expected: string, cause?: unknown): TonsorError {
  return new TonsorError("BAD_ARGUMENT", "this market cannot be laid on loopback", { field, given, expected }, cause);
}
