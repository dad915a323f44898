import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { nearest, TonsorError } from "../../../keeper/domain/errors.ts";
import { type Scenario, scenarioSchema } from "./scenario.ts";

const SHIPPED = fileURLToPath(new URL("./scenarios", import.meta.url));

/** Names of the scenarios that come with the laboratory: the files of `scenarios/`, in the order of the alphabet. */
export function shippedScenarios(): readonly string[] {
  return readdirSync(SHIPPED)
    .filter((file) => file.endsWith(".json"))
    .map((file) => basename(file, ".json"))
    .sort();
}

/** A scenario that comes with the laboratory. @throws TonsorError BAD_ARGUMENT naming those there are */
export function shippedScenario(name: string): Scenario {
  const names = shippedScenarios();
  if (names.includes(name)) return readScenario(join(SHIPPED, `${name}.json`));
  const meant = nearest(name, names);
  const expected = `some of ${names.join(", ")}${meant === null ? "" : `; did you mean ${meant}?`}`;
  throw new TonsorError("BAD_ARGUMENT", "unknown scenario", { field: "scenario", given: name, expected });
}

/**
 * A scenario from a file, `-` for standard input, named after it.
 * @throws TonsorError BAD_FILE naming file, field, value and what was expected
 */
export function readScenario(path: string): Scenario {
  const file = path === "-" ? "standard input" : path;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path === "-" ? 0 : path, "utf8"));
  } catch (cause) {
    const given = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw new TonsorError("BAD_FILE", `${file} is no scenario`, { field: "file", given, expected: "JSON" }, cause);
  }
  const parsed = scenarioSchema.safeParse(content);
  if (!parsed.success) throw refused(file, parsed.error.issues[0] as z.core.$ZodIssue, content);
  return { name: path === "-" ? "given" : basename(path, ".json"), ...parsed.data };
}

function refused(file: string, issue: z.core.$ZodIssue, content: unknown): TonsorError {
  const at = (path: readonly PropertyKey[]) =>
    path.reduce<unknown>((part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key], content);
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const path = unknown === undefined ? issue.path : [...issue.path, unknown];
  const known = Object.keys(issue.path.length === 0 ? scenarioSchema.shape : scenarioSchema.shape.all.unwrap().shape);
  const whole = path.length === 0;
  const expected = unknown === undefined ? issue.message : `one of ${known.join(", ")}`;
  return new TonsorError("BAD_FILE", `${file} is no scenario`, {
    field: whole ? "file" : path.map(String).join("."),
    given: at(path) ?? "nothing",
    expected: whole ? "an object with summary, all and markets" : expected,
  });
}
