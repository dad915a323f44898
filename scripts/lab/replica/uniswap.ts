import { TonsorError } from "../../../keeper/domain/errors.ts";
import { MAINNET_ADDRESSES as AT, POOLS, type PoolName, TOKEN_DECIMALS, type TokenName } from "./addresses.ts";
import { type Artifact, npmArtifact, ownArtifact } from "./artifacts.ts";
import { deployAt, type ReplicaClient, write } from "./node.ts";

type Address = `0x${string}`;

let artifacts: UniswapArtifacts | undefined;

/** Uniswap's own compiled contracts, as npm ships them; read once. */
export function uniswapArtifacts(): UniswapArtifacts {
  artifacts ??= readUniswapArtifacts();
  return artifacts;
}

type UniswapArtifacts = ReturnType<typeof readUniswapArtifacts>;

function readUniswapArtifacts() {
  const core = (name: string) => npmArtifact("@uniswap/v3-core", `artifacts/contracts/${name}.sol/${name}.json`);
  const periphery = (folder: string, name: string) =>
    npmArtifact("@uniswap/v3-periphery", `artifacts/contracts/${folder}${name}.sol/${name}.json`);
  return {
    factory: core("UniswapV3Factory"),
    pool: core("UniswapV3Pool"),
    quoterV2: periphery("lens/", "QuoterV2"),
    tickLens: periphery("lens/", "TickLens"),
    router: periphery("", "SwapRouter"),
  } as const satisfies Record<string, Artifact>;
}

/** Puts tokens, price feeds and Uniswap v3 on an empty node, all at their mainnet addresses. */
export async function deployMainnetContracts(client: ReplicaClient, deployer: Address): Promise<void> {
  const uniswap = uniswapArtifacts();
  const put = (address: Address, artifact: Artifact, args: readonly unknown[] = []) =>
    deployAt(client, deployer, address, artifact, args);
  const token = ownArtifact("test/mocks/MockERC20");
  const names: Record<TokenName, string> = { WETH: "Wrapped Ether", USDC: "USD Coin", WBTC: "Wrapped BTC" };
  for (const [symbol, address] of entries(AT.tokens)) {
    await put(address, token, [names[symbol], symbol, TOKEN_DECIMALS[symbol]]);
  }
  const feed = ownArtifact("test/mocks/MockPriceFeed");
  await put(AT.feeds.WETH, feed, ["ETH / USD", 8]);
  await put(AT.feeds.WBTC, feed, ["BTC / USD", 8]);
  await put(AT.factory, uniswap.factory);
  await put(AT.quoterV2, uniswap.quoterV2, [AT.factory, AT.tokens.WETH]);
  await put(AT.tickLens, uniswap.tickLens);
  await put(AT.router, uniswap.router, [AT.factory, AT.tokens.WETH]);
}

/** Creates a pool through the factory, at its mainnet address, and sets its first price. */
export async function createPool(
  client: ReplicaClient,
  deployer: Address,
  name: PoolName,
  sqrtPriceX96: bigint,
): Promise<void> {
  const { factory, pool } = uniswapArtifacts();
  const { token0, token1, feePips } = POOLS[name];
  const pair = [AT.tokens[token0], AT.tokens[token1], feePips];
  await write(client, deployer, AT.factory, factory.abi, "createPool", pair);
  const address = await client.readContract({
    address: AT.factory,
    abi: factory.abi,
    functionName: "getPool",
    args: pair,
  });
  if (address !== AT.pools[name]) {
    throw new TonsorError("RPC_FAILED", `pool ${name} was created elsewhere`, {
      given: address,
      expected: AT.pools[name],
    });
  }
  await write(client, deployer, AT.pools[name], pool.abi, "initialize", [sqrtPriceX96]);
}

function entries<K extends string, V>(record: Readonly<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}
