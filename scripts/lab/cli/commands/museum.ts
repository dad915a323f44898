import { numberIn } from "../../../../keeper/cli/arguments.ts";
import type { LabCommand } from "../services.ts";

export const museum: LabCommand = {
  name: "museum",
  summary:
    "incidents through keeper, contract and market, beside the static parameters of the day: scoreboard, timelines",
  arguments: [{ name: "[incident...]", description: "names of incidents (2020-03-12-eth); left out: all" }],
  options: [
    {
      flags: "--data <folder>",
      description:
        "a folder more, with recordings and incidents/<name>.json (its form: scripts/lab/museum/README.md); may be repeated; TONSOR_DATA, else ../shared/data, is always read",
      repeatable: true,
    },
    {
      flags: "--slower <factor>",
      description: "selling takes so many times as long as each file says, for depth is mostly assumed",
      fallback: 1,
      parse: numberIn("--slower", 0.01, 1_000),
    },
    { flags: "--out <folder>", description: "where page, tables and timelines are written", fallback: "reports" },
  ],
  examples: ["lab museum", "lab museum 2020-03-12-eth 2026-03-10-capo --json", "lab museum --data mine --slower 5"],
  units: ["money in USD, also as a share of each side's mean debt; LTV and haircuts as fractions; times in UTC"],
  async run({ args, options, output }) {
    const [{ museum: play }, { renderMuseum }] = await Promise.all([
      import("../../museum/museum.ts"),
      import("../render/museum.ts"),
    ]);
    const played = play({
      names: args.filter((name) => name !== undefined),
      folders: options["data"] as readonly string[],
      slower: Number(options["slower"]),
      out: String(options["out"]),
      progress: output.progress(),
    });
    output.result(played, () => renderMuseum(played));
  },
};
