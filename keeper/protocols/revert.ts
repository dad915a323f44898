import { BaseError, ContractFunctionRevertedError, ContractFunctionZeroDataError } from "viem";
import { isoTime } from "../domain/calendar.ts";
import { MODES, SKIP_REASONS, tokensOf } from "../domain/contract.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import { SKIP_WORDS, skipReasonName } from "./abi.ts";
import { numbersOf } from "./words.ts";

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
  const code = EXPECTED.has(data.errorName) ? "TRANSACTION_REVERTED" : "TRANSACTION_FATAL";
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
    case "WriterIsHalted":
      return `WriterIsHalted: a guardian has halted ${first} until ${second}`;
    case "NotAllowed":
      return `NotAllowed: ${first} has no power to do this`;
    case "BadEntries":
      return `BadEntries: ${first} bytes are no whole number of entries`;
    case "BadValues":
      return `BadValues: ${reason(first)}; ${figures(Number(first), second, args[2])}`;
    case "PostconditionFailed":
      return `PostconditionFailed: market ${first}, ${second}`;
    case "ModeNotSafer":
      return `ModeNotSafer: market ${first} is ${mode(args[2])}, asked for ${mode(second)}`;
    case "GuardianCoolingDown":
      return `GuardianCoolingDown: a guardian did this before, and may again from ${isoTime(Number(first))} on; governance may now`;
    case "HeldByGovernance":
      return `HeldByGovernance: market ${first} is ${mode(second)} until governance changes it`;
    case "OwnableUnauthorizedAccount":
      return `${first} is not governance, the owner of the contract`;
    case "Error":
    case "Panic":
      return `${name}: ${String(first)}`;
    default:
      return `${name}(${args.map(String).join(", ")})`;
  }
}

/** Reasons whose values are three numbers in one word. */
const WITH_NUMBERS: ReadonlySet<string> = new Set(["TOO_LOOSE", "TOO_TIGHT", "STEP_TOO_LARGE"]);

function figures(reason: number, given: unknown, allowed: unknown): string {
  return `given ${figure(skipReasonName(reason), Number(given))}, allowed ${figure(skipReasonName(reason), Number(allowed))}`;
}

/**
 * A value of a skipped market as text; where it is the three numbers, those.
 * @example figure("GAP_TOO_SMALL", 2100) // "2100"
 */
export function figure(reason: string, value: number): string {
  if (!WITH_NUMBERS.has(reason)) return String(value);
  const { initialBps, maintenanceTargetBps, limit } = numbersOf(value);
  return `initial ${initialBps}, maintenance target ${maintenanceTargetBps}, limit ${tokensOf(limit)} tokens`;
}

/**
 * Errors that the next cycle may not meet again: the chain moved between reading and sending (another keeper instance
 * was faster, governance acted, the block came late). Every other error is met again until a person mends its cause: a
 * power, a deployment, or a fault of this program.
 */
const EXPECTED: ReadonlySet<string> = new Set([
  "WrongSequence",
  "DeadlinePassed",
  "NoMarketApplied",
  "WriterIsHalted",
  "HeldByGovernance",
]);
