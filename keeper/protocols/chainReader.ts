import type { Hex } from "../domain/contract.ts";
import type { ChainView } from "../domain/cycle.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import type { Block, Rpc } from "../io/rpc.ts";
import type { Deployment } from "./deployment.ts";
import { readMarkets } from "./readMarkets.ts";

/** The contract as every decision sees it, with the ids that it gives the markets. */
export type ChainReader = {
  /** Markets at a block, or at the latest; one that governance has not listed yet is left out. */
  read(markets: readonly MarketParameters[], at: Block | "latest", signal?: AbortSignal): Promise<ChainView>;
  /** Id of a market by its name. @throws TonsorError UNKNOWN_MARKET */
  idOf(market: string): number;
  /** Whether the record names the market. */
  has(market: string): boolean;
};

/** @param parts.pending what is in flight for a market and still counted on at a block, or null */
export function chainReader(parts: {
  readonly rpc: Rpc;
  readonly deployment: Deployment;
  /** The account whose batches are planned: the signer quorum's gateway, or the key. */
  readonly writer: Hex;
  pending(marketId: number, block: { blockTime: number; blockNumber: bigint }): OnChainMarket["pending"];
}): ChainReader {
  const { rpc, deployment, writer, pending } = parts;
  const contract = deployment.contract.address as Hex;
  const ids = new Map(deployment.markets.map((market) => [market.name, market.id]));
  const idOf = (market: string): number => {
    const id = ids.get(market);
    if (id !== undefined) return id;
    const expected = `one of ${[...ids.keys()].join(", ")}`;
    throw new TonsorError("UNKNOWN_MARKET", `${market} is not listed`, { field: "market", given: market, expected });
  };
  /** As the last read found them: markets stay in their classes, so that one read gives all. */
  let classIds: readonly number[] = [];
  return {
    idOf,
    has: (market) => ids.has(market),
    async read(markets, at, signal) {
      const block = at === "latest" ? await rpc.block(at, signal) : at;
      const names = new Map(markets.map(({ name }) => [idOf(name), name]));
      const view = await readMarkets({ rpc, contract, block, signal }, [...names.keys()], writer, classIds);
      classIds = [...new Set(view.markets.map(({ classId }) => classId))];
      const listed = view.markets.map((market): [string, OnChainMarket] => {
        const own = { ...market, pending: pending(market.marketId, view) };
        return [names.get(market.marketId) ?? "", own];
      });
      return { ...view, contract, markets: new Map(listed) };
    },
  };
}
