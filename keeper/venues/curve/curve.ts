import { getAddress } from "viem";
import type { CryptoSwapPool, Observed, StableSwapPool } from "../../domain/observation.ts";
import { sourceName } from "../../domain/sourceNames.ts";
import type { Block, Rpc } from "../../io/rpc.ts";
import { faultOfRead, ReadFault } from "../contractReads.ts";
import { refused } from "../parse.ts";
import type { PoolRef, Venue } from "../venue.ts";
import { type CurveReader, curveReader } from "./reader.ts";
import { readCryptoSwap, readStableSwap } from "./state.ts";

/**
 * Curve's pools through a JSON-RPC node, without helper contracts: pools of plain tokens and StableSwap-NG pools with their
 * stored rates. Each state comes with the pool's own `get_dy` for a hundredth of every coin, against which the model holds
 * its arithmetic: lending pools and metapools of the first generation answer other numbers than their balances say. A pool
 * that cannot be read is null with a fault: UNREACHABLE, VENUE_ERROR, SCHEMA, NOT_POSITIVE, INCONSISTENT.
 * @example await curve.pools(rpc)([{ name: "3pool", address }], block)
 */
export const curve = {
  id: "curve",
  pools: (rpc) => readPools(rpc, "curve", readStableSwap),
} as const satisfies Venue;

/** The same of two-coin CryptoSwap pools of version 2, another formula. */
export const curveCrypto = {
  id: "curveCrypto",
  pools: (rpc) => readPools(rpc, "curveCrypto", readCryptoSwap),
} as const satisfies Venue;

type State = Awaited<ReturnType<typeof readStableSwap>> | Awaited<ReturnType<typeof readCryptoSwap>>;

function readPools(rpc: Rpc, venue: string, readState: (reader: CurveReader) => Promise<State>) {
  return (pools: readonly PoolRef[], block: Block, signal?: AbortSignal) =>
    Promise.all(pools.map((pool) => readPool(pool, block, signal)));

  async function readPool(
    ref: PoolRef,
    block: Block,
    signal?: AbortSignal,
  ): Promise<Observed<StableSwapPool | CryptoSwapPool>> {
    const source = sourceName.pool(`${venue}:${ref.name}`);
    try {
      const head = { source, pool: getAddress(ref.address), blockNumber: block.number, eventTime: block.timestamp };
      const observation = { ...head, ...(await readState(curveReader(rpc, ref.address, block.number, signal))) };
      const empty = observation.coins.find((coin) => coin.balance <= 0n);
      if (empty !== undefined) throw new ReadFault("NOT_POSITIVE", `the pool holds no ${empty.symbol}`);
      const odd = observation.coins.find(({ decimals }) => decimals > 18);
      if (odd === undefined) return { source, observation, faults: [] };
      throw new ReadFault("INCONSISTENT", `${odd.symbol} has ${odd.decimals} decimals, at most 18`);
    } catch (error) {
      return refused(faultOfRead(error, source));
    }
  }
}
