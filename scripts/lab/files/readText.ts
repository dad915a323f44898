import { constants } from "node:buffer";
import { readFileSync, readSync, statSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { z } from "zod";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { unreadable } from "../../../keeper/domain/words.ts";

/** No text is longer in memory: five years of minutes, or more. */
const MOST_BYTES = constants.MAX_STRING_LENGTH;

/** Name of an input for messages. @example inputName("-") // "standard input" */
export function inputName(path: string): string {
  return path === "-" ? "standard input" : path;
}

/**
 * Text of a file, plain or gzip, without a byte-order mark; `-` reads standard input to its end.
 * @param expected what the file should be, for messages
 * @throws TonsorError BAD_FILE when it cannot be read, is empty, is no UTF-8 text, or is longer than a text can be
 */
export function readText(path: string, expected: string): string {
  const bytes = unpacked(path, expected);
  const refuse = (given: string, wanted: string) => {
    return new TonsorError("BAD_FILE", `${inputName(path)} cannot be used`, { field: "file", given, expected: wanted });
  };
  if (bytes[0] === 0xff || bytes[0] === 0xfe) throw refuse("UTF-16", `${expected}, saved as UTF-8`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refuse("binary data", expected);
  }
  if (text.includes("\0")) throw refuse("binary data", expected);
  if (text.trim() === "") throw refuse("an empty file", expected);
  return text;
}

/**
 * The value of a JSON file, see `readText`.
 * @throws TonsorError BAD_FILE when it cannot be read or is not JSON
 */
export function readJson(path: string, expected: string): unknown {
  return parseJson(readText(path, expected), inputName(path), expected);
}

/** The value of JSON text; `file` is only for messages. @throws TonsorError BAD_FILE when it is none */
export function parseJson(text: string, file: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const given = text.trim().slice(0, 40).split(/\r?\n/)[0];
    throw new TonsorError("BAD_FILE", `${file} is not JSON`, { field: "file", given, expected }, cause);
  }
}

/**
 * `value` in the shape of a schema.
 * @param what the shape is, for the message: "a recorded pool"
 * @throws TonsorError BAD_FILE naming the file, the path of the first wrong field, its value and what was expected
 */
export function inShape<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  file: string,
  what: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const more = parsed.error.issues.length - 1;
  throw new TonsorError("BAD_FILE", `${file} is not ${what}`, {
    field: path.length === 0 ? "(whole file)" : path.join("."),
    given: shown(valueAt(value, path)),
    expected: `${issue === undefined ? "the documented shape" : wanted(issue)}${more > 0 ? ` (${more} more fields are wrong)` : ""}`,
  });
}

function unpacked(path: string, expected: string): Buffer {
  try {
    if (path !== "-" && statSync(path).size > MOST_BYTES) throw new TooLong();
    const bytes = path === "-" ? standardInput() : readFileSync(path);
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes;
  } catch (cause) {
    const tooLong = cause instanceof TooLong || (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const facts = tooLong
      ? { given: "a longer text", expected: `${expected}, of at most ${Math.floor(MOST_BYTES / 1e6)} MB unpacked` }
      : { given: unreadable(cause), expected };
    throw new TonsorError("BAD_FILE", `${inputName(path)} cannot be read`, { field: "file", ...facts }, cause);
  }
}

class TooLong extends Error {}

/** Piece by piece: a pipe that has nothing yet answers EAGAIN, which is no end. */
function standardInput(): Buffer {
  const [parts, part] = [[] as Buffer[], Buffer.alloc(65_536)];
  for (let total = 0; ; ) {
    try {
      const length = readSync(0, part);
      if (length === 0) return Buffer.concat(parts);
      total += length;
      if (total > MOST_BYTES) throw new TooLong();
      parts.push(Buffer.from(part.subarray(0, length)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** The schema's own words where it has some, else what zod's mean. */
function wanted(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too|Unrecognized)/.test(issue.message)) return issue.message;
  if (issue.code === "invalid_type") return `a value of type ${issue.expected}`;
  if (issue.code === "unrecognized_keys") return `no field ${issue.keys.join(", ")}`;
  if (issue.code === "too_small") return `at least ${issue.minimum}${issue.origin === "array" ? " entries" : ""}`;
  if (issue.code === "too_big") return `at most ${issue.maximum}`;
  return issue.message;
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = body;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

/** A whole object says less than what it is. */
function shown(value: unknown): unknown {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value !== "object" || value === null) return value;
  return `an object with ${Object.keys(value).slice(0, 8).join(", ") || "no fields"}`;
}
