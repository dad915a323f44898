/** A refusal in the words and numbers of the Deribit API. */
type RpcError = { readonly code: number; readonly message: string; readonly data?: unknown };

/** What a method comes to: its result, or a refusal. */
export type RpcOutcome = { readonly result: unknown } | { readonly error: RpcError };

/** "Invalid params", naming the parameter and why, as Deribit does. */
export function invalidParameter(param: string, reason: string): RpcOutcome {
  return { error: { code: -32602, message: "Invalid params", data: { param, reason } } };
}

export const METHOD_NOT_FOUND: RpcOutcome = { error: { code: -32601, message: "Method not found" } };

/** The JSON-RPC envelope of one answer; `usIn` and `usOut` are microseconds by the replay's clock. */
export function envelope(outcome: RpcOutcome, usIn: number, usOut: number): string {
  return JSON.stringify({ jsonrpc: "2.0", ...outcome, usIn, usOut, usDiff: usOut - usIn, testnet: false });
}

/** A required parameter out of a closed list, or the refusal. */
export function oneOf(query: URLSearchParams, name: string, allowed: readonly string[]): string | RpcOutcome {
  const value = query.get(name);
  if (value === null || value === "") return invalidParameter(name, "required parameter is missing");
  return allowed.includes(value) ? value : invalidParameter(name, `expected one of: ${allowed.join(", ")}`);
}

/** Required start_timestamp and end_timestamp in milliseconds, as seconds, or the refusal. */
export function timeSpan(query: URLSearchParams): { readonly from: number; readonly to: number } | RpcOutcome {
  const read = (name: string) => {
    const text = query.get(name) ?? "";
    return /^\d{1,16}$/.test(text) ? Number(text) : null;
  };
  const start = read("start_timestamp");
  const end = read("end_timestamp");
  if (start === null) return invalidParameter("start_timestamp", "expected milliseconds since the Unix epoch");
  if (end === null) return invalidParameter("end_timestamp", "expected milliseconds since the Unix epoch");
  if (start > end) return invalidParameter("start_timestamp", "later than end_timestamp");
  return { from: Math.ceil(start / 1000), to: Math.floor(end / 1000) };
}
