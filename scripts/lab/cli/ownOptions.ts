import { resolve } from "node:path";
import { numberIn } from "../../../keeper/cli/arguments.ts";
import type { CommandContext, OptionSpec } from "../../../keeper/cli/command.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { GivenTerms, OwnFiles } from "../files/ownAsset.ts";

/** Options of commands that take an analyst's own data. */
export const OWN_OPTIONS: readonly OptionSpec[] = [
  { flags: "--prices <file>", description: "csv of your own prices, - for standard input (scripts/lab/README.md)" },
  {
    flags: "--depth <file>",
    description: "csv of your own depth: USD that sell at the slippage the bonus pays; left out: constant",
  },
  { flags: "--gaps", description: "rows of the prices may be missing; nothing reaches over a hole", fallback: false },
  {
    flags: "--class <name>",
    description: "of your own collateral: major, or long-tail (48 h, stress of 250 %)",
    fallback: "major",
  },
  { flags: "--bonus <fraction>", description: "liquidation bonus", parse: numberIn("--bonus", 0, 0.25) },
  { flags: "--ltv <fraction>", description: "that the lender has", parse: numberIn("--ltv", 0, 1) },
  { flags: "--lt <fraction>", description: "liquidation threshold that it has", parse: numberIn("--lt", 0, 1) },
];

/**
 * What those options say; files as absolute paths.
 * @throws TonsorError BAD_ARGUMENT for options that mean nothing without each other
 */
export function ownData({ options }: Pick<CommandContext, "options">): {
  readonly own: OwnFiles | null;
  readonly terms: GivenTerms;
} {
  const path = (name: string) => {
    const given = options[name];
    return typeof given === "string" ? (given === "-" ? "-" : resolve(given)) : null;
  };
  const number = (name: string) => (typeof options[name] === "number" ? options[name] : null);
  const [prices, depth] = [path("prices"), path("depth")];
  if (prices === null && depth !== null) throw refused("--prices", "nothing", "prices of your own beside --depth");
  const given = String(options["class"]);
  const found = (["major", "long-tail"] as const).find((name) => name === given);
  if (found === undefined) throw refused("--class", given, "major or long-tail");
  return {
    own: prices === null ? null : { prices, depth, gaps: options["gaps"] === true, class: found },
    terms: { bonus: number("bonus"), ltv: number("ltv"), lt: number("lt") },
  };
}

function refused(field: string, given: string, expected: string): TonsorError {
  return new TonsorError("BAD_ARGUMENT", "that cannot be judged", { field, given, expected });
}
