import { momentIn, wholeNumberIn } from "../../../../keeper/cli/arguments.ts";
import type { CommandSpec } from "../../../../keeper/cli/command.ts";
import { EXIT } from "../../../../keeper/cli/exitCode.ts";

export const backtest: CommandSpec = {
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
    {
      flags: "--from <time>",
      description: "only hours from it on (a date, ISO 8601 or Unix seconds)",
      parse: momentIn("--from"),
    },
    { flags: "--to <time>", description: "only hours before it", parse: momentIn("--to") },
    { flags: "--set <changes>", description: "parameters changed, shown beside: stressWeight=0.5,eta=0.4" },
    { flags: "--assume <assumptions>", description: "depthOverCap=0.15,volumeOverCap=2: what nobody recorded" },
    { flags: "--out <folder>", description: "write the whole report there, backtest.json and backtest.html" },
    { flags: "--data <folder>", description: "the recordings; left out: TONSOR_DATA, else ../shared/data" },
    {
      flags: "--seed <number>",
      description: "of the simulated p-values",
      fallback: 1,
      parse: wholeNumberIn("--seed", 0, 2 ** 32),
    },
  ],
  examples: [
    "tonsor backtest WETH --from 2022-01-01 --to 2023-01-01",
    "tonsor backtest WETH --set stressWeight=0.5 --out reports",
    "tonsor backtest LINK --json",
  ],
  units: [
    "haircuts and losses in % of the collateral (JSON: fractions); bad debt in % of it a year, or bp",
    "the harness of `npm run validate`, for one asset: hourly origins, inputs as they were known then",
    "exit code 1 when the harness fails its own checks: then no number counts",
  ],
  async run({ args, options, output }) {
    const [{ backtest: run }, { renderBacktest, backtestJson }] = await Promise.all([
      import("../backtest.ts"),
      import("../render/backtest.ts"),
    ]);
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
    const list = (name: string) => text(name)?.split(",") ?? [];
    const time = (name: string) => (typeof options[name] === "number" ? options[name] : null);
    const result = run({
      name: args[0] ?? "",
      ...{ from: time("from"), to: time("to"), seed: Number(options["seed"]) },
      ...{ changes: list("set"), assumptions: list("assume") },
      ...{ folder: text("data"), out: text("out"), progress: output.progress() },
    });
    const json = backtestJson(result);
    output.result(json, () => renderBacktest(result, output.colour));
    return json.harness.sound ? EXIT.ok : EXIT.failed;
  },
};
