import { setTimeout } from "node:timers/promises";
import {
  type Abi,
  createTestClient,
  defineChain,
  encodeDeployData,
  encodeFunctionData,
  type Hex,
  http,
  numberToHex,
  publicActions,
  walletActions,
} from "viem";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Artifact } from "./artifacts.ts";

type Address = `0x${string}`;

/** Transactions whose cost varies with the pool state take what EIP-7825 allows. */
const MAX_TRANSACTION_GAS = 16_777_216n;

const MINING_TIMEOUT_MS = 20_000;
const POLL_MS = 5;

/** Returns a client that reads, sends from the node's own test accounts, and turns the node's own knobs. */
export function replicaClient(url: string, chainId: number) {
  const chain = defineChain({
    id: chainId,
    name: "replica",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  return createTestClient({
    chain,
    mode: "anvil",
    transport: http(url, { retryCount: 0, timeout: 30_000 }),
    pollingInterval: 20,
    cacheTime: 0,
  })
    .extend(publicActions)
    .extend(walletActions);
}

export type ReplicaClient = ReturnType<typeof replicaClient>;

/**
 * Runs a constructor *at* a chosen address: the creation code is put there, called once so that it writes its storage,
 * and replaced by the code it returns. What results equals a deployment, at an address nobody has the key for.
 */
export async function deployAt(
  client: ReplicaClient,
  from: Address,
  address: Address,
  artifact: Artifact,
  args: readonly unknown[] = [],
): Promise<void> {
  const { abi, bytecode } = artifact;
  await client.setCode({ address, bytecode: encodeDeployData({ abi, bytecode, args } as never) });
  const { data: runtime } = await client.call({ account: from, to: address, gas: MAX_TRANSACTION_GAS });
  if (runtime === undefined) throw new TonsorError("RPC_FAILED", `${artifact.contractName} has an empty constructor`);
  await transact(client, { from, to: address });
  await client.setCode({ address, bytecode: runtime });
}

/**
 * Sends one transaction of an unlocked account and returns, when it is mined, the contract it created.
 * @throws TonsorError RPC_FAILED when it reverts
 */
export async function transact(
  client: ReplicaClient,
  tx: { from: Address; to?: Address; data?: Hex },
): Promise<Address | null> {
  const params = [{ ...tx, gas: numberToHex(MAX_TRANSACTION_GAS) }];
  // EIP-7966: one round trip instead of two and a pause.
  return createdBy((await client.request({ method: "eth_sendTransactionSync", params } as never)) as Receipt);
}

/** Calls a function of a contract in a transaction and returns when it is mined; a revert throws. */
export async function write(
  client: ReplicaClient,
  from: Address,
  to: Address,
  abi: Abi,
  functionName: string,
  args: readonly unknown[],
): Promise<void> {
  await transact(client, { from, to, data: encodeFunctionData({ abi, functionName, args }) });
}

/** Hands one transaction of an unlocked account to the node, which fills in nonce and fees, and returns its hash. */
export async function send(client: ReplicaClient, tx: { from: Address; to?: Address; data?: Hex }): Promise<Hex> {
  return await client.request({
    method: "eth_sendTransaction",
    params: [{ ...tx, gas: numberToHex(MAX_TRANSACTION_GAS) }],
  } as never);
}

/** Waits until the transactions are mined and returns the contract created by each; one that failed throws. */
export async function mined(client: ReplicaClient, hashes: readonly Hex[]): Promise<(Address | null)[]> {
  const created: (Address | null)[] = [];
  const deadline = Date.now() + MINING_TIMEOUT_MS;
  for (const hash of hashes) {
    let receipt = await receiptOf(client, hash);
    while (receipt === null && Date.now() < deadline) {
      await setTimeout(POLL_MS);
      receipt = await receiptOf(client, hash);
    }
    if (receipt === null) {
      throw new TonsorError("RPC_FAILED", "a transaction of the replica was not mined", { given: hash });
    }
    created.push(createdBy(receipt));
  }
  return created;
}

type Receipt = { readonly transactionHash: Hex; readonly status: Hex; readonly contractAddress: Address | null };

function createdBy({ transactionHash, status, contractAddress }: Receipt): Address | null {
  if (status === "0x1") return contractAddress;
  throw new TonsorError("RPC_FAILED", "a transaction of the replica reverted", { given: transactionHash });
}

async function receiptOf(client: ReplicaClient, hash: Hex): Promise<Receipt | null> {
  return (await client.request({ method: "eth_getTransactionReceipt", params: [hash] } as never)) as Receipt | null;
}
