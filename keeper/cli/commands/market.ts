import type { CommandSpec } from "../command.ts";

export const marketNew: CommandSpec = {
  name: "market new",
  summary: "begin the file of a market from that of another; its addresses are left to fill in",
  arguments: [{ name: "<name>", description: "of the market, and of the file beside the other's" }],
  options: [{ flags: "--like <market>", description: "the market that it is most like", fallback: "WETH" }],
  examples: ["tonsor market new LINK --like WBTC"],
  units: ["numbers are the other market's: each is to be argued anew; the fields are in deployments/README.md"],
  async run({ args, options, services, output }) {
    const begun = (await services()).newMarket(args[0] ?? "", String(options["like"]));
    output.result(begun, () =>
      [
        `${begun.file}, begun from ${begun.like}.`,
        ...begun.toFillIn.map((path) => `  to fill in: ${path}`),
        "Then argue each number, and run `config check`.",
      ].join("\n"),
    );
  },
};
