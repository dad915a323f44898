import { BaseError, ContractFunctionRevertedError, ContractFunctionZeroDataError, keccak256, toBytes } from "viem";
import { MODES, SKIP_REASONS } from "../domain/contract.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import { SKIP_WORDS } from "./abi.ts";

const ROLES: Readonly<Record<string, string>> = {
  [`0x${"00".repeat(32)}`]: "DEFAULT_ADMIN_ROLE",
  [keccak256(toBytes("KEEPER_ROLE"))]: "KEEPER_ROLE",
  [keccak256(toBytes("QUORUM_ROLE"))]: "QUORUM_ROLE",
  [keccak256(toBytes("GUARDIAN_ROLE"))]: "GUARDIAN_ROLE",
  [keccak256(toBytes("CHALLENGER_ROLE"))]: "CHALLENGER_ROLE",
  [keccak256(toBytes("LISTER_ROLE"))]: "LISTER_ROLE",
};

/**
 * Returns what a failed contract call means: `TRANSACTION_REVERTED`, or `TRANSACTION_FATAL` where trying again cannot help,
 * with the contract's own error in words, given and allowed values; `NOT_DEPLOYED` when nothing answers at the address;
 * `RPC_FAILED` otherwise. A `TonsorError` is returned as it is.
 * @example explainCallError(error).message // "WrongSequence: given 5; expected 6"
 */
export function explainCallError(error: unknown): TonsorError {
  const own = ownError(error);
  if (own !== null) return own;
  if (!(error instanceof BaseError)) return new TonsorError("RPC_FAILED", String(error), {}, error);
  if (error.walk((cause) => cause instanceof ContractFunctionZeroDataError) !== null) {
    return new TonsorError("NOT_DEPLOYED", "nothing answers at the contract's address", {}, error);
  }
  const reverted = error.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (!(reverted instanceof ContractFunctionRevertedError)) {
    const why = error.details || error.shortMessage;
    return new TonsorError("RPC_FAILED", `a call to the node of RPC_URL failed: ${why}`, {}, error);
  }
  const { data } = reverted;
  if (data === undefined) {
    return new TonsorError("TRANSACTION_REVERTED", reverted.reason ?? reverted.shortMessage, {}, error);
  }
  const code = revertVerdict(data.errorName) === "fatal" ? "TRANSACTION_FATAL" : "TRANSACTION_REVERTED";
  return new TonsorError(code, sentence(data.errorName, data.args ?? []), {}, error);
}

/** One sentence per error; an error without one of its own prints its name and arguments. */
function sentence(name: string, args: readonly unknown[]): string {
  const [first, second] = args;
  const reason = (index: unknown) => {
    const name = SKIP_REASONS[Number(index)];
    return name === undefined ? String(index) : `${name}: ${SKIP_WORDS[name]}`;
  };
  const mode = (index: unknown) => MODES[Number(index)] ?? String(index);
  switch (name) {
    case "WrongSequence":
      return `WrongSequence: given ${first}, the chain expects ${second}`;
    case "DeadlinePassed":
      return `DeadlinePassed: the batch was good until ${first}, the block is at ${second}`;
    case "NoMarketApplied":
      return `NoMarketApplied: every market was refused, market ${first} for ${reason(second)}`;
    case "WrongGeneration":
      return `WrongGeneration: made for listings ${first}, the chain is at ${second}`;
    case "BadEntry":
      return `BadEntry: the bytes from ${first} on are no entry`;
    case "BadValues":
      return `BadValues: market ${first}, ${reason(second)}; given ${args[2]}, allowed ${args[3]}`;
    case "PostconditionFailed":
      return `PostconditionFailed: group ${first}, ${second}`;
    case "ModeNotSafer":
      return `ModeNotSafer: market ${first} is ${mode(args[2])}, asked for ${mode(second)}`;
    case "HeldByGovernance":
      return `HeldByGovernance: market ${first} is ${mode(second)} until governance changes it`;
    case "AccessControlUnauthorizedAccount":
      return `${first} does not hold ${ROLES[String(second)] ?? second}`;
    case "Error":
    case "Panic":
      return `${name}: ${String(first)}`;
    default:
      return `${name}(${args.map(String).join(", ")})`;
  }
}

/**
 * Errors that the next cycle may not meet again: the chain moved between reading and sending (another keeper instance
 * was faster, governance acted, the block came late). Every other error is met again until a person mends its cause: a
 * role, a deployment, or a fault of this program.
 */
const EXPECTED: ReadonlySet<string> = new Set([
  "WrongSequence",
  "WrongGeneration",
  "DeadlinePassed",
  "NoMarketApplied",
  "HeldByGovernance",
]);

/** "expected" when the next cycle may succeed unchanged, else "fatal". @example revertVerdict("WrongSequence") // "expected" */
function revertVerdict(errorName: string): "expected" | "fatal" {
  return EXPECTED.has(errorName) ? "expected" : "fatal";
}
