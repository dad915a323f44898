import type { Look } from "../domain/cycle.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import type { Rpc } from "../io/rpc.ts";
import type { ChainReader } from "../protocols/chainReader.ts";
import type { Sources } from "./sources.ts";

/**
 * Looks at the contract and at every source that the markets name. The block is asked for first; then contract, pools and
 * feeds are read at it in one turn, so that they travel together.
 * @throws TonsorError RPC_FAILED, NO_QUORUM, WRONG_CHAIN, NOT_DEPLOYED; as `openSources` does
 */
export async function look(
  { rpc, chain, sources, now }: LookParts,
  markets: readonly MarketParameters[],
  signal: AbortSignal,
): Promise<Look> {
  const block = await rpc.block("latest", signal);
  const [view, observed] = await Promise.all([
    chain.read(markets, block, signal),
    sources(markets, block, now(), signal),
  ]);
  return { chain: view, observed };
}

type LookParts = {
  readonly rpc: Rpc;
  readonly chain: ChainReader;
  readonly sources: Sources;
  /** Unix seconds. */
  readonly now: () => number;
};
