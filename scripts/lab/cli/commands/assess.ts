import { momentIn, numberIn } from "../../../../keeper/cli/arguments.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import type { LabCommand } from "../services.ts";

export const assess: LabCommand = {
  name: "assess",
  summary: "what the keeper would decide now, from files alone: each basis point of both haircuts; no chain, no venue",
  arguments: [
    { name: "[market]", description: "a configured market (WETH), or any name; left out: the pool's collateral" },
  ],
  options: [
    {
      flags: "--prices <file>",
      description:
        "csv of prices, - for standard input; of fewer than 180 days it says TOO_FEW and goes by less, as the keeper would",
    },
    { flags: "--board <file>", description: "options: a recorded chain, or the venue's own answer" },
    {
      flags: "--pool <file>",
      description: "a recorded Uniswap v3 pool; repeated: the next hop towards dollars",
      repeatable: true,
    },
    { flags: "--depth <file>", description: "csv of depth that the keeper remembers, and without a pool goes by" },
    {
      flags: "--feed <usd>",
      description: "what the price feed says; left out: it is missing",
      parse: numberIn("--feed", 1e-12, 1e12),
    },
    { flags: "--currency <code>", description: "of the board, where the file has several, for instance ETH" },
    {
      flags: "--at <time>",
      description: "the last board at or before it; left out: the newest",
      parse: momentIn("--at"),
    },
    { flags: "--gaps", description: "rows of the prices may be missing", fallback: false },
    {
      flags: "--set <changes>",
      description: "parameters: supplyCapUsd=5e6,eta=0.4; may be repeated",
      repeatable: true,
    },
    {
      flags: "--on-chain <bps>",
      description:
        "initial,maintenance as they are on chain; left out: as the market was listed, else the class's least",
    },
  ],
  examples: [
    "lab assess WETH --prices eth.csv --board chain.csv.gz --currency ETH --pool pool.json.gz --feed 3005",
    "lab assess MYCOIN --prices my.csv --depth depth.csv --set supplyCapUsd=5e6,largestBorrowerUsd=1e6 --json",
  ],
  units: [
    "haircuts in bp and %; volatility in % a year; depth in $; --on-chain in bp: 2200,1900",
    "the moment is the board's, else --at, else the last price's; a pool, depth and feed are taken as of it",
  ],
  async run({ args, options, output }) {
    const [{ assessFiles }, { explainJson, renderExplain }] = await Promise.all([
      import("../assess.ts"),
      import("../../../../keeper/cli/render/explain.ts"),
    ]);
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : null);
    const number = (name: string) => (typeof options[name] === "number" ? options[name] : null);
    const list = (name: string) => (options[name] ?? []) as readonly string[];
    const prices = text("prices");
    if (prices === null) {
      const facts = { field: "--prices", given: "nothing", expected: "a csv file of prices" };
      throw new TonsorError("BAD_ARGUMENT", "there is nothing to assess", facts);
    }
    const { explanation, ages } = await assessFiles({
      ...{ name: args[0] ?? null, prices, board: text("board"), pools: list("pool"), depth: text("depth") },
      ...{ feedUsd: number("feed"), currency: text("currency") ?? undefined, at: number("at") },
      ...{ gaps: options["gaps"] === true, changes: list("set").flatMap((given) => given.split(",")) },
      onChain: haircuts(text("onChain")),
    });
    output.result({ ...explainJson(explanation), ages }, () => renderExplain(explanation, output.colour));
  },
};

function haircuts(text: string | null): readonly [number, number] | null {
  if (text === null) return null;
  const [, initial, maintenance] = /^(\d{1,5}),(\d{1,5})$/.exec(text) ?? [];
  if (initial !== undefined && maintenance !== undefined) return [Number(initial), Number(maintenance)];
  const facts = { field: "--on-chain", given: text, expected: "two whole numbers of basis points: 2200,1900" };
  throw new TonsorError("BAD_ARGUMENT", "those are no haircuts", facts);
}
