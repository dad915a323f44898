import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { nearest } from "../../../keeper/domain/nearest.ts";
import { inputName, inShape, readJson } from "../files/readText.ts";
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
  const expected = "a scenario as JSON: summary, all, markets";
  const content = readJson(path, expected);
  const name = path === "-" ? "given" : basename(path, ".json");
  return { name, ...inShape(scenarioSchema, content, inputName(path), "a scenario") };
}
