import type { CommandSpec } from "../command.ts";
import { decisionLog } from "../render/decisionLog.ts";

export const run: CommandSpec = {
  name: "run",
  summary: "run the keeper: a cycle on every tick until stopped",
  examples: ["tonsor run", "tonsor run --json | jq -r '.decisions[] | [.market, .action] | @tsv'"],
  units: ["one line per decision: prices in $, volatility in % a year, haircuts in % as initial/maintenance"],
  async run({ services, output, signal }) {
    await (await services()).runLoop({ signal, onCycle: decisionLog(output) });
    return undefined;
  },
};
