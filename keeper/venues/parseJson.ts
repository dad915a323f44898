import { type Fault, fault } from "../domain/fault.ts";

/** The value of a JSON body, not yet looked at, or the fault that cost the whole answer. */
type Parsed = { readonly value: unknown } | { readonly fault: Fault };

/**
 * The value in a body that should be JSON.
 * EMPTY for no body, TRUNCATED for one that ends inside a value, NOT_FINITE for a bare NaN or Infinity (which is not
 * JSON), NOT_JSON for anything else that does not parse.
 * @example parseJson('{"code":"0"}', "okx:ETH:options") // { value: { code: "0" } }
 */
export function parseJson(body: string, source: string): Parsed {
  if (body.trim() === "") return { fault: fault("EMPTY", source, "the body is empty") };
  try {
    return { value: JSON.parse(body) };
  } catch {
    return { fault: unparsed(body, source) };
  }
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
