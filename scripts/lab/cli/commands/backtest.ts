import { EXIT } from "../../../../keeper/cli/errors.ts";
import { HARNESS_OPTIONS, harnessRequest } from "../harness.ts";
import type { LabCommand } from "../services.ts";

export const backtest: LabCommand = {
  name: "backtest",
  summary:
    "walk a market forward over its recorded hours: breaches, bad debt and cost beside the rivals, leaks looked for",
  arguments: [
    {
      name: "<market>",
      description: "a configured market (WETH) or a recorded asset (LINK), see the error of a wrong one",
    },
  ],
  options: [
    { flags: "--out <folder>", description: "write the whole report there, backtest.json and backtest.html" },
    ...HARNESS_OPTIONS,
  ],
  examples: [
    "lab backtest WETH --from 2022-01-01 --to 2023-01-01",
    "lab backtest WETH --set stressWeight=0.5 --out reports",
    "lab backtest LINK --json",
  ],
  units: [
    "haircuts and losses in % of the collateral (JSON: fractions); bad debt in % of it a year, or bp",
    "the harness of `npm run lab -- validate`, for one asset: hourly origins, inputs as they were known then",
    "exit code 1 when the harness fails its own checks: then no number counts",
  ],
  async run({ args, options, output }) {
    const [{ backtest: run }, { renderBacktest, backtestJson }] = await Promise.all([
      import("../backtest.ts"),
      import("../render/backtest.ts"),
    ]);
    const result = await run(args[0] ?? "", harnessRequest({ options, output }));
    const json = backtestJson(result);
    output.result(json, () => renderBacktest(result, output.colour));
    return json.harness.sound ? EXIT.ok : EXIT.failed;
  },
};
