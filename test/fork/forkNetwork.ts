import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHardhatRuntimeEnvironment } from "hardhat/hre";
import { createPublicClient, createTestClient, custom, defineChain, http, publicActions, walletActions } from "viem";
import { TonsorError } from "../../keeper/domain/errors.ts";

/**
 * The mainnet block that is forked: the one at which the WBTC/WETH pool was recorded, so that fork and recording can be
 * held against each other. Needs an endpoint with state of that age (an archive node).
 */
export const PINNED_BLOCK = 24_407_242n;

/** What to fork. */
export type ForkSource = {
  /** For people: "replica" or "mainnet". */
  readonly name: string;
  readonly url: string;
  readonly chainId: number;
  readonly blockNumber: bigint;
};

/** A chain of its own that begins with another chain's state at one block; nothing done on it reaches the other. */
export type ForkNetwork = {
  readonly source: ForkSource;
  readonly client: ForkClient;
  close(): Promise<void>;
};

/** Returns mainnet at the pinned block when MAINNET_RPC_URL names an endpoint, else null. */
export function mainnetSource(environment: Readonly<Record<string, string | undefined>>): ForkSource | null {
  const url = environment["MAINNET_RPC_URL"];
  return url === undefined || url === "" ? null : { name: "mainnet", url, chainId: 1, blockNumber: PINNED_BLOCK };
}

/**
 * Forks a chain in Hardhat's simulated network (EDR), which fetches state as it is needed. Replica and mainnet go
 * exactly the same way. What is fetched is cached in a folder of this fork alone: replicas share their chain id and
 * block numbers, and one must not see the state of another.
 *
 * @throws TonsorError WRONG_CHAIN when the endpoint answers for another chain; RPC_FAILED when the source cannot be forked at that block.
 */
export async function forkNetwork(source: ForkSource): Promise<ForkNetwork> {
  await requireSource(source);
  const cache = mkdtempSync(join(tmpdir(), "tonsor-fork-"));
  const forget = () => rmSync(cache, { recursive: true, force: true });
  try {
    const hre = await createHardhatRuntimeEnvironment({
      paths: { cache },
      // Hardhat knows mainnet's hardforks by block; a replica has had the newest from its first.
      chainDescriptors: {
        [REPLICA_CHAIN_ID]: { name: "replica", chainType: "l1", hardforkHistory: { osaka: { blockNumber: 0 } } },
      },
      networks: {
        fork: {
          type: "edr-simulated",
          chainType: "l1",
          chainId: FORK_CHAIN.id,
          forking: { url: source.url, blockNumber: source.blockNumber },
        },
      },
    });
    const connection = await hre.network.create("fork");
    const client = forkClient(connection.provider);
    // EDR forks when it is first asked.
    await client.getBlockNumber();
    const close = async () => {
      await connection.close();
      forget();
    };
    return { source, client, close };
  } catch (cause) {
    forget();
    const facts = { field: "block", given: source.blockNumber };
    throw new TonsorError("RPC_FAILED", `${source.name} cannot be forked`, facts, cause);
  }
}

/** Asks the endpoint first: EDR would try a dead one for a minute. */
async function requireSource({ name, url, chainId }: ForkSource): Promise<void> {
  let given: number;
  try {
    given = await createPublicClient({ transport: http(url, { retryCount: 1, timeout: 10_000 }) }).getChainId();
  } catch (cause) {
    throw new TonsorError("RPC_FAILED", `${name} cannot be forked: its endpoint does not answer`, {}, cause);
  }
  if (given === chainId) return;
  const expected = String(chainId);
  throw new TonsorError("WRONG_CHAIN", `the endpoint is not ${name}`, { field: "chainId", given, expected });
}

const REPLICA_CHAIN_ID = 31337;
const FORK_CHAIN = defineChain({
  id: REPLICA_CHAIN_ID,
  name: "fork",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [] } },
});

type Provider = Parameters<typeof custom>[0];

function forkClient(provider: Provider) {
  const transport = custom(provider, { retryCount: 0 });
  return createTestClient({ chain: FORK_CHAIN, mode: "hardhat", transport, pollingInterval: 20, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions);
}

/** Reads, sends from impersonated or test accounts, and turns the fork's own knobs. */
type ForkClient = ReturnType<typeof forkClient>;
