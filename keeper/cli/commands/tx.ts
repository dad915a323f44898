import { INTENT_STATUSES } from "../../domain/intent.ts";
import { wholeNumberIn } from "../arguments.ts";
import type { CommandContext, CommandSpec } from "../command.ts";
import { EXIT } from "../errors.ts";
import { movedJson, renderMoved, renderTransactions, transactionsJson } from "../render/transactions.ts";

export const txList: CommandSpec = {
  name: "tx list",
  summary: "transactions of the journal: what waits for a block, what is not deep enough yet, what became of each",
  options: [
    {
      flags: "--limit <n>",
      description: "how many at most, 1 to 1000, newest first",
      fallback: 20,
      parse: wholeNumberIn("limit", 1, 1_000),
    },
    { flags: "--open", description: "only those that wait for a block or are not final yet" },
  ],
  examples: ["tonsor tx list", "tonsor tx list --open --json | jq '.transactions[].hash'"],
  units: ["fees in gwei a gas, what was paid in ether; reads the journal alone: no chain and no key"],
  async run({ services, options, output }) {
    const limit = Number(options["limit"]);
    const rows = await (await services()).transactions({ limit, openOnly: options["open"] === true });
    output.result(transactionsJson(rows), () => renderTransactions(rows));
    return EXIT.ok;
  },
};

export const txCancel: CommandSpec = {
  name: "tx cancel",
  summary: "free the nonce of what waits for a block by a transfer of nothing, and wait until it is used",
  examples: ["tonsor tx cancel", "tonsor tx cancel --json"],
  units: ["fees in gwei a gas; exit code 75 while the nonce is not used yet, 1 when nothing waits"],
  run: (context) => move("cancel", context),
};

export const txBump: CommandSpec = {
  name: "tx bump",
  summary: "offer what waits for a block again at higher fees, and wait until its nonce is used",
  examples: ["tonsor tx bump", "tonsor tx bump --json"],
  units: ["fees in gwei a gas; exit code 75 while the nonce is not used yet, 1 when nothing waits"],
  run: (context) => move("bump", context),
};

async function move(action: "cancel" | "bump", { services, output, signal }: CommandContext): Promise<number> {
  const moved = await (await services()).moveTransaction(action, { signal, onNote: output.note });
  output.result(movedJson(moved), () => renderMoved(moved));
  return INTENT_STATUSES[moved.status].open ? EXIT.retry : EXIT.ok;
}
