import { momentIn, numberIn, wholeNumberIn } from "../../../../keeper/cli/arguments.ts";
import { EXIT } from "../../../../keeper/cli/errors.ts";
import { outputFolder } from "../../files/outputs.ts";
import { DATA_OPTION } from "../dataOption.ts";
import type { LabCommand } from "../services.ts";

export const fork: LabCommand = {
  name: "fork",
  summary: "a crash played on real lenders, with and without Tonsor: Aave, Morpho, Uniswap, liquidators, the keeper",
  options: [
    {
      flags: "--seed <number>",
      description: "of the book and the generated crash",
      fallback: 1,
      parse: wholeNumberIn("--seed", 0, 2 ** 32),
    },
    {
      flags: "--from <time>",
      description: "play the recorded path from here on instead of a generated crash",
      parse: momentIn("--from"),
    },
    { flags: "--hours <number>", description: "how long", fallback: 456, parse: numberIn("--hours", 1, 24 * 366) },
    {
      flags: "--step-hours <number>",
      description: "from one price to the next",
      fallback: 1,
      parse: wholeNumberIn("--step-hours", 1, 24),
    },
    {
      flags: "--borrowers <number>",
      description: "accounts at both lenders",
      fallback: 1_000,
      parse: wholeNumberIn("--borrowers", 1, 10_000),
    },
    {
      flags: "--late <share>",
      description: "of the borrowers who come while it is played",
      fallback: 0.3,
      parse: numberIn("--late", 0, 1),
    },
    {
      flags: "--positions <file>",
      description: "borrowers to draw sizes and health from (collateral, debt, threshold)",
    },
    {
      flags: "--fork-url <url>",
      description: "a chain with mainnet's contracts to go on from; left out: an own replica",
    },
    {
      flags: "--block <number>",
      description: "to fork at; alone: of the chain at MAINNET_RPC_URL",
      parse: wholeNumberIn("--block", 0, 1e9),
    },
    { flags: "--flat", description: "hold every price where it begins: the keeper alone moves", fallback: false },
    {
      flags: "--liquidators <number>",
      description: "who compete",
      fallback: 5,
      parse: wholeNumberIn("--liquidators", 1, 100),
    },
    {
      flags: "--capital <usd>",
      description: "of each liquidator",
      fallback: 2_000_000,
      parse: wholeNumberIn("--capital", 1, 1e12),
    },
    {
      flags: "--gas <gwei>",
      description: "price of gas that they reckon with",
      fallback: 20,
      parse: numberIn("--gas", 0, 10_000),
    },
    {
      flags: "--deviation <fraction>",
      description: "move that the price feed reports",
      fallback: 0.005,
      parse: numberIn("--deviation", 0, 0.5),
    },
    {
      flags: "--heartbeat <seconds>",
      description: "age at which it reports anyway",
      fallback: 3_600,
      parse: wholeNumberIn("--heartbeat", 1, 1e6),
    },
    {
      flags: "--delay <seconds>",
      description: "from what it saw to the block that has it",
      fallback: 120,
      parse: wholeNumberIn("--delay", 1, 300),
    },
    {
      flags: "--refill <minutes>",
      description: "half of what sales took off a pool is bought back within",
      fallback: 30,
      parse: numberIn("--refill", 0.1, 1e5),
    },
    { flags: "--out <folder>", description: "where page, JSON and csv are written", fallback: "reports/fork" },
    DATA_OPTION,
  ],
  examples: [
    "lab fork --borrowers 100 --hours 240",
    "lab fork --from 2026-01-28 --seed 3 --out reports/february",
    "lab fork --fork-url http://127.0.0.1:8545 --borrowers 50",
  ],
  units: [
    "money in $ at the path's prices; forward: liquidations that the listed thresholds would not have let happen yet",
    "every figure comes from the lenders' own events and reads; exit code 1 when a check on the chain fails",
  ],
  async run({ options, output, signal }) {
    const [
      { withDotenv },
      { compileContracts },
      { forkCommand },
      { FORK_TABLES },
      { readPositions },
      { forkJson, renderFork },
    ] = await Promise.all([
      import("../../../../keeper/runtime/parseEnvironment.ts"),
      import("../../../deploy/compile.ts"),
      import("../fork.ts"),
      import("../../fork/tables.ts"),
      import("../../positionFile.ts"),
      import("../render/fork.ts"),
    ]);
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : null);
    const number = (name: string) => Number(options[name]);
    const maybe = (name: string) => (typeof options[name] === "number" ? options[name] : null);
    const out = outputFolder("--out", text("out") ?? "reports/fork", ["fork.html", "fork.json", ...FORK_TABLES]);
    const positions = text("positions");
    const rows = positions === null ? null : readPositions(positions);
    await compileContracts(output.note, signal);
    const result = await forkCommand(
      {
        ...{ seed: number("seed"), from: maybe("from"), hours: number("hours"), stepHours: number("stepHours") },
        ...{ borrowers: number("borrowers"), lateShare: number("late"), positions: rows },
        ...{ forkUrl: text("forkUrl"), block: maybe("block"), flat: options["flat"] === true },
        liquidators: { count: number("liquidators"), capitalUsd: number("capital"), gasGwei: number("gas") },
        feed: { deviation: number("deviation"), heartbeatSeconds: number("heartbeat"), delaySeconds: number("delay") },
        ...{ refillMinutes: number("refill"), data: text("data") ?? undefined, out },
        ...{ progress: output.progress(), onNote: output.note, signal },
      },
      withDotenv(process.cwd(), process.env),
    );
    const json = forkJson(result);
    output.result(json, () => renderFork(result));
    return json.checks.failed.length === 0 ? EXIT.ok : EXIT.failed;
  },
};
