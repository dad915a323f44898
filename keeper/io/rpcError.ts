import { ownError, TonsorError } from "../domain/errors.ts";

/**
 * RPC_FAILED with the reason of any error. Messages of the libraries carry the full address, which may hold an access
 * key: neither the message nor the cause made here repeats more than the reason.
 */
export function asRpcError(name: string, error: unknown): TonsorError {
  const own = ownError(error);
  if (own !== null) return own;
  const reason = reasonOf(error);
  return new TonsorError("RPC_FAILED", `${name}: ${reason}`, {}, new Error(reason));
}

/** True when the node ran the call and the contract refused it (JSON-RPC code 3, or the messages of the clients). */
export function isRevert(error: unknown): boolean {
  return [...causes(error)].some((at) => ("code" in at && at.code === 3) || isRevertText(detailsOf(at)));
}

/** True for the messages with which nodes report that the contract refused a call. */
export function isRevertText(text: string): boolean {
  return /execution reverted|reverted with|vm exception|invalid opcode|stack underflow/i.test(text);
}

/** The innermost message that is not empty, shortened and without addresses. */
export function reasonOf(error: unknown): string {
  const reasons = [...causes(error)].map(detailsOf).filter((text) => text !== "");
  return (reasons.at(-1) ?? "no answer").replace(/https?:\/\/\S+/g, "(address)").slice(0, 200);
}

function* causes(error: unknown): Generator<Error> {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) yield at;
}

function detailsOf(error: Error): string {
  if ("details" in error && typeof error.details === "string") return error.details;
  if ("shortMessage" in error && typeof error.shortMessage === "string") return error.shortMessage;
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.message;
}
