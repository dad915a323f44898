import type { CommandSpec } from "../command.ts";
import { oneCycle } from "./cycle.ts";

export const once: CommandSpec = {
  name: "once",
  summary: "one cycle: look, think, store evidence, send what is due, then exit (for cron)",
  examples: ["tonsor once", "tonsor once --json"],
  units: ["one line per decision: prices in $, volatility in % a year, haircuts in % as initial/maintenance"],
  run: (context) => oneCycle(context, false),
};
