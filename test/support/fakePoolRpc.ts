import { type Abi, decodeFunctionData, encodeFunctionResult, getAddress, type Hex, parseAbi, zeroAddress } from "viem";
import type { PoolState, PoolToken } from "../../keeper/domain/observation.ts";
import type { Block, Call, CallResult, Rpc } from "../../keeper/io/rpc.ts";

const ABI = parseAbi([
  "function slot0() view returns (uint160, int24, uint16, uint16, uint16, uint8, bool)",
  "function liquidity() view returns (uint128)",
  "function fee() view returns (uint24)",
  "function tickSpacing() view returns (int24)",
  "function token0() view returns (address)",
  "function token1() view returns (address)",
  "function tickBitmap(int16) view returns (uint256)",
  "function ticks(int24) view returns (uint128, int128, uint256, uint256, int56, uint160, uint32, bool)",
  "function symbol() view returns (string)",
  "function decimals() view returns (uint8)",
]) as Abi;

export const BLOCK: Block = { number: 100n, hash: `0x${"cd".repeat(32)}`, timestamp: 1_700_000_000, baseFee: 0n };

/** A node that holds the given pools; `tamper` may replace the result of any call. */
export function fakePoolRpc(
  pools: readonly PoolState[],
  tamper: (call: string, result: CallResult) => CallResult = (_, result) => result,
): Rpc & { readonly asked: readonly string[] } {
  const asked: string[] = [];
  const answer = ({ to, data, code }: Call): CallResult => {
    if (code !== undefined) return { ok: false, reason: "no state overrides here" };
    const { functionName, args = [] } = decodeFunctionData({ abi: ABI, data });
    const name = [functionName, ...args].join(" ");
    asked.push(name);
    const result = valueAt(pools, to, functionName, Number(args[0] ?? 0));
    const encoded = result === null ? "0x" : encodeFunctionResult({ abi: ABI, functionName, result });
    return tamper(name, { ok: true, data: encoded });
  };
  return {
    chainId: 31337,
    name: "fake",
    asked,
    block: async () => BLOCK,
    calls: async (calls) => calls.map(answer),
  };
}

function valueAt(pools: readonly PoolState[], to: Hex, functionName: string, argument: number): unknown {
  const token = pools.flatMap((pool) => [pool.token0, pool.token1]).find((one) => same(one.address, to));
  if (token !== undefined) return tokenValue(token, functionName);
  const pool = pools.find((one) => same(one.pool, to));
  if (pool === undefined) return null;
  const tick = pool.ticks.find(({ index }) => index === argument);
  const net = tick?.liquidityNet ?? 0n;
  const values: Record<string, unknown> = {
    slot0: [pool.sqrtPriceX96, pool.tick, 0, 1, 1, 0, true],
    liquidity: pool.liquidity,
    fee: pool.feePips,
    tickSpacing: pool.tickSpacing,
    token0: pool.token0.address,
    token1: pool.token1.address,
    tickBitmap: bitmapWord(pool, argument),
    ticks: [net < 0n ? -net : net, net, 0n, 0n, 0n, 0n, 0, tick !== undefined],
  };
  return values[functionName] ?? null;
}

function bitmapWord(pool: PoolState, word: number): bigint {
  const compressed = pool.ticks.map(({ index }) => index / pool.tickSpacing).filter((at) => at >> 8 === word);
  return compressed.reduce((bits, at) => bits | (1n << BigInt(at & 255)), 0n);
}

function tokenValue(token: PoolToken, functionName: string): unknown {
  return functionName === "symbol" ? token.symbol : functionName === "decimals" ? token.decimals : null;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** A token address that sorts by its number. */
export function addressOf(number: number): Hex {
  return getAddress(`${zeroAddress.slice(0, 34)}${number.toString(16).padStart(8, "0")}` as Hex);
}
