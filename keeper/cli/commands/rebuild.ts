import type { CommandSpec } from "../command.ts";

export const rebuild: CommandSpec = {
  name: "rebuild",
  summary: "write the journal again from the chain and the evidence folder, moving a damaged one aside",
  examples: ["tonsor rebuild", "tonsor rebuild --json"],
  units: ["stop the keeper first; nothing is deleted, and nothing is sent"],
  async run({ services, output, signal }) {
    const result = await (await services()).rebuild({ signal, progress: output.progress() });
    output.result(result, () => {
      const moved = result.moved.length === 0 ? "There was no journal." : `Moved aside: ${result.moved.join(", ")}.`;
      const missing =
        result.withoutEvidence === 0 ? "" : ` ${result.withoutEvidence} of them without evidence in the folder.`;
      return (
        `Restored ${result.transactions} transactions from the chain and the memory of ${result.markets} markets ` +
        `from their evidence.${missing} ${moved}`
      );
    });
  },
};
