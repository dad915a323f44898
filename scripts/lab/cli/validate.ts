import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import { marketNamed } from "../../../keeper/markets/marketFiles.ts";
import { shippedMarkets } from "../../markets.ts";
import { readChainFile } from "../files/chainFile.ts";
import { ASSETS, type Asset } from "../validation/backtest/assets.ts";
import type { Settings } from "../validation/backtest/worlds.ts";
import { parseAssumptions, parseChanges } from "../validation/parameters.ts";
import { recordingsFolder, requireOrigins } from "../validation/recordings.ts";
import { runValidation, type ValidationReport } from "../validation/runValidation.ts";
import { type HarnessRequest, paced, writeReport } from "./harness.ts";

export type Validation = { readonly report: ValidationReport; readonly files: readonly string[] };

/**
 * Walks the model forward over every recorded hour of the assets (undefined: all of them). All assets with unchanged
 * parameters bring the studies of boards, pegs, pairs and books as well.
 * @param assets names separated by commas
 * @throws TonsorError BAD_ARGUMENT, or BAD_FILE when nothing is recorded here
 */
export async function validate(assets: string | undefined, request: HarnessRequest): Promise<Validation> {
  const folder = recordingsFolder(request.folder);
  const chosen = assetsNamed(assets);
  const ether = marketNamed(shippedMarkets(), "WETH").parameters;
  const [from, to] = [request.from ?? Number.NEGATIVE_INFINITY, request.to ?? Number.POSITIVE_INFINITY];
  const changes = parseChanges(request.changes, DEFAULT_MODEL);
  const assumptions = parseAssumptions(request.assumptions);
  const settings = (changed: Settings["changes"]): Settings => ({
    ...{ model: DEFAULT_MODEL, policy: DEFAULT_POLICY, limits: RISK_CLASSES.major.limits },
    // Who says what depth and volume are to be wants them so, whatever was recorded.
    ...{ changes: changed, ...assumptions, recordedSize: request.assumptions.length === 0 },
  });
  const changed = request.changes.length === 0 ? null : settings(changes);
  requireOrigins(from, to, chosen, folder);
  const { end, ...pace } = paced(request.progress);
  const report = runValidation({
    ...{ folder, assets: chosen, from, to, seed: request.seed },
    boards: assets === undefined && changed === null ? await boardsIn(folder) : null,
    ...{ settings: settings({}), changed, market: ether },
    ...pace,
  });
  end();
  return { report, files: await writeReport("validation", report, request) };
}

function assetsNamed(given: string | undefined): readonly Asset[] {
  if (given === undefined) return ASSETS;
  return given.split(",").map((name) => {
    const found = ASSETS.find((asset) => asset.name === name.trim().toUpperCase());
    if (found !== undefined) return found;
    const expected = `some of ${ASSETS.map((asset) => asset.name).join(", ")}`;
    throw new TonsorError("BAD_ARGUMENT", "unknown asset", { field: "--assets", given: name, expected });
  });
}

async function boardsIn(folder: string): Promise<readonly OptionBoard[] | null> {
  const options = join(folder, "options");
  const names = existsSync(options)
    ? readdirSync(options).filter((name) => /^deribit_chain_.*\.csv\.gz$/.test(name))
    : [];
  if (names.length === 0) return null;
  return (await Promise.all(names.sort().map((name) => readChainFile(join(options, name))))).flat();
}
