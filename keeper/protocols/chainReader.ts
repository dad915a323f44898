import type { PublicClient } from "viem";
import type { Hex } from "../domain/contract.ts";
import type { ChainView } from "../domain/cycle.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import type { Rpc } from "../io/rpc.ts";
import { type ContractView, readMarkets } from "./collateralParameters.ts";
import type { Deployment } from "./deployment.ts";

/** The contract as every decision sees it, with the ids that it gives the markets. */
type ChainReader = {
  /** Markets at the latest block; one that governance has not listed yet is left out. */
  read(markets: readonly MarketParameters[], signal?: AbortSignal): Promise<ChainView>;
  /** Id of a market by its name. @throws TonsorError UNKNOWN_MARKET */
  idOf(market: string): number;
  /** Whether the record names the market. */
  has(market: string): boolean;
};

/** @param parts.pending what is in flight for a market and still counted on at a block, or null */
export function chainReader(parts: {
  readonly client: PublicClient;
  readonly rpc: Pick<Rpc, "block">;
  readonly deployment: Deployment;
  /** The account whose batches are planned: the signer quorum's gateway, or the key. */
  readonly writer: Hex;
  pending(marketId: number, block: { blockTime: number; blockNumber: bigint }): OnChainMarket["pending"];
}): ChainReader {
  const { client, rpc, deployment, writer, pending } = parts;
  const contract = deployment.contract.address as Hex;
  const ids = new Map(deployment.markets.map((market) => [market.name, market.id]));
  const idOf = (market: string): number => {
    const id = ids.get(market);
    if (id !== undefined) return id;
    const expected = `one of ${[...ids.keys()].join(", ")}`;
    throw new TonsorError("UNKNOWN_MARKET", `${market} is not listed`, { field: "market", given: market, expected });
  };
  return {
    idOf,
    has: (market) => ids.has(market),
    async read(markets, signal) {
      const latest = await rpc.block("latest", signal);
      signal?.throwIfAborted();
      const read = (wanted: readonly number[]) => readMarkets(client, contract, latest.number, wanted, writer);
      const wanted = markets.map(({ name }) => idOf(name));
      const { view, listed } = await readListed(wanted, read);
      const states = view.markets.map((market) => ({ ...market, pending: pending(market.marketId, view) }));
      const there = markets.filter(({ name }) => listed.includes(idOf(name)));
      return { ...view, contract, markets: new Map(there.map(({ name }, i) => [name, states[i] as OnChainMarket])) };
    },
  };
}

/** What `readMarkets` gives of some markets at one block. */
type Read = (ids: readonly number[]) => Promise<ContractView>;

/**
 * Returns the contract as `read` gives it of those of the ids that it lists, with them in the same order. A record may
 * name a market that governance has not listed yet: that stops none of the others. All unlisted: the contract alone.
 * @throws TonsorError whatever `read` throws for another reason than an unknown market
 */
async function readListed(
  ids: readonly number[],
  read: Read,
): Promise<{ readonly view: ContractView; readonly listed: readonly number[] }> {
  try {
    return { view: await read(ids), listed: ids };
  } catch (error) {
    if (!isUnknownMarket(error)) throw error;
  }
  // The node names the first only, and in no certain order.
  const known = await Promise.all(ids.map((id) => isListed(id, read)));
  const listed = ids.filter((_, i) => known[i]);
  return { view: await read(listed), listed };
}

async function isListed(id: number, read: Read): Promise<boolean> {
  try {
    await read([id]);
    return true;
  } catch (error) {
    if (isUnknownMarket(error)) return false;
    throw error;
  }
}

function isUnknownMarket(error: unknown): boolean {
  const own = ownError(error);
  return own?.code === "TRANSACTION_FATAL" && own.message.startsWith("UnknownMarket");
}
