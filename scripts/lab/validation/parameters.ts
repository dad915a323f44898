import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { ModelParameters } from "../../../keeper/domain/parameters.ts";

/** What the validation has to assume because nobody recorded it: depth and daily volume over the supply cap. */
export type Assumptions = { readonly depthOverCap: number; readonly volumeOverCap: number };

/** The proportions of the model's calm example: 60 and 800 million over a cap of 400. */
const CALM_PROPORTIONS: Assumptions = { depthOverCap: 0.15, volumeOverCap: 2 };

/** Symbols of MODEL.md for fields of `ModelParameters`. */
export const SYMBOLS: Readonly<Record<string, keyof ModelParameters>> = {
  eta: "depthStressElasticity",
  phi_min: "depthStressFloor",
  w: "impliedWeight",
  kappa: "impliedFloor",
  nu: "degreesOfFreedom",
  alpha: "tailLevel",
  b: "liquidationBonus",
  mpor: "minimumHorizonHours",
  Y: "impactCoefficient",
};

const RUNGS = ["L1", "L2", "L3", "L4", "L6"] as const;

/** Longest horizon that leaves enough windows. */
const MOST_HOURS = 168;

/**
 * Parameters changed by texts like "eta=0.4" or "ladder.L4=1.3".
 * @throws TonsorError BAD_ARGUMENT naming the parameter, what was given and what exists
 */
export function parseChanges(texts: readonly string[], model: ModelParameters): Partial<ModelParameters> {
  const names = numericNames(model);
  let changes: Partial<ModelParameters> = {};
  for (const text of texts) {
    const [name, value] = assignment("--set", text, "eta=0.4");
    const rung = RUNGS.find((level) => name === `ladder.${level}`);
    const field = SYMBOLS[name] ?? name;
    if (rung !== undefined) {
      const ladder = [...(changes.ladderMultipliers ?? model.ladderMultipliers)];
      ladder[Number(rung.slice(1)) - 1] = above("ladder multiplier", value);
      changes = { ...changes, ladderMultipliers: ladder as unknown as LadderMultipliers };
    } else if (names.includes(field)) changes = { ...changes, [field]: inRange(field, value) };
    else
      throw bad(
        "--set",
        name,
        `one of ${[...Object.keys(SYMBOLS), ...RUNGS.map((level) => `ladder.${level}`), ...names].join(", ")}`,
      );
  }
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

function numericNames(model: ModelParameters): readonly string[] {
  return Object.entries(model).flatMap(([name, value]) => (typeof value === "number" ? [name] : []));
}

function inRange(field: string, value: number): number {
  if (field === "tailLevel" && !(value > 0.9 && value < 1)) throw bad(field, value, "a level in (0.9, 1)");
  if (field === "degreesOfFreedom" && !(value > 2)) throw bad(field, value, "more than 2");
  if (field === "minimumHorizonHours" && !(Number.isInteger(value) && value >= 1 && value <= MOST_HOURS)) {
    throw bad(field, value, `whole hours in [1, ${MOST_HOURS}]`);
  }
  if (value < 0) throw bad(field, value, "a number >= 0");
  return value;
}

function above(field: string, value: number): number {
  if (!(value > 0)) throw bad(field, value, "a number above 0");
  return value;
}

function bad(field: string, given: unknown, expected: string): TonsorError {
  return new TonsorError("BAD_ARGUMENT", "cannot be validated", { field, given, expected });
}
