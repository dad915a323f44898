import { getAddress, type Hex } from "viem";
import type { CryptoSwapPool, Observed, StableSwapPool } from "../../domain/observation.ts";
import type { Block, Rpc } from "../../io/rpc.ts";
import { faultOfRead, ReadFault } from "../contractReads.ts";
import { readCryptoSwap } from "./cryptoSwap.ts";
import { curveReader } from "./reader.ts";
import { readStableSwap } from "./stableSwap.ts";

/** A pool by its name in governance files, e.g. "stETH/ETH", its address, and which of Curve's two formulas it uses. */
export type CurvePoolRef = {
  readonly name: string;
  readonly address: Hex;
  readonly formula: "stableSwap" | "cryptoSwap";
};

/** The venue's name in sources and routes, by formula. */
const VENUE_OF = { stableSwap: "curve", cryptoSwap: "curveCrypto" } as const;

/**
 * States of Curve pools at one block, in their order, through a JSON-RPC node without helper contracts. Each comes with
 * the pool's own `get_dy` for a hundredth of every coin, against which the model holds its arithmetic. A pool that cannot
 * be read costs only itself: null with a fault (UNREACHABLE, VENUE_ERROR, SCHEMA, NOT_POSITIVE, INCONSISTENT).
 *
 * Read are pools of plain tokens and StableSwap-NG pools with their stored rates; two-coin CryptoSwap pools of version 2.
 * Lending pools and metapools of the first generation answer other numbers than their balances say: the probes show it.
 * @throws TonsorError WRONG_CHAIN, for then nothing that was read means anything
 * @example await readCurvePools(rpc, [{ name: "3pool", address, formula: "stableSwap" }], block)
 */
export async function readCurvePools(
  rpc: Rpc,
  pools: readonly CurvePoolRef[],
  block: Block,
  signal?: AbortSignal,
): Promise<readonly Observed<StableSwapPool | CryptoSwapPool>[]> {
  return await Promise.all(pools.map((pool) => readPool(rpc, pool, block, signal)));
}

async function readPool(
  rpc: Rpc,
  ref: CurvePoolRef,
  block: Block,
  signal?: AbortSignal,
): Promise<Observed<StableSwapPool | CryptoSwapPool>> {
  const source = `${VENUE_OF[ref.formula]}:${ref.name}`;
  try {
    const head = { source, pool: getAddress(ref.address), blockNumber: block.number, eventTime: block.timestamp };
    const reader = curveReader(rpc, ref.address, block.number, signal);
    const read = ref.formula === "stableSwap" ? readStableSwap : readCryptoSwap;
    const observation = { ...head, ...(await read(reader)) };
    const empty = observation.coins.find((coin) => coin.balance <= 0n);
    if (empty !== undefined) throw new ReadFault("NOT_POSITIVE", `the pool holds no ${empty.symbol}`);
    const odd = observation.coins.find(({ decimals }) => decimals > 18);
    if (odd !== undefined)
      throw new ReadFault("INCONSISTENT", `${odd.symbol} has ${odd.decimals} decimals, at most 18`);
    return { source, observation, faults: [] };
  } catch (error) {
    return { source, observation: null, faults: [faultOfRead(error, source)] };
  }
}
