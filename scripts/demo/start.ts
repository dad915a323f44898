import { numberIn, wholeNumberIn } from "../../keeper/cli/arguments.ts";
import type { CommandSpec } from "../../keeper/cli/command.ts";
import { decisionLog } from "../../keeper/cli/render/decisionLog.ts";

export const start: CommandSpec = {
  name: "start",
  summary: "the demonstration: a local chain, a replayed crash, the keeper and its status page, all on loopback",
  options: [
    {
      flags: "--speed <factor>",
      description: "replay seconds per second; without it the whole span takes a few minutes",
      parse: numberIn("speed", 1, 10_000_000),
    },
    {
      flags: "--port <number>",
      description: "port of the status page, 0 for a free one",
      fallback: 8402,
      parse: wholeNumberIn("port", 0, 65_535),
    },
    { flags: "--generated", description: "play the generated sample although recorded data is there", fallback: false },
    { flags: "--exit-at-end", description: "leave when the replay has ended", fallback: false },
  ],
  examples: ["tonsor start", "tonsor start --speed 20000 --port 0", "tonsor start --generated --exit-at-end"],
  units: ["one line per decision: prices in $, volatility in % a year, haircuts in % as initial/maintenance"],
  async run({ services, options, output, signal }) {
    const { speed, port, generated, exitAtEnd } = options;
    await (await services()).startDemo({
      speed: typeof speed === "number" ? speed : null,
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
