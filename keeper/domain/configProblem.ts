import { TonsorError } from "./errors.ts";

/** One thing that is wrong with what an operator or governance wrote: where, what is there, what should be. */
export type ConfigProblem = { readonly path: string; readonly given: string; readonly expected: string };

/**
 * Returns the one error that lists every problem, a line each.
 * @example configError([{ path: "CHAIN_ID", given: "x", expected: "a whole number" }]).message
 * // "1 problem in the configuration:\n  CHAIN_ID: given x, expected a whole number"
 */
export function configError(problems: readonly ConfigProblem[]): TonsorError {
  const lines = problems.map(({ path, given, expected }) => `  ${path}: given ${given}, expected ${expected}`);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new TonsorError("BAD_CONFIG", `${count} in the configuration:\n${lines.join("\n")}`);
}
