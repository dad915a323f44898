import { AbiCoder, Interface, id, keccak256, ZeroHash } from "ethers";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { type SafeBatch, safeBatch } from "../../keeper/protocols/safeBatch.ts";
import { deploymentArtifacts } from "../deploy/artifacts.ts";
import type { Intent } from "./actionSchema.ts";
import { type Call, callOf, saltOf } from "./actions.ts";
import { explainAction } from "./explain.ts";
import type { Facts } from "./facts.ts";

/** A transaction for somebody to send. */
export type Transaction = { readonly to: string; readonly data: string };

/** One proposal in every form in which governance may want to send it. */
export type Proposal = {
  readonly title: string;
  readonly description: string;
  /** What changes and who is affected, a line each. */
  readonly says: readonly string[];
  readonly calls: readonly Call[];
  readonly timelock: {
    readonly address: string;
    readonly delaySeconds: number;
    readonly salt: string;
    /** The timelock's id of the operation: the same words, salt and calls make the same one. */
    readonly operation: string;
    readonly schedule: Transaction;
    /** For whoever may execute, once the delay has passed. */
    readonly execute: Transaction;
  };
  /** For a Governor whose executor is the timelock: it queues and executes through it. */
  readonly governor: {
    readonly targets: readonly string[];
    readonly values: readonly string[];
    readonly calldatas: readonly string[];
    readonly description: string;
    readonly proposalId: string;
    /** `propose`, `queue` and `execute`, for the Governor's own address. */
    readonly propose: string;
    readonly queue: string;
    readonly execute: string;
  };
  /** For the Safe that may propose to the timelock: two files of its Transaction Builder, the second after the delay. */
  readonly safe: { readonly schedule: SafeBatch; readonly execute: SafeBatch };
};

const governor = new Interface([
  "function propose(address[] targets, uint256[] values, bytes[] calldatas, string description)",
  "function queue(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash)",
  "function execute(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash)",
]);

/** Returns a proposal; `salt` distinguishes operations of the same calls (absent: from title and description). */
export function proposalOf(intent: Intent, facts: Facts, deployment: Deployment, salt = saltOf(intent)): Proposal {
  const { title, description } = intent;
  const calls = intent.actions.map((action) => callOf(action, facts, deployment));
  const says = intent.actions.flatMap((action) => explainAction(action, facts));
  const timelock = timelockForms(calls, salt, facts.delaySeconds, deployment.timelock.address);
  const about = { chainId: deployment.chainId, time: facts.time, description: says.join("\n") };
  const batch = (step: string, transaction: Transaction) => safeBatch(`${title}: ${step}`, about, [transaction]);
  return {
    ...{ title, description, says, calls, timelock },
    governor: governorForms(calls, description === "" ? title : `${title}\n${description}`),
    safe: { schedule: batch("schedule", timelock.schedule), execute: batch("execute", timelock.execute) },
  };
}

/** Returns the operation of a timelock that makes these calls, to schedule and to execute. */
export function timelockForms(calls: readonly Transaction[], salt: string, delaySeconds: number, address: string) {
  const { abi } = deploymentArtifacts().timelock;
  const lock = new Interface(abi);
  const what = [calls.map(({ to }) => to), calls.map(() => 0), calls.map(({ data }) => data), ZeroHash, salt];
  const types = ["address[]", "uint256[]", "bytes[]", "bytes32", "bytes32"];
  const schedule = { to: address, data: lock.encodeFunctionData("scheduleBatch", [...what, delaySeconds]) };
  const execute = { to: address, data: lock.encodeFunctionData("executeBatch", what) };
  const operation = keccak256(AbiCoder.defaultAbiCoder().encode(types, what));
  return { address, delaySeconds, salt, operation, schedule, execute };
}

function governorForms(calls: readonly Call[], description: string): Proposal["governor"] {
  const targets = calls.map(({ to }) => to);
  const values = calls.map(() => "0");
  const calldatas = calls.map(({ data }) => data);
  const hashed = [targets, values, calldatas, id(description)];
  const types = ["address[]", "uint256[]", "bytes[]", "bytes32"];
  return {
    ...{ targets, values, calldatas, description },
    proposalId: BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(types, hashed))).toString(),
    propose: governor.encodeFunctionData("propose", [targets, values, calldatas, description]),
    queue: governor.encodeFunctionData("queue", hashed),
    execute: governor.encodeFunctionData("execute", hashed),
  };
}
