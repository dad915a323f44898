/**
 * Prints the liquidation profile of a book of positions, to be copied into a market's file.
 * Use: npm run profile -- book.csv [--unit 1719.9] [--bonus 0.05] [--json]
 */
import { parseArgs } from "node:util";
import { TonsorError } from "../keeper/domain/errors.ts";
import { DEFAULT_MODEL } from "../keeper/markets/defaults.ts";
import { explainFailure } from "./explainFailure.ts";
import { profileOf, soldUsd } from "./lab/baselines/positionBook.ts";
import { readPositions } from "./lab/positionFile.ts";
import { inUsd } from "./lab/validation/studies/recordedBooks.ts";

const HELP = `npm run profile -- <book.csv> [options]

Reads borrowers (columns collateral, debt, threshold; csv, plain or gzip) and prints the least liquidationProfile on a
grid of falls that is nowhere below what they would sell. Debt is taken not to fall with the collateral.

  --unit USD     dollars for one unit of the amounts in the table (default 1)
  --bonus b      liquidation bonus, a fraction (default ${DEFAULT_MODEL.liquidationBonus})
  --json         the profile and its totals as JSON`;

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      unit: { type: "string", default: "1" },
      bonus: { type: "string", default: String(DEFAULT_MODEL.liquidationBonus) },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) {
    const facts = { field: "file", given: positionals.join(" "), expected: "one csv file; --help says more" };
    throw new TonsorError("BAD_ARGUMENT", "there is no book to read", facts);
  }
  const unit = number("--unit", values.unit, (value) => value > 0, "dollars above 0");
  const bonus = number("--bonus", values.bonus, (value) => value >= 0 && value <= 0.25, "a fraction in [0, 0.25]");
  const book = inUsd(readPositions(file), unit);
  const profile = profileOf(book, bonus);
  const total = (pick: "collateralUsd" | "debtUsd") => book.reduce((sum, one) => sum + one[pick], 0);
  const largest = book.reduce((most, one) => Math.max(most, soldUsd([one], 0.999, bonus)), 0);
  const report = {
    borrowers: book.length,
    collateralUsd: total("collateralUsd"),
    debtUsd: total("debtUsd"),
    largestBorrowerUsd: largest,
    liquidationProfile: profile,
  };
  if (values.json) {
    console.log(JSON.stringify(report, null, 2));
    return;
  }
  const money = (usd: number) => Math.round(usd).toLocaleString("en-US").replaceAll(",", "_");
  console.log(
    `// ${report.borrowers} borrowers, collateral ${money(report.collateralUsd)}, debt ${money(report.debtUsd)} USD`,
  );
  console.log(`largestBorrowerUsd: ${money(largest)},`);
  console.log("liquidationProfile: [");
  for (const [fall, usd] of profile) console.log(`  [${fall}, ${money(usd)}],`);
  console.log("],");
}

function number(field: string, text: string, fits: (value: number) => boolean, expected: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (fits(value)) return value;
  throw new TonsorError("BAD_ARGUMENT", "that is no number to use", { field, given: text, expected });
}

try {
  main();
} catch (error) {
  explainFailure(error);
}
