import { numberIn, wholeNumberIn } from "../../keeper/cli/arguments.ts";
import type { CommandSpec } from "../../keeper/cli/command.ts";
import type { ProgramSpec } from "../../keeper/cli/program.ts";
import { decisionLog } from "../../keeper/cli/render/cycle.ts";
import type { CycleSummary } from "../../keeper/operations/summary.ts";

export type DemoOptions = {
  /** Replay seconds per wall second; null leaves the choice to the demo (a few minutes for the whole span). */
  readonly speed: number | null;
  /** Days of the span to play, those about its crash; null: all of it. */
  readonly days: number | null;
  /** The one market to keep; null: all of them. */
  readonly market: string | null;
  /** Port of the status page on loopback; 0 takes a free one. */
  readonly port: number;
  /** Use the generated sample although recorded data is there. */
  readonly generated: boolean;
  /** Leave when the replay has ended instead of serving the page on. */
  readonly exitAtEnd: boolean;
  readonly signal: AbortSignal;
  /** A line for people about progress (not a decision). */
  onNote(text: string): void;
  onCycle(cycle: CycleSummary): void;
};

type DemoServices = {
  /** Brings up mainnet replica, replay venue, contract and keeper, and plays until the end or the signal. */
  startDemo(options: DemoOptions): Promise<void>;
};

const start: CommandSpec<DemoServices> = {
  name: "start",
  summary: "the demonstration: a local chain, a replayed crash, the keeper and its status page, all on loopback",
  options: [
    {
      flags: "--speed <factor>",
      description: "replay seconds per second; without it the whole span takes a few minutes",
      parse: numberIn("--speed", 1, 10_000_000),
    },
    {
      flags: "--days <number>",
      description: "only so many days of it, 1 to 19, those about the crash of 5 February: three take half a minute",
      parse: numberIn("--days", 1, 19),
    },
    { flags: "--market <name>", description: "keep one market alone, such as WETH" },
    {
      flags: "--port <number>",
      description: "port of the status page, 0 for a free one",
      fallback: 8402,
      parse: wholeNumberIn("--port", 0, 65_535),
    },
    { flags: "--generated", description: "play the generated sample although recorded data is there", fallback: false },
    { flags: "--exit-at-end", description: "leave when the replay has ended", fallback: false },
  ],
  examples: [
    "npm start",
    "npm start -- --days 3 --market WETH --speed 20000",
    "npm start -- --generated --exit-at-end",
  ],
  units: [
    "one line per decision: prices in $, volatility in % a year, haircuts in % as initial/maintenance, exposure limit in whole tokens",
  ],
  async run({ services, options, output, signal }) {
    const { speed, days, market, port, generated, exitAtEnd } = options;
    await (await services()).startDemo({
      speed: typeof speed === "number" ? speed : null,
      days: typeof days === "number" ? days : null,
      market: typeof market === "string" ? market : null,
      port: typeof port === "number" ? port : 0,
      generated: generated === true,
      exitAtEnd: exitAtEnd === true,
      signal,
      onNote: output.note,
      onCycle: decisionLog(output),
    });
    return undefined;
  },
};

/** The demonstration's program: `npm start` is its one command. */
export const DEMO: ProgramSpec<DemoServices> = {
  name: "npm",
  preamble: "The demonstration of Tonsor.",
  examples: ["npm start                         a crash replayed on a local chain, with a status page"],
  jsonPage: "keeper/cli/JSON.md",
  commands: { start },
};
