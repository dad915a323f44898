import { knownMarket } from "../../../../keeper/cli/arguments.ts";
import type { LabCommand } from "../services.ts";

export const stress: LabCommand = {
  name: "stress",
  summary: "a market's inputs under named scenarios: both haircuts, the contract an hour and a day later, positions",
  arguments: [{ name: "<market>", description: "the name of a configured market, for instance WETH" }],
  options: [
    {
      flags: "--scenario <names>",
      description: "only these, separated by commas; left out: all (the table names them)",
    },
    {
      flags: "--book <file>",
      description: "positions.json (keeper/impact/IMPACT.md): who can be liquidated",
    },
    {
      flags: "--evidence <file>",
      description: "inputs of a stored batch, <hash>.json.gz, instead of the present ones",
    },
  ],
  examples: [
    "lab stress WETH",
    "lab stress WETH --scenario price-falls,combined --book positions.json",
    "lab stress WETH --evidence .tonsor/evidence/0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060.json.gz --json",
  ],
  units: [
    "haircuts in %; volatility in % a year; depth and debt in $; nothing is sent",
    "a scenario changes what the keeper sees; the same reasoning decides. Initial is written at once, maintenance moves",
    "at its speed limit; the scenario is taken to last and the keeper to renew the value without changing it",
  ],
  async run({ args, options, output, services }) {
    const [{ scenariosNamed, storedInput, stressReport }, { renderStress, stressJson }] = await Promise.all([
      import("../stress.ts"),
      import("../render/stress.ts"),
    ]);
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
    const names = scenariosNamed(text("scenario"));
    const file = text("evidence");
    const present = async () => {
      const wired = await services();
      return { input: await wired.inputsOf(knownMarket(args[0], wired.marketNames())), evidence: null };
    };
    const { input, evidence } = file === undefined ? await present() : await storedInput(file, args[0] ?? "");
    const report = await stressReport(input, names, { evidence, bookFile: text("book") ?? null });
    output.result(stressJson(report), () => renderStress(report, output.colour));
    return undefined;
  },
};
