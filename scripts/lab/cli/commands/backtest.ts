import { numberIn } from "../../../../keeper/cli/arguments.ts";
import { EXIT } from "../../../../keeper/cli/errors.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import { HARNESS_OPTIONS, harnessRequest } from "../harness.ts";
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
    { flags: "--prices <file>", description: "csv of your own prices, - for standard input (scripts/lab/README.md)" },
    {
      flags: "--depth <file>",
      description: "csv of your own depth: USD that sell at the slippage the bonus pays; left out: constant",
    },
    {
      flags: "--gaps",
      description: "rows of the prices may be missing; no window reaches over a hole",
      fallback: false,
    },
    {
      flags: "--class <name>",
      description: "of your own collateral: major, or long-tail (48 h, stress of 250 %)",
      fallback: "major",
    },
    { flags: "--bonus <fraction>", description: "liquidation bonus", parse: numberIn("--bonus", 0, 0.25) },
    { flags: "--ltv <fraction>", description: "of the static rule", parse: numberIn("--ltv", 0, 1) },
    { flags: "--lt <fraction>", description: "threshold of the static rule", parse: numberIn("--lt", 0, 1) },
    { flags: "--csv <file>", description: "write every hour there: price, volatility, haircuts of every rule" },
    { flags: "--out <folder>", description: "write the whole report there, backtest.json and backtest.html" },
    ...HARNESS_OPTIONS,
  ],
  examples: [
    "lab backtest WETH --from 2022-01-01 --to 2023-01-01",
    "lab backtest WETH --set stressWeight=0.5 --out reports",
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
    const number = (name: string) => (typeof options[name] === "number" ? options[name] : null);
    const [prices, depth] = [text("prices"), text("depth")];
    if (prices === null && args[0] === undefined) throw missing("market", "a market, or --prices <file>");
    if (prices === null && depth !== null) throw missing("--prices", "prices of your own beside --depth");
    const group = { major: "major", "long-tail": "long tail" } as const;
    const own = group[text("class") as keyof typeof group];
    if (own === undefined) throw missing("--class", "major or long-tail", text("class"));
    const result = await run(args[0] ?? null, {
      ...harnessRequest({ options, output }),
      own: prices === null ? null : { prices, depth, gaps: options["gaps"] === true, class: own },
      terms: { bonus: number("bonus"), ltv: number("ltv"), lt: number("lt") },
      csv: text("csv"),
    });
    const json = backtestJson(result);
    output.result(json, () => renderBacktest(result, output.colour));
    return json.harness.sound ? EXIT.ok : EXIT.failed;
  },
};

function missing(field: string, expected: string, given: string | null = null): TonsorError {
  return new TonsorError("BAD_ARGUMENT", "that cannot be walked", { field, given: given ?? "nothing", expected });
}
