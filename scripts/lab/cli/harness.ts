import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { momentIn, wholeNumberIn } from "../../../keeper/cli/arguments.ts";
import type { CommandContext, OptionSpec } from "../../../keeper/cli/command.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Progress } from "../../../keeper/domain/progress.ts";
import { outputFolder } from "../files/outputs.ts";
import type { ValidationInput, ValidationReport } from "../validation/runValidation.ts";
import { SYMBOLS } from "../validation/symbols.ts";
import { DATA_OPTION } from "./dataOption.ts";

/** What `backtest` and `validate` are both asked for; times are Unix seconds. */
export type HarnessRequest = {
  /** Origins in [from, to); null is open. */
  readonly from: number | null;
  readonly to: number | null;
  /** "name=value" each. */
  readonly changes: readonly string[];
  readonly assumptions: readonly string[];
  /** The recordings; undefined: TONSOR_DATA, else ../shared/data. */
  readonly folder: string | undefined;
  /** Where the page and the whole report are written; undefined: nowhere. */
  readonly out: string | undefined;
  readonly seed: number;
  readonly progress: Progress;
};

/** Parameters of the model changed by name. @param how the command shows what comes of it */
export function setOption(how: string): OptionSpec {
  const description =
    `parameters changed, ${how}: degreesOfFreedom=3,eta=0.4; by name, ladder.L1 to ladder.L6, or symbol: ` +
    `${Object.keys(SYMBOLS).join(", ")}; may be repeated`;
  return { flags: "--set <changes>", description, repeatable: true };
}

/** What `--set` was given, a text a change. */
export function changesIn(options: CommandContext["options"], name = "set"): readonly string[] {
  return ((options[name] ?? []) as readonly string[]).flatMap((given) => given.split(","));
}

/** Options of both commands. */
export const HARNESS_OPTIONS: readonly OptionSpec[] = [
  {
    flags: "--from <time>",
    description: "only hours from it on (a date, ISO 8601 or Unix seconds)",
    parse: momentIn("--from"),
  },
  { flags: "--to <time>", description: "only hours before it", parse: momentIn("--to") },
  setOption("shown beside"),
  {
    flags: "--assume <assumptions>",
    description:
      "where nothing is recorded: depthOverCap=0.15,volumeOverCap=2 (depth at the slippage that the bonus pays, and a " +
      "day's volume, over the supply cap), and then at all hours; may be repeated",
    repeatable: true,
  },
  DATA_OPTION,
  {
    flags: "--seed <number>",
    description: "of the simulated p-values and intervals",
    fallback: 1,
    parse: wholeNumberIn("--seed", 0, 2 ** 32),
  },
];

/**
 * What the options ask for.
 * @param name of the report, as `writeReport` is given it
 * @throws TonsorError BAD_ARGUMENT for an empty span or a folder that cannot be written
 */
export function harnessRequest(
  name: string,
  { options, output }: Pick<CommandContext, "options" | "output">,
): HarnessRequest {
  const text = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
  const time = (name: string) => (typeof options[name] === "number" ? options[name] : null);
  const [from, to] = [time("from"), time("to")];
  if (from !== null && to !== null && from >= to) {
    const facts = { field: "--from", given: from, expected: "a time before --to" };
    throw new TonsorError("BAD_ARGUMENT", "the span is empty", facts);
  }
  const out = text("out");
  if (out !== undefined) outputFolder("--out", out, [`${name}.json`, `${name}.html`, `${name}-tables/`]);
  return {
    ...{ from, to, changes: changesIn(options), assumptions: changesIn(options, "assume") },
    ...{ folder: text("data"), out, seed: Number(options["seed"]), progress: output.progress() },
  };
}

/** Clock and progress of a run; `end` completes the bar. */
export function paced(progress: Progress): Pick<ValidationInput, "clock" | "progress" | "within"> & { end(): void } {
  let [part, parts, what] = [0, 1, ""];
  return {
    clock: () => performance.now() / 1_000,
    progress(name, done, of) {
      [part, parts, what] = [done, of, name];
      progress(part, parts, what);
    },
    within: (share) => progress(part + share, parts, what),
    end: () => progress(parts, parts, what),
  };
}

/** Writes <out>/<name>.json and .html, and each table as csv into <out>/<name>-tables/; their paths, and none without `out`. */
export async function writeReport(
  name: string,
  report: ValidationReport,
  { out, changes, assumptions }: HarnessRequest,
): Promise<readonly string[]> {
  if (out === undefined) return [];
  const [{ reportPage }, { csvFilesOf }] = await Promise.all([
    import("../validation/report/page.ts"),
    import("../page/html.ts"),
  ]);
  const folder = resolve(out);
  mkdirSync(folder, { recursive: true });
  const made = {
    at: new Date().toISOString(),
    machine: cpus()[0]?.model ?? "unknown",
    node: process.version,
    changes: [...changes, ...assumptions],
  };
  const [json, page] = [join(folder, `${name}.json`), join(folder, `${name}.html`)];
  writeFileSync(json, `${JSON.stringify({ made, ...report }, null, 1)}\n`);
  const html = reportPage(report, made);
  writeFileSync(page, html);
  const tables = join(folder, `${name}-tables`);
  mkdirSync(tables, { recursive: true });
  for (const [file, text] of csvFilesOf(html)) writeFileSync(join(tables, file), text);
  return [json, page, tables];
}
