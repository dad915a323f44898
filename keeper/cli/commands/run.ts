import type { CommandContext, CommandSpec } from "../command.ts";
import { EXIT } from "../errors.ts";
import { cycleJson, decisionLog } from "../render/cycle.ts";

export const run: CommandSpec = {
  name: "run",
  summary: "run the keeper: a cycle on every tick until stopped",
  lasts: true,
  examples: [
    "tonsor run",
    "tonsor run --json | jq -r '.decisions[] | [.market, .action] | @tsv'",
    "tonsor run --env mainnet.env --env base.env    # several chains, venues read once for all",
  ],
  units: [
    "one line per decision: prices in $, volatility in % a year, haircuts in % as initial/maintenance, exposure limit in whole tokens",
  ],
  async run({ services, output, signal }) {
    await (await services()).runLoop({ signal, onCycle: decisionLog(output) });
  },
};

export const once: CommandSpec = {
  name: "once",
  summary: "one cycle: read, decide, store evidence, send what is due, then exit (for cron)",
  examples: ["tonsor once", "tonsor once --json"],
  units: [
    "one line per decision: prices in $, volatility in % a year, haircuts in % as initial/maintenance, exposure limit in whole tokens",
  ],
  run: (context) => oneCycle(context, false),
};

export const dryRun: CommandSpec = {
  name: "dry-run",
  summary: "one cycle that sends nothing and writes nothing",
  examples: ["tonsor dry-run", "tonsor dry-run --json"],
  units: [
    "one line per decision: prices in $, volatility in % a year, haircuts in % as initial/maintenance, exposure limit in whole tokens",
  ],
  run: (context) => oneCycle(context, true),
};

/** One cycle over all markets, printed; 75 when no market at all could be assessed, or what was due did not land. */
async function oneCycle({ services, output, signal }: CommandContext, dryRun: boolean): Promise<number> {
  const cycle = await (await services()).runOnce({ dryRun, signal });
  if (output.json) output.result(cycleJson(cycle), () => "");
  else decisionLog(output)(cycle);
  const blind = cycle.entries.length === 0 && cycle.failures.length > 0;
  return blind || !cycle.delivered ? EXIT.retry : EXIT.ok;
}
