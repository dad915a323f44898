import type { CommandSpec } from "../command.ts";
import { renderStatus } from "../render/status.ts";

export const status: CommandSpec = {
  name: "status",
  summary: "state of the keeper, its markets, their sources and the last transactions",
  examples: ["tonsor status", "tonsor status --json | jq '.markets[].onChain'"],
  units: [
    "prices and depth in $, volatility in % a year, haircuts in % as initial/maintenance, exposure limit in whole tokens",
  ],
  async run({ services, output }) {
    const snapshot = await (await services()).status();
    output.result(snapshot, () => renderStatus(snapshot, output.colour));
  },
};
