import { knownMarket } from "../arguments.ts";
import type { CommandSpec } from "../command.ts";
import { explainJson, renderExplain } from "../render/explain.ts";

export const explain: CommandSpec = {
  name: "explain",
  summary: "each basis point of a market's haircuts and where it comes from; sends nothing",
  arguments: [{ name: "<market>", description: "the name of a configured market, for instance WETH" }],
  examples: ["tonsor explain WETH", "tonsor explain WETH --json | jq '.waterfalls.maintenance.steps'"],
  units: ["haircuts in bp and %; volatility in % a year; depth in $; horizon in hours; ages by the venue's clock"],
  async run({ args, services, output }) {
    const wired = await services();
    const explanation = await wired.assessNow(knownMarket(args[0], wired.marketNames()));
    output.result(explainJson(explanation), () => renderExplain(explanation, output.colour));
    return undefined;
  },
};
