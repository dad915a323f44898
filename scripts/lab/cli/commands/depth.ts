import type { LabCommand } from "../services.ts";

export const depth: LabCommand = {
  name: "depth",
  summary: "what selling each size into a recorded Uniswap v3 pool returns: slippage, impact, marginal price",
  arguments: [{ name: "<file>", description: "a recorded pool: sqrt price, liquidity and ticks" }],
  options: [
    { flags: "--sizes <list>", description: "whole tokens sold, separated by commas", fallback: "1,10,100,1000" },
    { flags: "--sell <token>", description: "symbol or address of the token sold; the collateral when left out" },
  ],
  examples: ["lab depth pool.json --sizes 1,10,100", "lab depth pool.json --sizes 0.5 --sell WETH --json"],
  units: ["sizes in whole tokens; prices as quote per base token; slippage in % (JSON: fractions), fee included"],
  async run({ args, options, output }) {
    const { depthCommand } = await import("../depth.ts");
    const { sizes, sell } = options;
    const report = await depthCommand(args[0] ?? "", {
      sizes: typeof sizes === "string" ? sizes : "",
      ...(typeof sell === "string" ? { sell } : {}),
    });
    output.result(report.json, () => report.text);
  },
};
