import canonicalize from "canonicalize";
import { TonsorError } from "../domain/errors.ts";

const encoder = new TextEncoder();

/**
 * Returns the canonical UTF-8 bytes of a JSON value (RFC 8785): keys sorted by UTF-16 code units, no white space, numbers as
 * ECMAScript prints them, -0 as 0. Equal values give equal bytes on every machine.
 * @throws TonsorError BAD_ARGUMENT for what is no plain JSON: bigints, undefined, NaN and infinities
 * @example canonicalBytes({ b: 1, a: 1e21 }) // the bytes of {"a":1e+21,"b":1}
 */
export function canonicalBytes(value: unknown): Uint8Array {
  return encoder.encode(canonicalText(value));
}

/** Returns the canonical form as text; see `canonicalBytes`. */
export function canonicalText(value: unknown): string {
  const sorted = inOrder(value);
  return sorted === UNSURE ? referenceText(value) : JSON.stringify(sorted);
}

/** The canonical form by the RFC's authors: slow on long arrays. */
function referenceText(value: unknown): string {
  refuseNonJson(value, "$");
  const text = canonicalize(value);
  if (text === undefined) throw new TonsorError("BAD_ARGUMENT", "nothing to make canonical", { given: value });
  return text;
}

const UNSURE = Symbol("left to the reference");

/**
 * The same value with the keys of each object in order: the engine's own JSON.stringify then writes exactly the RFC's
 * form. UNSURE for whatever it would not: values that are not JSON, lone surrogates, and keys that a JavaScript object
 * does not keep in the order they are put in.
 */
function inOrder(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : UNSURE;
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return value.isWellFormed() ? value : UNSURE;
  if (typeof value !== "object") return UNSURE;
  if (Array.isArray(value)) return arrayInOrder(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return UNSURE;
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    if (startsWithDigit(key) || key === "__proto__" || !key.isWellFormed()) return UNSURE;
    const entry = inOrder((value as Record<string, unknown>)[key]);
    if (entry === UNSURE) return UNSURE;
    sorted[key] = entry;
  }
  return sorted;
}

/** An array without objects in it, such as one of candles, is not copied. */
function arrayInOrder(value: readonly unknown[]): unknown {
  let copy: unknown[] | null = null;
  for (let index = 0; index < value.length; index += 1) {
    const entry = inOrder(value[index]);
    if (entry === UNSURE) return UNSURE;
    if (copy === null && entry !== value[index]) copy = value.slice(0, index);
    copy?.push(entry);
  }
  return copy ?? value;
}

/** JavaScript keeps keys that are whole numbers before all others, in order of number, wherever they were put. */
function startsWithDigit(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57;
}

function refuseNonJson(value: unknown, path: string): void {
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) refuse(path, value);
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) refuseNonJson(entry, `${path}[${index}]`);
    return;
  }
  if (typeof value === "object") {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) refuse(path, String(value));
    for (const [key, entry] of Object.entries(value)) refuseNonJson(entry, `${path}.${key}`);
    return;
  }
  refuse(path, String(value));
}

function refuse(path: string, given: unknown): never {
  throw new TonsorError("BAD_ARGUMENT", "not a JSON value", { field: path, given, expected: "plain JSON, finite" });
}
