import { EXIT } from "../../../../keeper/cli/errors.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import { outputFile } from "../../files/outputs.ts";
import { HARNESS_OPTIONS, harnessRequest } from "../harness.ts";
import { OWN_OPTIONS, ownData } from "../ownOptions.ts";
import type { LabCommand } from "../services.ts";

export const backtest: LabCommand = {
  name: "backtest",
  summary: "walk a market forward hour by hour, recorded or your own: breaches, bad debt and cost beside the rivals",
  arguments: [
    {
      name: "[market]",
      description: "a configured market (WETH), a recorded asset (LINK), or with --prices any name or none",
    },
  ],
  options: [
    ...OWN_OPTIONS,
    { flags: "--csv <file>", description: "write every hour there: price, volatility, haircuts of every rule" },
    { flags: "--out <folder>", description: "write the whole report there, backtest.json and backtest.html" },
    ...HARNESS_OPTIONS,
  ],
  examples: [
    "lab backtest WETH --from 2022-01-01 --to 2023-01-01",
    "lab backtest WETH --set degreesOfFreedom=3 --out reports",
    "lab backtest LINK --json",
    "lab backtest MYCOIN --prices my.csv --depth depth.csv --ltv 0.6 --lt 0.7 --set supplyCapUsd=5e6,largestBorrowerUsd=1e6",
  ],
  units: [
    "haircuts and losses in % of the collateral (JSON: fractions); bad debt in % of it a year, or bp",
    "the harness of `npm run lab -- validate`, for one asset: hourly origins, inputs as they were known then",
    "prices: a time and close, price or price_usd in USD, hourly or finer; volume in tokens where there is one",
    "with --prices, --set are the parameters of a market that is nowhere in the code; else they are shown beside",
    "exit code 1 when the harness fails its own checks: then no number counts",
  ],
  async run({ args, options, output }) {
    const [{ backtest: run }, { renderBacktest, backtestJson }] = await Promise.all([
      import("../backtest.ts"),
      import("../render/backtest.ts"),
    ]);
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : null);
    const csv = text("csv");
    if (csv !== null) outputFile("--csv", csv);
    const given = ownData({ options });
    if (given.own === null && args[0] === undefined) {
      const facts = { field: "market", given: "nothing", expected: "a market, or --prices <file>" };
      throw new TonsorError("BAD_ARGUMENT", "there is nothing to walk", facts);
    }
    const result = await run(args[0] ?? null, {
      ...harnessRequest("backtest", { options, output }),
      ...given,
      csv,
    });
    const json = backtestJson(result);
    output.result(json, () => renderBacktest(result, output.colour));
    return json.harness.sound ? EXIT.ok : EXIT.failed;
  },
};
