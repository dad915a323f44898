import canonicalize from "canonicalize";
import { TonsorError } from "../domain/errors.ts";

const encoder = new TextEncoder();

/**
 * Returns the canonical UTF-8 bytes of a JSON value (RFC 8785, the JSON Canonicalization Scheme): keys sorted by UTF-16
 * code units, no white space, numbers as ECMAScript prints them. Equal values give equal bytes on every machine, time
 * zone and locale. -0 becomes 0, as the RFC says.
 *
 * The value must be plain JSON already: bigints, undefined, NaN and infinities are refused (`BAD_ARGUMENT`), because
 * each would be lost or would throw on the way; the schema turns bigints into decimal text before this.
 * @example canonicalBytes({ b: 1, a: 1e21 }) // the bytes of {"a":1e+21,"b":1}
 */
export function canonicalBytes(value: unknown): Uint8Array {
  refuseNonJson(value, "$");
  const text = canonicalize(value);
  if (text === undefined) throw new TonsorError("BAD_ARGUMENT", "nothing to make canonical", { given: value });
  return encoder.encode(text);
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
