import { setTimeout } from "node:timers/promises";
import {
  AbiCoder,
  Contract,
  Interface,
  type JsonRpcProvider,
  keccak256,
  type Result,
  type TransactionReceipt,
  toBeHex,
  zeroPadValue,
} from "ethers";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "../deploy/artifacts.ts";
import type { Call } from "./actions.ts";
import type { Proposal } from "./proposal.ts";
import { refusalInWords } from "./refusal.ts";

/** What would happen to each call now, and to all of them together; null: it passes. */
export type Simulation = {
  readonly calls: readonly {
    readonly name: string;
    readonly refused: string | null;
    /** Markets of an override that the contract, asked about each alone, would skip while it takes the others. */
    readonly skipped: readonly string[];
  }[];
  readonly together: string | null;
  /** Where the timelock has the operation: not scheduled, waiting, ready or done. */
  readonly operation: "unset" | "waiting" | "ready" | "done";
};

/** OpenZeppelin's TimelockController keeps the time of each operation in a mapping in its second slot. */
const TIMESTAMPS_SLOT = 1;

/**
 * Simulates a proposal on the latest block without sending anything: each call by itself, from the timelock's address;
 * then the whole operation as `executeBatch`, the timelock's storage changed for this one question so that it counts as
 * ready. Only the second sees what an earlier call of the same proposal has changed.
 *
 * @throws TonsorError RPC_FAILED when the endpoint fails for another reason than the contract's.
 */
export async function simulate(
  provider: JsonRpcProvider,
  proposal: Proposal,
  deployment: Deployment,
): Promise<Simulation> {
  const { address, operation, execute } = proposal.timelock;
  const calls: Simulation["calls"][number][] = [];
  for (const call of proposal.calls) {
    const refused = await outcome(() => provider.call({ from: address, to: call.to, data: call.data }));
    const skipped = refused === null ? await skippedAlone(provider, address, call) : [];
    calls.push({ name: call.name, refused, skipped });
  }
  const slot = keccak256(AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256"], [operation, TIMESTAMPS_SLOT]));
  // Any time from 2 on that has passed: 1 means done.
  const ready = { [address]: { stateDiff: { [slot]: zeroPadValue(toBeHex(2), 32) } } };
  const from = deployment.timelock.executors[0];
  const asked = { from, to: execute.to, data: execute.data };
  const together = await outcome(() => provider.send("eth_call", [asked, "latest", ready]));
  return { calls, together, operation: await operationState(provider, proposal) };
}

/** Why the contract would skip each market of an override: a call of several values passes as long as one is taken. */
async function skippedAlone(provider: JsonRpcProvider, from: string, { to, name, data }: Call): Promise<string[]> {
  if (name !== "setManually") return [];
  const contract = new Interface(deploymentArtifacts().contract.abi);
  const [values] = contract.decodeFunctionData(name, data) as unknown as [Result[]];
  const skipped: string[] = [];
  for (const value of values) {
    const alone = contract.encodeFunctionData(name, [[[...value]]]);
    const refused = await outcome(() => provider.call({ from, to, data: alone }));
    if (refused !== null) skipped.push(refused);
  }
  return skipped;
}

/** Whether a simulation says that the proposal would pass. */
export function passes({ together }: Simulation): boolean {
  return together === null;
}

/** Returns where the timelock has an operation. */
async function operationState(provider: JsonRpcProvider, { timelock }: Proposal): Promise<Simulation["operation"]> {
  const lock = new Contract(timelock.address, deploymentArtifacts().timelock.abi, provider);
  const state = Number(await lock.getFunction("getOperationState")(timelock.operation));
  return (["unset", "waiting", "ready", "done"] as const)[state] ?? "unset";
}

/** What became of the operation on a chain that was wound forward for it, and the calls that did it. */
export type Rehearsal = {
  readonly refused: string | null;
  readonly executedAt: number | null;
  /** Ids of markets of an override that the contract skipped. */
  readonly skipped: readonly number[];
};

/**
 * Plays the proposal to its end on a development node and takes everything back: schedules it as the first proposer,
 * winds the clock forward by the delay, executes it as the first executor, runs `inspect` and reverts to a snapshot.
 * What two days do to the values (staleness, maintenance on its way) is in the result.
 */
export async function rehearse(
  provider: JsonRpcProvider,
  proposal: Proposal,
  { timelock }: Deployment,
  inspect: () => Promise<void> = async () => {},
): Promise<Rehearsal> {
  const snapshot: unknown = await provider.send("evm_snapshot", []);
  try {
    const { schedule, execute, delaySeconds } = proposal.timelock;
    const scheduled = await asAccount(provider, timelock.proposers[0], schedule);
    if (scheduled !== null) return { refused: `schedule: ${scheduled}`, executedAt: null, skipped: [] };
    await provider.send("evm_increaseTime", [delaySeconds + 60]);
    await provider.send("evm_mine", []);
    let receipt: TransactionReceipt | null = null;
    const executed = await asAccount(provider, timelock.executors[0], execute, (one) => {
      receipt = one;
    });
    if (executed !== null) return { refused: executed, executedAt: null, skipped: [] };
    await inspect();
    const block = await provider.getBlock("latest");
    return { refused: null, executedAt: block?.timestamp ?? null, skipped: skippedIn(receipt) };
  } finally {
    await provider.send("evm_revert", [snapshot]);
  }
}

function skippedIn(receipt: TransactionReceipt | null): number[] {
  const contract = new Interface(deploymentArtifacts().contract.abi);
  const events = (receipt?.logs ?? []).map((log) => contract.parseLog(log));
  return events.flatMap((event) => (event?.name === "MarketSkipped" ? [Number(event.args["marketId"])] : []));
}

async function asAccount(
  provider: JsonRpcProvider,
  account: string | undefined,
  transaction: { to: string; data: string },
  onReceipt: (receipt: TransactionReceipt) => void = () => {},
): Promise<string | null> {
  // An executor of zero lets anyone execute.
  const from = account === undefined || BigInt(account) === 0n ? "0x000000000000000000000000000000000000dEaD" : account;
  return await outcome(async () => {
    await provider.send("hardhat_impersonateAccount", [from]);
    await provider.send("hardhat_setBalance", [from, "0x8ac7230489e80000"]);
    await provider.call({ from, ...transaction });
    const hash = await provider.send("eth_sendTransaction", [{ from, ...transaction, gas: "0xe00000" }]);
    const receipt = await receiptOf(provider, hash as string);
    await provider.send("hardhat_stopImpersonatingAccount", [from]);
    if (receipt.status !== 1)
      throw new TonsorError("RPC_FAILED", "the transaction passed when asked and failed when sent");
    onReceipt(receipt);
  });
}

/**
 * The receipt, asked for by hash until it is there. A node that mines at once may do so between ethers' first question and
 * its first read of the block number; its own wait would then last until a block that never comes.
 */
async function receiptOf(provider: JsonRpcProvider, hash: string) {
  for (let attempt = 0; attempt < 600; attempt++) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt !== null) return receipt;
    await setTimeout(100);
  }
  throw new TonsorError("RPC_FAILED", "the transaction is in no block after a minute", { given: hash });
}

async function outcome(ask: () => Promise<unknown>): Promise<string | null> {
  try {
    await ask();
    return null;
  } catch (failure) {
    const words = refusalInWords(failure);
    if (words !== null) return words;
    if (failure instanceof TonsorError) throw failure;
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new TonsorError("RPC_FAILED", `the proposal could not be simulated: ${why}`, {}, failure);
  }
}
