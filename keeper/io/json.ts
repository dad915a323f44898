/** Deeper than this nothing that is read here is nested. */
const MOST_DEPTH = 32;

/** Takes the next bytes of a body; says in words what it has too much of, null while it has not. */
export type JsonMeter = (bytes: Uint8Array) => string | null;

/**
 * Counts the values of a JSON text while its bytes arrive, so that a body which would take hundreds of megabytes to
 * parse is refused before anything parses it. It counts openings, commas and colons outside strings, which is never
 * fewer than the values and keys of the text, and refuses what is nested deeper than 32.
 * @param maxValues values and keys, at most
 * @example jsonMeter(10)(new TextEncoder().encode("[1,2,3]")) // null: 4 of 10
 */
export function jsonMeter(maxValues: number): JsonMeter {
  let [values, depth] = [1, 0];
  let [inString, escaped] = [false, false];
  return (bytes) => {
    for (const byte of bytes) {
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (byte === COMMA || byte === COLON) values += 1;
      else if (byte === BRACKET || byte === BRACE) {
        values += 1;
        depth += 1;
        if (depth > MOST_DEPTH) return `nested deeper than ${MOST_DEPTH}`;
      } else if (byte === BRACKET_END || byte === BRACE_END) depth -= 1;
      if (values > maxValues) return `above ${maxValues} values`;
    }
    return null;
  };
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [BRACKET, BRACKET_END, BRACE, BRACE_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * The value of a JSON text that has a canonical form (RFC 8785), or in words why it has none: not JSON, a number beyond
 * a double, half a surrogate pair, nesting deeper than 32. What is hashed, compared or stored as evidence must have one.
 * @example parseCanonical('{"a":1e999}') // { why: "a number beyond a double" }
 */
export function parseCanonical(text: string): { readonly value: unknown } | { readonly why: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { why: "not JSON" };
  }
  const why = uncanonical(value);
  return why === null ? { value } : { why };
}

function uncanonical(root: unknown): string | null {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MOST_DEPTH + 1) return `nested deeper than ${MOST_DEPTH}`;
    const below: unknown[] = [];
    for (const value of level) {
      if (typeof value === "number" && !Number.isFinite(value)) return "a number beyond a double";
      if (typeof value === "string" && !value.isWellFormed()) return HALF_PAIR;
      if (typeof value !== "object" || value === null) continue;
      if (!Array.isArray(value) && !Object.keys(value).every((key) => key.isWellFormed())) return HALF_PAIR;
      for (const entry of Object.values(value)) below.push(entry);
    }
    level = below;
  }
  return null;
}

const HALF_PAIR = "half a surrogate pair";
