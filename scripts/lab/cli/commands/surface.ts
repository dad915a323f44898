import type { LabCommand } from "../services.ts";

export const surface: LabCommand = {
  name: "surface",
  summary: "fit every expiry of a recorded options board: SVI, error, arbitrage, ATM, tail quantile and ES",
  arguments: [{ name: "<file>", description: "a recorded chain, in the shape of Deribit's API or as csv (.gz too)" }],
  options: [
    { flags: "--currency <code>", description: "only that currency, for instance ETH" },
    { flags: "--at <time>", description: "ISO 8601 or Unix seconds; takes the last board at or before it" },
  ],
  examples: ["lab surface chain.csv.gz --currency ETH --at 2026-02-05T21:30:00Z", "lab surface chain.json --json"],
  units: ["volatility in % a year (JSON: fractions); losses as share of the forward; fit error in volatility points"],
  async run({ args, options, output }) {
    const { surfaceCommand } = await import("../surface.ts");
    const { currency, at } = options;
    const report = await surfaceCommand(args[0] ?? "", {
      ...(typeof currency === "string" ? { currency } : {}),
      ...(typeof at === "string" ? { at } : {}),
    });
    output.result(report.json, () => report.text);
  },
};
