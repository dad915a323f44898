/**
 * Validates the risk model on the recorded market data and writes one HTML page and its numbers as JSON.
 * `npm run validate -- --help` says what can be chosen.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { TonsorError } from "../keeper/domain/errors.ts";
import type { OptionBoard } from "../keeper/domain/observation.ts";
import type { ModelParameters } from "../keeper/domain/parameters.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../keeper/markets/defaults.ts";
import { limitsOfMarket } from "../keeper/markets/marketLimits.ts";
import { WETH } from "../keeper/markets/weth.ts";
import { explainFailure } from "./explainFailure.ts";
import { readChainFile } from "./lab/files/chainFile.ts";
import { ASSETS, type Asset } from "./lab/validation/backtest/assets.ts";
import type { Settings } from "./lab/validation/backtest/worlds.ts";
import { isSound } from "./lab/validation/integrity.ts";
import { type Assumptions, parseAssumptions, parseChanges, SYMBOLS } from "./lab/validation/parameters.ts";
import { recordingsFolder, requireOrigins } from "./lab/validation/recordings.ts";
import { reportPage } from "./lab/validation/report/page.ts";
import { summaryLines } from "./lab/validation/report/summary.ts";
import { runValidation, type ValidationReport } from "./lab/validation/runValidation.ts";

const HELP = `npm run validate [-- options]

Walks the model forward over every recorded hour and writes <out>/validation.html and validation.json.

  --set name=value   change a parameter and show the effect beside the default; may be repeated
                     (${Object.keys(SYMBOLS).join(", ")}, ladder.L1 .. ladder.L6, or any number of the model by its name)
  --assume name=value  depthOverCap or volumeOverCap, before and after alike: depth at the slippage that the bonus pays,
                     and a day's volume, over the supply cap (defaults 0.15 and 2)
  --assets A,B       only these: ${ASSETS.map(({ name }) => name).join(", ")}
  --from, --to DATE  only origins in [from, to), such as 2022-01-01
  --out FOLDER       where to write (default reports)
  --data FOLDER      the recordings (default TONSOR_DATA, else ../shared/data)
  --seed N           of the simulated p-values and intervals (default 1)`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      set: { type: "string", multiple: true },
      assume: { type: "string", multiple: true },
      assets: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      out: { type: "string", default: "reports" },
      data: { type: "string" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean" },
    },
    strict: true,
  });
  if (values.help === true) return console.log(HELP);
  const folder = recordingsFolder(values.data);
  const assets = assetsOf(values.assets);
  const from = values.from === undefined ? Number.NEGATIVE_INFINITY : dateOf("--from", values.from);
  const to = values.to === undefined ? Number.POSITIVE_INFINITY : dateOf("--to", values.to);
  if (!(from < to)) throw bad("--from", values.from, `a date before --to ${values.to}`);
  const changes = parseChanges(values.set ?? [], DEFAULT_MODEL);
  const assumptions = parseAssumptions(values.assume ?? []);
  const changed = values.set === undefined ? null : settingsOf(changes, assumptions);
  const whole = values.assets === undefined && changed === null;
  requireOrigins(from, to, assets, folder);
  const boards = whole ? await boardsOf(folder) : null;

  const started = performance.now();
  const report = runValidation({
    folder,
    assets,
    from,
    to,
    settings: settingsOf({}, assumptions),
    changed,
    market: WETH,
    boards,
    seed: seedOf(values.seed),
    clock: () => performance.now() / 1000,
    progress: (what, done, of) => showProgress(what, done, of, started),
  });
  endProgress(started);
  write(resolve(values.out), report, [...(values.set ?? []), ...(values.assume ?? [])]);
  for (const line of summaryLines(report)) console.log(line);
  if (!isSound(report.integrity)) {
    console.error("The harness failed its own checks (see 'Can this report be trusted?'): no number above counts.");
    process.exitCode = 1;
  }
}

function settingsOf(changes: Partial<ModelParameters>, assumptions: Assumptions): Settings {
  return { model: DEFAULT_MODEL, policy: DEFAULT_POLICY, limits: limitsOfMarket("WETH"), changes, ...assumptions };
}

function write(out: string, report: ValidationReport, changes: readonly string[]): void {
  mkdirSync(out, { recursive: true });
  const made = { at: new Date().toISOString(), machine: cpus()[0]?.model ?? "unknown", node: process.version, changes };
  writeFileSync(join(out, "validation.json"), `${JSON.stringify({ made, ...report }, null, 1)}\n`);
  writeFileSync(join(out, "validation.html"), reportPage(report, made));
  console.log(`wrote ${join(out, "validation.html")} and validation.json`);
}

function assetsOf(given: string | undefined): readonly Asset[] {
  if (given === undefined) return ASSETS;
  return given.split(",").map((name) => {
    const found = ASSETS.find((asset) => asset.name === name.trim().toUpperCase());
    if (found !== undefined) return found;
    throw bad("--assets", name, `some of ${ASSETS.map((asset) => asset.name).join(", ")}`);
  });
}

function dateOf(field: string, given: string): number {
  const time = Date.parse(`${given}T00:00:00Z`) / 1000;
  // Read back, for some days that do not exist are taken for the next month's.
  if (Number.isFinite(time) && new Date(time * 1000).toISOString().slice(0, 10) === given) return time;
  throw bad(field, given, "a date such as 2022-01-01");
}

function seedOf(given: string): number {
  const seed = Number(given);
  if (Number.isInteger(seed) && seed >= 0) return seed;
  throw bad("--seed", given, "a whole number >= 0");
}

async function boardsOf(folder: string): Promise<readonly OptionBoard[] | null> {
  const options = join(folder, "options");
  const names = existsSync(options)
    ? readdirSync(options).filter((name) => /^deribit_chain_.*\.csv\.gz$/.test(name))
    : [];
  if (names.length === 0) return null;
  return (await Promise.all(names.sort().map((name) => readChainFile(join(options, name))))).flat();
}

function bad(field: string, given: unknown, expected: string): TonsorError {
  return new TonsorError("BAD_ARGUMENT", "cannot be validated", { field, given, expected });
}

function showProgress(what: string, done: number, of: number, started: number): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const line = `[${String(done).padStart(2)}/${of}] ${seconds.padStart(3)} s  ${what}`;
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}

function endProgress(started: number): void {
  const line = `done in ${((performance.now() - started) / 1000).toFixed(0)} s`;
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${line}\n` : `${line}\n`);
}

main().catch(explainFailure);
