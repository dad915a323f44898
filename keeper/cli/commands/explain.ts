import { knownMarket } from "../arguments.ts";
import type { CommandSpec } from "../command.ts";
import { explainJson, renderExplain } from "../render/explain.ts";

export const explain: CommandSpec = {
  name: "explain",
  summary:
    "each basis point of a market's haircuts and where it comes from, and why its limit is what it is; sends nothing",
  arguments: [{ name: "<market>", description: "the name of a configured market, for instance WETH" }],
  options: [
    {
      flags: "--evidence <file>",
      description:
        "inputs of a stored batch, <hash>.json.gz, instead of the present ones; needs no chain and no journal",
    },
  ],
  examples: [
    "tonsor explain WETH",
    "tonsor explain WETH --evidence .tonsor/evidence/0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060.json.gz",
    "tonsor explain WETH --json | jq '.waterfalls.maintenance.steps'",
  ],
  units: ["haircuts in bp and %; volatility in % a year; depth in $; horizon in hours; ages by the venue's clock"],
  async run({ args, options, services, output }) {
    const wired = await services();
    const { evidence: file } = options;
    if (typeof file === "string") {
      const { explanation, evidence } = await wired.explainStored(file, args[0] ?? "");
      return output.result(explainJson(explanation, evidence), () =>
        renderExplain(explanation, output.colour, evidence),
      );
    }
    const explanation = await wired.assessNow(knownMarket(args[0], wired.marketNames()));
    output.result(explainJson(explanation), () => renderExplain(explanation, output.colour));
  },
};
