import { basename } from "node:path";
import { DAY_SECONDS, HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { PLAY_DEFAULTS } from "../market/play.ts";
import type { Asset } from "../validation/backtest/assets.ts";
import type { PriceSeries } from "../validation/backtest/priceSeries.ts";
import { HISTORY_DAYS } from "../validation/recordings.ts";
import { inputName } from "./readText.ts";
import { readDepthFile, readPriceFile } from "./seriesFile.ts";

/** Parameters of a lender, fractions; null: its own, or what is assumed. */
export type GivenTerms = { readonly bonus: number | null; readonly ltv: number | null; readonly lt: number | null };

/** An analyst's own data of one collateral. */
export type OwnFiles = {
  /** Csv as `readPriceFile` and `readDepthFile` read it; `-` is standard input; null: constant depth. */
  readonly prices: string;
  readonly depth: string | null;
  /** Whether rows of the prices may be missing. */
  readonly gaps: boolean;
  /** "major" or "long-tail", as MODEL.md section 4 distinguishes them. */
  readonly class: Asset["class"];
};

/**
 * A collateral that is nowhere in the code, made of files: it has no options, so its volatility is that of its prices.
 * @param name shown for it
 * @throws TonsorError BAD_FILE for a file that cannot be used, that is shorter than the model's history, or coarser than an hour
 */
export function ownAsset(name: string, files: OwnFiles, terms: GivenTerms, bonus: number): Asset {
  const series = readPriceFile(files.prices, name, files.gaps);
  requireHistory(series, inputName(files.prices));
  const depth = files.depth === null ? null : readDepthFile(files.depth);
  const begins = (series.closeTimes[0] ?? 0) + HISTORY_DAYS * DAY_SECONDS;
  if (depth !== null && (depth.times[0] ?? 0) > begins) {
    throw new TonsorError("BAD_FILE", `${inputName(files.depth ?? "")} begins too late`, {
      field: "first time",
      given: iso(depth.times[0] ?? 0),
      expected: `${iso(begins)} or before: ${HISTORY_DAYS} days after the first price`,
    });
  }
  return {
    ...{ name, file: files.prices, stepSeconds: series.stepSeconds, class: files.class },
    ...{ index: null, transferFrom: null, own: { series, depth } },
    deployed: lenderTerms({ bonus, ltv: PLAY_DEFAULTS.ltv, lt: PLAY_DEFAULTS.threshold, by: "assumed" }, terms),
  };
}

/** A name where none is given: that of the file. @example ownName({ prices: "data/my.csv.gz", ... }) // "my" */
export function ownName({ prices }: OwnFiles): string {
  return prices === "-" ? "standard input" : basename(prices).replace(/\.csv(?:\.gz)?$/, "");
}

/** A lender's parameters with what is given in place of its own. @throws TonsorError BAD_ARGUMENT when they contradict */
export function lenderTerms(own: Asset["deployed"], { bonus, ltv, lt }: GivenTerms): Asset["deployed"] {
  const isGiven = bonus !== null || ltv !== null || lt !== null;
  const found = { bonus: bonus ?? own.bonus, ltv: ltv ?? own.ltv, lt: lt ?? own.lt, by: isGiven ? "given" : own.by };
  if (found.ltv <= found.lt) return found;
  const facts = { field: "--ltv", given: found.ltv, expected: `at most the liquidation threshold ${found.lt} (--lt)` };
  throw new TonsorError("BAD_ARGUMENT", "loans would be liquidated at once", facts);
}

function requireHistory({ closeTimes, stepSeconds }: PriceSeries, file: string): void {
  const refuse = (field: string, given: string, expected: string) => {
    throw new TonsorError("BAD_FILE", `${file} cannot be judged`, { field, given, expected });
  };
  if (HOUR_SECONDS % stepSeconds !== 0) {
    refuse("step", `${stepSeconds} s`, "prices every hour, or every whole part of it (1800, 900, 300, 60 s)");
  }
  if (closeTimes.every((time) => time % HOUR_SECONDS !== 0)) {
    refuse("times", `${iso(closeTimes[0] ?? 0)} and so on`, "some at full hours, at which the keeper decides");
  }
  const days = ((closeTimes.at(-1) ?? 0) - (closeTimes[0] ?? 0)) / DAY_SECONDS;
  if (days <= HISTORY_DAYS) {
    refuse("span", `${days.toFixed(1)} days`, `more than ${HISTORY_DAYS} days: the model says nothing before`);
  }
}

const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();
