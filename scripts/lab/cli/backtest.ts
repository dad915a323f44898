import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { MarketParameters } from "../../../keeper/domain/parameters.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { limitsOfMarket } from "../../../keeper/markets/limits.ts";
import { allMarkets, type MarketName } from "../../../keeper/markets/registry.ts";
import { WETH } from "../../../keeper/markets/weth.ts";
import { ASSETS, type Asset } from "../validation/backtest/assets.ts";
import type { Settings } from "../validation/backtest/worlds.ts";
import { parseAssumptions, parseChanges } from "../validation/parameters.ts";
import { recordingsFolder, requireOrigins } from "../validation/recordings.ts";
import { runValidation, type ValidationReport } from "../validation/runValidation.ts";
import { type HarnessRequest, paced, writeReport } from "./harness.ts";

export type Backtest = {
  readonly asset: string;
  /** The market whose parameters were used, or null: the defaults. */
  readonly market: string | null;
  readonly report: ValidationReport;
  readonly files: readonly string[];
};

/**
 * Walks one asset forward over its recorded hours with the validation's own harness (`runValidation`): point-in-time
 * inputs, every rival on the same windows, leaks and canaries looked for.
 * @param name a configured market, with its own parameters, or a recorded asset, with the defaults
 * @throws TonsorError UNKNOWN_MARKET, BAD_ARGUMENT, or BAD_FILE when nothing is recorded here
 */
export async function backtest(name: string, request: HarnessRequest): Promise<Backtest> {
  const { asset, market } = subjectOf(name);
  const [from, to] = [request.from ?? Number.NEGATIVE_INFINITY, request.to ?? Number.POSITIVE_INFINITY];
  const changes = parseChanges(request.changes, market?.model ?? DEFAULT_MODEL);
  const assumptions = parseAssumptions(request.assumptions);
  const folder = recordingsFolder(request.folder);
  requireOrigins(from, to, [asset], folder);
  const settings = (changed: Settings["changes"]): Settings => ({
    model: market?.model ?? DEFAULT_MODEL,
    policy: market?.policy ?? DEFAULT_POLICY,
    limits: limitsOfMarket(market === null ? "WETH" : (market.name as MarketName)),
    // A market has a bonus of its own; a recorded asset that of the lender that listed it.
    changes: { ...(market === null ? {} : { liquidationBonus: market.model.liquidationBonus }), ...changed },
    ...assumptions,
  });
  const { end, ...pace } = paced(request.progress);
  const report = runValidation({
    ...{ folder, assets: [asset], from, to, boards: null, seed: request.seed },
    settings: settings({}),
    changed: request.changes.length === 0 ? null : settings(changes),
    market: market ?? WETH,
    ...pace,
  });
  end();
  const files = await writeReport("backtest", report, request);
  return { asset: asset.name, market: market?.name ?? null, report, files };
}

/** The recorded asset behind a name: its own, or that of the market's collateral or of the asset whose options price it. */
function subjectOf(name: string): { readonly asset: Asset; readonly market: MarketParameters | null } {
  const named = (wanted: string | null) => ASSETS.find((asset) => asset.name === wanted?.toUpperCase());
  const market = allMarkets().find((one) => one.name.toLowerCase() === name.toLowerCase());
  const asset = market === undefined ? named(name) : (named(market.name) ?? named(market.sources.options));
  if (asset !== undefined) return { asset, market: market ?? null };
  const names = [...new Set([...allMarkets().map((one) => one.name), ...ASSETS.map((one) => one.name)])];
  const facts = { field: "asset", given: name, expected: `one of ${names.join(", ")}` };
  throw new TonsorError("UNKNOWN_MARKET", "nothing is recorded of it", facts);
}
