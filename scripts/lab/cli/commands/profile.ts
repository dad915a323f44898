import { numberIn } from "../../../../keeper/cli/arguments.ts";
import type { LabCommand } from "../services.ts";

/** Bounds of what one unit of a table may be worth, dollars. */
const [LEAST_USD, MOST_USD] = [1e-9, 1e9];

export const profile: LabCommand = {
  name: "profile",
  summary: "liquidation profile of a book of borrowers, to be copied into a market's file",
  arguments: [
    { name: "<file>", description: "borrowers as csv or csv.gz with the columns collateral, debt and threshold" },
  ],
  options: [
    {
      flags: "--unit <usd>",
      description: "dollars for one unit of the amounts in the table",
      fallback: 1,
      parse: numberIn("--unit", LEAST_USD, MOST_USD),
    },
    {
      flags: "--bonus <fraction>",
      description: "liquidation bonus; left out: the default market's",
      parse: numberIn("--bonus", 0, 0.25),
    },
  ],
  examples: ["lab profile book.csv", "lab profile book.csv.gz --unit 1719.9 --bonus 0.05 --json"],
  units: [
    "out: [fall of the price as a fraction, USD of collateral that is then to be sold], nowhere below what the book sells",
    "debt is taken not to fall with the collateral",
  ],
  async run({ args, options, output }) {
    const [{ DEFAULT_MODEL }, { profileOf, soldUsd }, { readPositions }, { inUsd }] = await Promise.all([
      import("../../../../keeper/markets/defaults.ts"),
      import("../../baselines/positionBook.ts"),
      import("../../positionFile.ts"),
      import("../../validation/studies/recordedBooks.ts"),
    ]);
    const bonus = typeof options["bonus"] === "number" ? options["bonus"] : DEFAULT_MODEL.liquidationBonus;
    const book = inUsd(readPositions(args[0] ?? ""), Number(options["unit"]));
    const total = (pick: "collateralUsd" | "debtUsd") => book.reduce((sum, one) => sum + one[pick], 0);
    const report = {
      borrowers: book.length,
      collateralUsd: total("collateralUsd"),
      debtUsd: total("debtUsd"),
      largestBorrowerUsd: book.reduce((most, one) => Math.max(most, soldUsd([one], 0.999, bonus)), 0),
      liquidationProfile: profileOf(book, bonus),
    };
    output.result(report, () => marketLines(report));
  },
};

/** The report as the lines of a market's file. */
function marketLines(report: {
  readonly borrowers: number;
  readonly collateralUsd: number;
  readonly debtUsd: number;
  readonly largestBorrowerUsd: number;
  readonly liquidationProfile: readonly (readonly [fall: number, usd: number])[];
}): string {
  const money = (usd: number) => Math.round(usd).toLocaleString("en-US").replaceAll(",", "_");
  const { borrowers, collateralUsd, debtUsd, largestBorrowerUsd, liquidationProfile } = report;
  return [
    `// ${borrowers} borrowers, collateral ${money(collateralUsd)}, debt ${money(debtUsd)} USD`,
    `largestBorrowerUsd: ${money(largestBorrowerUsd)},`,
    "liquidationProfile: [",
    ...liquidationProfile.map(([fall, usd]) => `  [${fall}, ${money(usd)}],`),
    "],",
  ].join("\n");
}
