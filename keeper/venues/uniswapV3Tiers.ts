import { getAddress, type Hex, parseAbi, zeroAddress } from "viem";
import { type Fault, fault } from "../domain/fault.ts";
import type { Block, Rpc } from "../io/rpc.ts";
import { faultOfRead, readAll } from "./contractReads.ts";
import { readToken } from "./token.ts";
import type { PoolRef } from "./uniswapV3/uniswapV3.ts";

const FACTORY = parseAbi(["function getPool(address, address, uint24) view returns (address)"]);
/** Fees that mainnet's factory allows, hundredths of a basis point. */
const FEE_TIERS = [100, 500, 3000, 10_000] as const;

/**
 * Every pool of two tokens, one for each fee that has one, cheapest first: "USDC/WETH-0.05%". Each is a venue of the same
 * hop; `mergedSellCurve` sells into all of them at one marginal price. EMPTY when no fee has a pool.
 * @throws TonsorError WRONG_CHAIN
 * @example (await poolsOfPair(rpc, factory, usdc, weth, block)).pools.map((pool) => pool.name) // ["USDC/WETH-0.05%", ...]
 */
export async function poolsOfPair(
  rpc: Rpc,
  factory: Hex,
  tokenA: Hex,
  tokenB: Hex,
  block: Block,
  signal?: AbortSignal,
): Promise<{ readonly pools: readonly PoolRef[]; readonly faults: readonly Fault[] }> {
  const [token0, token1] = [tokenA, tokenB].toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const source = `uniswapV3:${token0}/${token1}`;
  if (token0 === undefined || token1 === undefined) return { pools: [], faults: [] };
  try {
    const read: Parameters<typeof readToken>[1] = (abi, reads) => readAll(rpc, abi, reads, block.number, signal);
    const reads = FEE_TIERS.map((fee) => [factory, "getPool", token0, token1, fee] as const);
    const [addresses, first, second] = await Promise.all([
      read<Hex>(FACTORY, reads),
      readToken(token0, read),
      readToken(token1, read),
    ]);
    const pools = FEE_TIERS.flatMap((fee, at): PoolRef[] => {
      const address = addresses[at] ?? zeroAddress;
      if (address === zeroAddress) return [];
      return [{ name: `${first.symbol}/${second.symbol}-${fee / 10_000}%`, address: getAddress(address) }];
    });
    return { pools, faults: pools.length > 0 ? [] : [fault("EMPTY", source, "no pool of any fee")] };
  } catch (error) {
    return { pools: [], faults: [faultOfRead(error, source)] };
  }
}
