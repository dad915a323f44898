import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { ModelParameters } from "../../../keeper/domain/parameters.ts";
import { isInRange, MODEL_RANGES, type ModelNumber } from "../../../keeper/markets/modelRanges.ts";
import { modelProblems } from "../../../keeper/markets/parameterProblems.ts";
import { changedModel } from "./sizedModel.ts";
import { SYMBOLS } from "./symbols.ts";

/** What the validation has to assume because nobody recorded it: depth and daily volume over the supply cap. */
export type Assumptions = { readonly depthOverCap: number; readonly volumeOverCap: number };

/** The proportions of the model's calm example: 60 and 800 million over a cap of 400. */
export const CALM_PROPORTIONS: Assumptions = { depthOverCap: 0.15, volumeOverCap: 2 };

const RUNGS = ["L1", "L2", "L3", "L4", "L6"] as const;

/**
 * Parameters changed by texts like "eta=0.4" or "ladder.L4=1.3".
 * @throws TonsorError BAD_ARGUMENT naming the parameter, what was given and what exists
 */
export function parseChanges(texts: readonly string[], model: ModelParameters): Partial<ModelParameters> {
  let changes: Partial<ModelParameters> = {};
  const seen = new Set<string>();
  for (const text of texts) {
    const [name, value] = assignment("--set", text, "eta=0.4");
    const rung = RUNGS.find((level) => name === `ladder.${level}`);
    const field = SYMBOLS[name] ?? name;
    if (seen.has(field)) throw bad("--set", text, `${field} once, not a second time`);
    seen.add(field);
    if (rung !== undefined) {
      const ladder = [...(changes.ladderMultipliers ?? model.ladderMultipliers)];
      ladder[Number(rung.slice(1)) - 1] = above("ladder multiplier", value);
      changes = { ...changes, ladderMultipliers: ladder as unknown as LadderMultipliers };
    } else if (isName(field)) changes = { ...changes, [field]: inRange(field, value) };
    else
      throw bad(
        "--set",
        name,
        `one of ${[...Object.keys(SYMBOLS), ...RUNGS.map((level) => `ladder.${level}`), ...Object.keys(MODEL_RANGES)].join(", ")}`,
      );
  }
  requireConsistent(texts, model, changes);
  return changes;
}

/** Assumptions from texts like "depthOverCap=0.01". @throws TonsorError BAD_ARGUMENT naming what exists */
export function parseAssumptions(texts: readonly string[]): Assumptions {
  let assumptions = CALM_PROPORTIONS;
  for (const text of texts) {
    const [name, value] = assignment("--assume", text, "depthOverCap=0.01");
    if (!(name in CALM_PROPORTIONS)) throw bad("--assume", name, `one of ${Object.keys(CALM_PROPORTIONS).join(", ")}`);
    assumptions = { ...assumptions, [name]: above(name, value) };
  }
  return assumptions;
}

function assignment(field: string, text: string, example: string): readonly [name: string, value: number] {
  const [name = "", given = "", ...rest] = text.split("=");
  const value = Number(given);
  if (rest.length === 0 && given.trim() !== "" && Number.isFinite(value)) return [name, value];
  throw bad(field, text, `name=number, for example ${example}`);
}

type LadderMultipliers = ModelParameters["ladderMultipliers"];

function isName(field: string): field is ModelNumber {
  return Object.hasOwn(MODEL_RANGES, field);
}

/** @throws TonsorError BAD_ARGUMENT for what `config check` would refuse, alone or beside the other numbers */
function inRange(field: ModelNumber, value: number): number {
  if (!isInRange(field, value)) throw bad(field, value, MODEL_RANGES[field].expected);
  return value;
}

function requireConsistent(texts: readonly string[], model: ModelParameters, changes: Partial<ModelParameters>): void {
  const before = modelProblems(model).map((problem) => JSON.stringify(problem));
  const [problem] = modelProblems(changedModel(model, changes)).filter((one) => !before.includes(JSON.stringify(one)));
  if (problem !== undefined) throw bad("--set", texts.join(","), `${problem.path} ${problem.expected}`);
}

function above(field: string, value: number): number {
  if (!(value > 0)) throw bad(field, value, "a number above 0");
  return value;
}

function bad(field: string, given: unknown, expected: string): TonsorError {
  return new TonsorError("BAD_ARGUMENT", "cannot be validated", { field, given, expected });
}
