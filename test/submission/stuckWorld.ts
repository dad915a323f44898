import { setTimeout } from "node:timers/promises";
import { network } from "hardhat";
import type { Hex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { type Broadcaster, openBroadcaster } from "../../keeper/submission/broadcaster.ts";
import type { SendContext } from "../../keeper/submission/context.ts";
import { sendTimes } from "../../keeper/submission/send.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { CHAIN_ID, contextFor, EFFECT, journalFor, LIMITS } from "./submissionWorld.ts";

export const GWEI = 1_000_000_000n;
const hex = (value: bigint | number): Hex => `0x${value.toString(16)}`;

/** A node that mines when told to, and whose base fee and pool are turned by hand. */
export type StuckNode = {
  readonly name: string;
  ask(method: string, params?: unknown[]): Promise<unknown>;
  readonly contract: Hex;
  /** Mines one block with this base fee, so that it is the latest block's. */
  block(baseFeeGwei: number): Promise<void>;
  later(seconds: number): Promise<void>;
  drop(hash: Hex): Promise<void>;
  /** Calldata of every effect, in chain order, by sender. */
  effects(from: Hex): Promise<number[]>;
  close(): Promise<void>;
};

/** The two nodes, which differ in what their pools keep and in what a replacement must offer. */
export async function stuckNode(name: "hardhat" | "anvil"): Promise<StuckNode> {
  const { ask, close } = name === "hardhat" ? await hardhatNode() : await anvilNode();
  const { deployer } = replicaAccounts();
  const hash = await ask("eth_sendTransaction", [{ from: deployer.address, data: EFFECT }]);
  const contract = await created(ask, hash);
  await ask("evm_setAutomine", [false]);
  return {
    name,
    ask,
    contract,
    close,
    async block(baseFeeGwei) {
      await ask(`${name}_setNextBlockBaseFeePerGas`, [hex(BigInt(baseFeeGwei) * GWEI)]);
      await ask("evm_mine");
    },
    async later(seconds) {
      await ask("evm_increaseTime", [hex(seconds)]);
    },
    async drop(transaction) {
      await ask(`${name}_dropTransaction`, [transaction]);
    },
    async effects(from) {
      const logs = (await ask("eth_getLogs", [{ address: contract, fromBlock: "0x0" }])) as Log[];
      const all = await Promise.all(
        logs.map(({ transactionHash }) => ask("eth_getTransactionByHash", [transactionHash])),
      );
      const own = (index: number) => (all[index] as { from: string }).from.toLowerCase() === from.toLowerCase();
      return logs.filter((_, index) => own(index)).map((log) => Number(log.data));
    },
  };
}

/** Anvil answers a send before its automine has made the block. */
async function created(ask: StuckNode["ask"], hash: unknown): Promise<Hex> {
  for (let looks = 0; looks < 1_000; looks++) {
    const receipt = (await ask("eth_getTransactionReceipt", [hash])) as { contractAddress: Hex } | null;
    if (receipt !== null) return receipt.contractAddress;
    await setTimeout(5);
  }
  throw new Error(`${hash} was not mined`);
}

type Log = { readonly data: Hex; readonly transactionHash: Hex };

async function hardhatNode() {
  const connection = await network.create();
  const ask = async (method: string, params: unknown[] = []) => connection.provider.request({ method, params });
  return { ask, close: () => connection.close() };
}

async function anvilNode() {
  const anvil = await spawnAnvil({ chainId: CHAIN_ID });
  const ask = async (method: string, params: unknown[] = []): Promise<unknown> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(anvil.url, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } };
    if (error !== undefined) throw new Error(error.message);
    return result;
  };
  return { ask, close: () => anvil.close() };
}

/** A keeper with a fresh funded key, an empty journal, a monotonic clock turned by hand, and a count of what it sends. */
export async function stuckKeeper(node: StuckNode, capGwei = 500) {
  const key = generatePrivateKey();
  const account = privateKeyToAccount(key);
  const funds = hex(10n ** 19n);
  await node.ask(`${node.name}_setBalance`, [account.address, funds]);
  const journal = journalFor(node.contract);
  const clock = { ms: 0 };
  const sent: Hex[] = [];
  const real = openBroadcaster({ request: ({ method, params }) => node.ask(method, params as unknown[]) });
  const broadcaster: Broadcaster = {
    ...real,
    // The tip of the limits, whatever the node's few transactions paid.
    tip: async () => null,
    send: async (raw) => {
      sent.push(raw);
      await real.send(raw);
    },
  };
  const context: SendContext = {
    ...contextFor(journal, "http://127.0.0.1:1", key),
    broadcaster,
    fees: { maxFeePerGas: BigInt(capGwei) * GWEI, maxPriorityFeePerGas: GWEI },
    sends: sendTimes(() => clock.ms),
    limits: { ...LIMITS, receiptTimeoutSeconds: 0, pollMilliseconds: 1 },
  };
  return { journal, clock, sent, context, account, from: account.address };
}
