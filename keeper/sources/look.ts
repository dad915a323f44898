import type { Look } from "../domain/cycle.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import type { Rpc } from "../io/rpc.ts";
import type { LenderReader } from "../protocols/lenderReader.ts";
import type { ChainReader } from "../protocols/readMarkets.ts";
import type { Sources } from "./sources.ts";

/**
 * Looks at the contract and at every source that the markets name. The block is asked for first; then contract, pools and
 * feeds, and the lenders, are read at it in one turn, so that they travel together.
 * @throws TonsorError RPC_FAILED, NO_QUORUM, WRONG_CHAIN, NOT_DEPLOYED; as `openSources` does
 */
export async function look(
  { rpc, chain, sources, lenders, now }: LookParts,
  markets: readonly MarketParameters[],
  signal: AbortSignal,
): Promise<Look> {
  const block = await rpc.block("latest", signal);
  const [view, observed, read] = await Promise.all([
    chain.read(markets, block, signal),
    sources(markets, block, now(), signal),
    lenders(block.number, signal),
  ]);
  return { chain: view, observed, lenders: read };
}

type LookParts = {
  readonly rpc: Rpc;
  readonly chain: ChainReader;
  readonly sources: Sources;
  readonly lenders: LenderReader;
  /** Unix seconds. */
  readonly now: () => number;
};
