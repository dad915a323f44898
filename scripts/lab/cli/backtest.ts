import { writeFileSync } from "node:fs";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { MarketParameters } from "../../../keeper/domain/parameters.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import { type MarketFile, marketNamed } from "../../../keeper/markets/marketFiles.ts";
import { configuredMarkets, shippedMarkets } from "../../markets.ts";
import { type GivenTerms, lenderTerms, type OwnFiles, ownAsset, ownName } from "../files/ownAsset.ts";
import { ASSETS, type Asset } from "../validation/backtest/assets.ts";
import type { Settings } from "../validation/backtest/worlds.ts";
import { parseAssumptions, parseChanges } from "../validation/parameters.ts";
import { recordingsFolder, requireOrigins } from "../validation/recordings.ts";
import { runValidation, type ValidationReport } from "../validation/runValidation.ts";
import { type HarnessRequest, paced, writeReport } from "./harness.ts";
import { hourlyCsv } from "./hourlyCsv.ts";

export type Backtest = {
  readonly asset: string;
  /** The market whose parameters were used, or null: the defaults. */
  readonly market: string | null;
  /** What the static rule lends by, and the bonus; fractions. */
  readonly deployed: Asset["deployed"];
  /** Changes that are parameters of a market which is nowhere in the code. */
  readonly given: readonly string[];
  readonly report: ValidationReport;
  readonly files: readonly string[];
};

/** What `backtest` is asked for beside what every harness command is. */
type BacktestRequest = HarnessRequest & {
  /** An analyst's own data instead of a recording; null: none. */
  readonly own: OwnFiles | null;
  readonly terms: GivenTerms;
  /** Where every hour is written, csv; null: nowhere. */
  readonly csv: string | null;
};

/**
 * Walks one asset forward over its hours with the validation's own harness (`runValidation`): point-in-time inputs, every
 * rival on the same windows, leaks and canaries looked for.
 * @param name a configured market, with its own parameters, or a recorded asset, with the defaults; with data of one's own any
 * name, or null: that of the file
 * @throws TonsorError UNKNOWN_MARKET, BAD_ARGUMENT, or BAD_FILE when nothing is recorded here or a file cannot be used
 */
export async function backtest(name: string | null, request: BacktestRequest): Promise<Backtest> {
  const markets = configuredMarkets();
  const file = markets.find(({ parameters }) => parameters.name.toLowerCase() === name?.toLowerCase()) ?? null;
  const market = file?.parameters ?? null;
  const model = market?.model ?? DEFAULT_MODEL;
  const changes = parseChanges(request.changes, model);
  const assumptions = parseAssumptions(request.assumptions);
  const { own, terms } = request;
  const asset =
    own === null
      ? withTerms(recordedAsset(name, market, markets), terms)
      : ownAsset(name ?? ownName(own), own, terms, model.liquidationBonus);
  const folder = own === null ? recordingsFolder(request.folder) : "";
  const [from, to] = [request.from ?? Number.NEGATIVE_INFINITY, request.to ?? Number.POSITIVE_INFINITY];
  requireOrigins(from, to, [asset], folder);
  // A market has a bonus of its own; a recorded asset that of the lender that listed it.
  const ownBonus = terms.bonus === null && market !== null ? { liquidationBonus: model.liquidationBonus } : {};
  // A market that is nowhere in the code has no other parameters that a change could be shown beside.
  const isNew = own !== null && market === null;
  const settings = (changed: Settings["changes"]): Settings => ({
    ...{ model, policy: market?.policy ?? DEFAULT_POLICY },
    ...{ limits: RISK_CLASSES[file?.listing.riskClass ?? "major"].limits },
    changes: { ...ownBonus, ...changed },
    ...assumptions,
  });
  const { end, ...pace } = paced(request.progress);
  const files: string[] = [];
  const report = runValidation({
    ...{ folder, assets: [asset], from, to, boards: null, seed: request.seed },
    settings: settings(isNew ? changes : {}),
    changed: request.changes.length === 0 || isNew ? null : settings(changes),
    market: market ?? marketNamed(shippedMarkets(), "WETH").parameters,
    ...pace,
    walked: (one) => {
      if (request.csv === null) return;
      writeFileSync(request.csv, hourlyCsv(one));
      files.push(request.csv);
    },
  });
  end();
  files.push(...(await writeReport("backtest", report, request)));
  const given = isNew ? request.changes : [];
  return { asset: asset.name, market: market?.name ?? null, deployed: asset.deployed, given, report, files };
}

function withTerms(asset: Asset, terms: GivenTerms): Asset {
  return { ...asset, deployed: lenderTerms(asset.deployed, terms) };
}

/** The recorded asset behind a name: its own, or that of the market's collateral or of the asset whose options price it. */
function recordedAsset(name: string | null, market: MarketParameters | null, markets: readonly MarketFile[]): Asset {
  const named = (wanted: string | null) => ASSETS.find((asset) => asset.name === wanted?.toUpperCase());
  const asset = market === null ? named(name) : (named(market.name) ?? named(market.sources.options));
  if (asset !== undefined) return asset;
  // A market that is configured and of which nothing is recorded is not offered.
  const recorded = markets
    .map(({ parameters }) => parameters)
    .filter((one) => named(one.name) ?? named(one.sources.options));
  const names = [...new Set([...recorded.map((one) => one.name), ...ASSETS.map((one) => one.name)])];
  const expected = `one of ${names.join(", ")}, or prices of your own (--prices)`;
  throw new TonsorError("UNKNOWN_MARKET", "nothing is recorded of it", { field: "market", given: name, expected });
}
