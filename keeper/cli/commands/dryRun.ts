import type { CommandSpec } from "../command.ts";
import { oneCycle } from "./cycle.ts";

export const dryRun: CommandSpec = {
  name: "dry-run",
  summary: "one cycle that sends nothing and writes nothing",
  examples: ["tonsor dry-run", "tonsor dry-run --json"],
  units: ["one line per decision: prices in $, volatility in % a year, haircuts in % as initial/maintenance"],
  run: (context) => oneCycle(context, true),
};
