import { setTimeout } from "node:timers/promises";
import { type Hex, parseEther } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { Journal } from "../../keeper/domain/journal.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { parseConfigFile } from "../../keeper/runtime/configFile.ts";
import { openBroadcaster } from "../../keeper/submission/broadcaster.ts";
import type { SendContext } from "../../keeper/submission/context.ts";
import { sendTimes } from "../../keeper/submission/send.ts";
import type { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { mined, type ReplicaClient, replicaClient, send } from "../../scripts/lab/replica/node.ts";
import { CALM_LIMIT, entriesOf } from "../support/entries.ts";

export const CHAIN_ID = 31337;
const GWEI = 1_000_000_000n;

export const TIGHTENING = { initialBps: 2200, maintenanceTargetBps: 1800 };
export const TIGHTER = { initialBps: 2600, maintenanceTargetBps: 1900 };
export const LOOSENING = { initialBps: 1990, maintenanceTargetBps: 1690 };

/** Code that logs its calldata: each effect of a transaction is one log. CALLDATACOPY, LOG0, STOP. */
export const EFFECT = "0x67365f5f37365fa0005f5260086018f3";
/** Code that always reverts. */
const REVERT = "0x625f5ffd5f526003601df3";

/** A calm world: an anvil, a contract that counts effects, one that reverts, an empty journal. */
export async function submissionWorld() {
  const anvil = await spawnAnvil({ chainId: CHAIN_ID });
  try {
    const node = replicaClient(anvil.url, CHAIN_ID);
    const { deployer, keeper, trader } = replicaAccounts();
    const from = deployer.address;
    const hashes = [await send(node, { from, data: EFFECT }), await send(node, { from, data: REVERT })];
    const [effect, reverter] = await mined(node, hashes);
    if (!effect || !reverter) throw new Error("not deployed");
    return { anvil, node, effect, reverter, keeper, trader };
  } catch (error) {
    await anvil.close();
    throw error;
  }
}

export type SubmissionWorld = Awaited<ReturnType<typeof submissionWorld>>;

/** A fresh key, with this much ether. */
export async function fundedKey({ node }: SubmissionWorld, ether = "1") {
  const key = generatePrivateKey();
  const { address } = privateKeyToAccount(key);
  await node.setBalance({ address, value: parseEther(ether) });
  return { key, address };
}

/** A journal of its own, on disk when a path is given. */
export function journalFor(contract: string, path = ":memory:"): Journal {
  return openJournal(path, { chainId: CHAIN_ID, contract });
}

/** The limits of the configuration file, but for short waits, and a block being enough; overdue by time alone. */
export const LIMITS: SendContext["limits"] = {
  ...parseConfigFile("", {}).settings.transactions,
  receiptTimeoutSeconds: 2,
  pollMilliseconds: 20,
  confirmations: 0,
  replaceAfterBlocks: 0,
};

/** The context with other limits. */
export function limited(context: SendContext, change: Partial<SendContext["limits"]>): SendContext {
  return { ...context, limits: { ...context.limits, ...change } };
}

/** Everything `submitBatch` needs against one node; short waits, but for answers, which a busy machine gives late. */
export function contextFor(journal: Journal, rpcUrl: string, privateKey: Hex, timeoutMs = 10_000): SendContext {
  const rpc = chainClient({ chainId: CHAIN_ID, rpc: rpcUrl, timeoutMs });
  return {
    journal,
    broadcaster: openBroadcaster({ request: (args) => rpc.request(args as Parameters<typeof rpc.request>[0]) }),
    chainId: CHAIN_ID,
    now: () => Math.floor(Date.now() / 1000),
    account: privateKeyToAccount(privateKey),
    fees: { maxFeePerGas: 500n * GWEI, maxPriorityFeePerGas: GWEI },
    sends: sendTimes(() => performance.now()),
    limits: LIMITS,
    sleep: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => undefined),
    signal: new AbortController().signal,
  };
}

/**
 * A submission whose calldata is its number, so that its effect can be told from others. On chain are 20 % and 17 %:
 * unless `values` says otherwise it is a tightening.
 */
export function submissionFor(
  journal: Journal,
  to: Hex,
  n: number,
  deadline = 2 ** 39,
  values: { readonly initialBps: number; readonly maintenanceTargetBps: number } = TIGHTENING,
): Parameters<typeof submitBatch>[0] {
  const tick = journal.recordTick({ now: 1_769_572_800 + n, blockNumber: null, markets: [] });
  const evidence: Hex = `0x${n.toString(16).padStart(64, "0")}`;
  const entries = entriesOf([{ marketId: 1, ...values, asOf: 1 }]);
  const batch = { sequence: BigInt(n), deadline, modelVersion: 1, evidence, entries };
  const current = [{ marketId: 1, initialBps: 2000, maintenanceTargetBps: 1700, limit: CALM_LIMIT }];
  return { tick, batch, to, data: evidence, gasLimit: 60_000n, current };
}

/** Calldata of every effect, in chain order. */
export async function effects(node: ReplicaClient, contract: Hex): Promise<number[]> {
  const logs = await node.getLogs({ address: contract, fromBlock: 0n });
  return logs.map((log) => Number(log.data));
}
