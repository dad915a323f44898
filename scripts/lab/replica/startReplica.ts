import { dataFolder } from "../dataFolder.ts";
import { type ReplicaAccounts, replicaAccounts } from "./accounts.ts";
import { MAINNET_ADDRESSES, POOLS, type PoolName, type ReplicaAddresses } from "./addresses.ts";
import { type AnvilProcess, spawnAnvil } from "./anvil.ts";
import { equipTrader, movePrice, pricesOf, setFeeds, type UsdPrices } from "./movePrice.ts";
import { type ReplicaClient, replicaClient } from "./node.ts";
import { seedPool, tickMapOf } from "./seedPools.ts";
import type { TickMap } from "./tickMap.ts";
import { deployMainnetContracts } from "./uniswap.ts";

type ReplicaOptions = {
  /** Port on loopback; absent or 0: a free one. */
  readonly port?: number;
  /** Folder of recorded market data; null: generated liquidity; absent: TONSOR_DATA or ../shared/data when there. */
  readonly seedFrom?: string | null;
  /** Genesis time, Unix seconds; absent: now. */
  readonly timestamp?: number;
  /** Absent: 31337. */
  readonly chainId?: number;
  /** Number of the first block; absent: 0. About 100 more follow before the replica is ready. */
  readonly firstBlock?: number;
  /** Seconds from one block to the next once it is ready, as on a real chain; absent: a block with each transaction. */
  readonly blockSeconds?: number;
  /** A block is a second after the one before, however long nobody sent anything, so that a recorded minute lasts; absent: time runs with the machine. */
  readonly standsStill?: boolean;
  /** Ends it between two steps; absent: nothing does. */
  readonly signal?: AbortSignal;
  /** Blocks whose state can still be read; absent: all. */
  readonly pastStates?: number;
};

/** A loopback chain on which Uniswap v3, tokens and price feeds stand where they stand on mainnet. */
export type Replica = {
  readonly url: string;
  readonly chainId: number;
  readonly addresses: ReplicaAddresses;
  readonly accounts: ReplicaAccounts;
  /** What was laid out in each pool. */
  readonly liquidity: Readonly<Record<PoolName, TickMap>>;
  /** Process id of the node. */
  readonly pid: number;
  /** Resolves when the node is gone, whoever ended it. */
  readonly gone: Promise<void>;
  /** Arbitrages the pools to these USD prices by real swaps and updates the feeds. */
  movePrice(prices: UsdPrices): Promise<void>;
  /** Mines a block at this time, Unix seconds; later blocks go on from there. Never backwards. */
  setTime(unixSeconds: number): Promise<void>;
  snapshot(): Promise<`0x${string}`>;
  revert(id: `0x${string}`): Promise<void>;
  close(): Promise<void>;
};

/**
 * Starts the replica: a node, the mainnet contracts at their addresses, and both pools with their liquidity, tick for
 * tick. The pools stand at their recorded prices, and the feeds answer the same; `movePrice` goes on from there.
 * The node ends with this process.
 *
 * @throws TonsorError BAD_FILE when the contracts are not compiled or a recording is damaged; RPC_FAILED when the node
 * does not start.
 */
export async function startReplica(options: ReplicaOptions = {}): Promise<Replica> {
  const { port, timestamp, firstBlock, blockSeconds, pastStates, chainId = 31337, seedFrom = dataFolder() } = options;
  const { standsStill = false, signal } = options;
  const liquidity = {
    "USDC/WETH-0.05%": tickMapOf("USDC/WETH-0.05%", seedFrom),
    "WBTC/WETH-0.3%": tickMapOf("WBTC/WETH-0.3%", seedFrom),
  };
  const anvil = await spawnAnvil({
    chainId,
    ...(port === undefined ? {} : { port }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(firstBlock === undefined ? {} : { firstBlock }),
    ...(pastStates === undefined ? {} : { pastStates }),
  });
  try {
    const client = replicaClient(anvil.url, chainId);
    const accounts = replicaAccounts();
    await client.setLoggingEnabled(false);
    await deployMainnetContracts(client, accounts.deployer.address);
    for (const name of Object.keys(POOLS) as PoolName[]) {
      signal?.throwIfAborted();
      await seedPool(client, accounts.trader.address, name, liquidity[name]);
    }
    await equipTrader(client, accounts.trader.address);
    await setFeeds(client, accounts.trader.address, await pricesOf(client));
    if (standsStill) await client.setBlockTimestampInterval({ interval: 1 });
    if (blockSeconds !== undefined) await client.setIntervalMining({ interval: blockSeconds });
    return replicaOf(anvil, client, chainId, accounts, liquidity);
  } catch (error) {
    await anvil.close();
    throw error;
  }
}

function replicaOf(
  anvil: AnvilProcess,
  client: ReplicaClient,
  chainId: number,
  accounts: ReplicaAccounts,
  liquidity: Replica["liquidity"],
): Replica {
  return {
    url: anvil.url,
    pid: anvil.pid,
    chainId,
    addresses: MAINNET_ADDRESSES,
    accounts,
    liquidity,
    movePrice: (prices) => movePrice(client, accounts.trader.address, prices),
    setTime: async (unixSeconds) => {
      await client.setNextBlockTimestamp({ timestamp: BigInt(unixSeconds) });
      await client.mine({ blocks: 1 });
    },
    snapshot: () => client.snapshot(),
    revert: (id) => client.revert({ id }),
    gone: anvil.gone,
    close: () => anvil.close(),
  };
}
