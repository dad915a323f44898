import { type Fault, fault } from "../../domain/fault.ts";

/** The `result` of a JSON-RPC answer, or the fault that cost the whole answer. */
export type Opened = { readonly result: unknown } | { readonly fault: Fault };

/**
 * The `result` member of a Deribit answer, not yet checked any further.
 * EMPTY for no body, TRUNCATED for one that ends inside a value, NOT_FINITE for a bare NaN or Infinity (which is not
 * JSON), NOT_JSON for anything else that does not parse, VENUE_ERROR for an `error` object, SCHEMA for no `result`.
 * @example openEnvelope('{"jsonrpc":"2.0","result":[]}', "deribit:ETH:options") // { result: [] }
 */
export function openEnvelope(body: string, source: string): Opened {
  if (body.trim() === "") return { fault: fault("EMPTY", source, "the body is empty") };
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { fault: unparsed(body, source) };
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return { fault: fault("SCHEMA", source, "expected a JSON-RPC object at the top") };
  }
  if ("error" in parsed && parsed.error !== null && parsed.error !== undefined) {
    return { fault: fault("VENUE_ERROR", source, describeError(parsed.error)) };
  }
  if (!("result" in parsed)) return { fault: fault("SCHEMA", source, "field result is missing") };
  return { result: parsed.result };
}

function unparsed(body: string, source: string): Fault {
  if (/[:[,]\s*-?(?:NaN|Infinity)\s*[,}\]]/.test(body)) {
    return fault("NOT_FINITE", source, "a bare NaN or Infinity in the body");
  }
  const first = body.trimStart().charAt(0);
  if ((first === "{" || first === "[") && endsInsideValue(body)) {
    return fault("TRUNCATED", source, `ends inside a value after ${body.length} characters`);
  }
  const start = body.trimStart().slice(0, 40).replaceAll(/\s+/g, " ");
  return fault("NOT_JSON", source, `starts with ${JSON.stringify(start)}`);
}

/** True when a bracket or a string is still open at the end. */
function endsInsideValue(body: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < body.length; at += 1) {
    const char = body.charCodeAt(at);
    if (inString) {
      if (char === 0x5c) at += 1;
      else if (char === 0x22) inString = false;
    } else if (char === 0x22) inString = true;
    else if (char === 0x7b || char === 0x5b) depth += 1;
    else if (char === 0x7d || char === 0x5d) depth -= 1;
  }
  return inString || depth > 0;
}

/** Deribit: { code, message, data: { reason, param } }. */
function describeError(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error).slice(0, 200);
  const code = "code" in error ? String(error.code) : "?";
  const message = "message" in error ? String(error.message) : "no message";
  const data = "data" in error && error.data !== undefined ? ` ${JSON.stringify(error.data)}` : "";
  return `code ${code}: ${message}${data}`.slice(0, 200);
}
