import { BaseError, ContractFunctionRevertedError, ContractFunctionZeroDataError, type PublicClient } from "viem";
import { isoTime } from "../domain/calendar.ts";
import { MODES, SKIP_REASONS, tokensOf } from "../domain/contract.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import { plainWords } from "../domain/words.ts";
import { numbersOf, SKIP_WORDS, skipReasonName } from "./words.ts";

/**
 * Runs reads of one moment together with `eth_chainId` (one JSON-RPC batch) and returns their result only when the node
 * is of the chain that the client was made for. A node of another chain is named as such, whatever else went wrong.
 * @throws TonsorError `WRONG_CHAIN`, or what `explainCallError` makes of the failure.
 */
export async function onChain<T>(client: PublicClient, read: () => Promise<T>): Promise<T> {
  const [chain, result] = await Promise.allSettled([client.getChainId(), read()]);
  if (chain.status === "rejected") throw explainCallError(chain.reason);
  const expected = client.chain?.id;
  if (chain.value !== expected) {
    const facts = { given: chain.value, expected: `chain ${expected}` };
    throw new TonsorError("WRONG_CHAIN", "the node is of another chain", facts);
  }
  if (result.status === "rejected") throw explainCallError(result.reason);
  return result.value;
}

/**
 * Returns what a failed contract call means: `TRANSACTION_REVERTED`, or `TRANSACTION_FATAL` where trying again cannot help,
 * with the contract's own error in words, given and allowed values; `NOT_DEPLOYED` when nothing answers at the address;
 * `RPC_FAILED` otherwise. A `TonsorError` is returned as it is.
 * @example explainCallError(error).message // "WrongSequence: given 5, the chain expects 6"
 */
function explainCallError(error: unknown): TonsorError {
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
    const said = plainWords(reverted.reason ?? reverted.shortMessage, MOST_WORDS);
    return new TonsorError("TRANSACTION_REVERTED", said, {}, error);
  }
  const code = EXPECTED.has(data.errorName) ? "TRANSACTION_REVERTED" : "TRANSACTION_FATAL";
  const args = data.args ?? [];
  const other = `${data.errorName}(${args.map(String).join(", ")})`;
  const said = SENTENCES[data.errorName]?.(args[0], args[1], args[2]) ?? other;
  return new TonsorError(code, plainWords(said, MOST_WORDS), {}, error);
}

/** Characters of what a contract says: it is stored and shown, and another's contract may say anything. */
const MOST_WORDS = 300;

/** What each error says; one that is not here prints its name and arguments. */
const SENTENCES: Readonly<Record<string, (first: unknown, second: unknown, third: unknown) => string>> = {
  WrongSequence: (given, expected) => `WrongSequence: given ${given}, the chain expects ${expected}`,
  DeadlinePassed: (until, now) => `DeadlinePassed: the batch was good until ${until}, the block is at ${now}`,
  NoMarketApplied: (id, why) => `NoMarketApplied: every market was refused, market ${id} for ${reasonWords(why)}`,
  WriterIsHalted: (writer, until) => `WriterIsHalted: a guardian has halted ${writer} until ${until}`,
  NotAllowed: (sender) => `NotAllowed: ${sender} has no power to do this`,
  BadEntries: (bytes) => `BadEntries: ${bytes} bytes are no whole number of entries`,
  BadValues(why, given, allowed) {
    const [was, may] = [given, allowed].map((value) => figure(skipReasonName(Number(why)), Number(value)));
    return `BadValues: ${reasonWords(why)}; given ${was}, allowed ${may}`;
  },
  PostconditionFailed: (id, what) => `PostconditionFailed: market ${id}, ${what}`,
  ModeNotSafer: (id, given, is) => `ModeNotSafer: market ${id} is ${modeName(is)}, asked for ${modeName(given)}`,
  GuardianCoolingDown: (until) =>
    `GuardianCoolingDown: a guardian did this before, and may again from ${isoTime(Number(until))} on; governance may now`,
  HeldByGovernance: (id, mode) => `HeldByGovernance: market ${id} is ${modeName(mode)} until governance changes it`,
  OwnableUnauthorizedAccount: (account) => `${account} is not governance, the owner of the contract`,
  Error: (text) => `Error: ${text}`,
  Panic: (code) => `Panic: ${code}`,
};

const modeName = (index: unknown): string => MODES[Number(index)] ?? String(index);

function reasonWords(index: unknown): string {
  const name = SKIP_REASONS[Number(index)];
  return name === undefined ? String(index) : `${name}: ${SKIP_WORDS[name]}`;
}

/** Reasons whose values are three numbers in one word. */
const WITH_NUMBERS: ReadonlySet<string> = new Set(["TOO_LOOSE", "TOO_TIGHT", "STEP_TOO_LARGE"]);

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
