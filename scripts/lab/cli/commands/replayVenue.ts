import { momentIn, numberIn, wholeNumberIn } from "../../../../keeper/cli/arguments.ts";
import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import type { LabCommand } from "../services.ts";

/** The crash of early February 2026. */
const [FROM, TO] = ["2026-01-28", "2026-02-15"];

export const replayVenue: LabCommand = {
  name: "replay-venue",
  summary: "market data replayed on loopback in the shape of Deribit's public API, until Ctrl-C",
  options: [
    {
      flags: "--from <time>",
      description: `start of the replay's clock (a date, ISO 8601 or Unix seconds; default ${FROM})`,
      parse: momentIn("--from"),
    },
    {
      flags: "--to <time>",
      description: `where the clock stops; a date means the end of that day (default ${TO})`,
      parse: endOf,
    },
    {
      flags: "--speed <factor>",
      description: "replay seconds per second",
      fallback: 3600,
      parse: numberIn("--speed", 1e-3, 1e6),
    },
    {
      flags: "--every <seconds>",
      description: "generated data with a board each so many seconds, 10 to 3600, so that at speed 1 none is ever old",
      parse: numberIn("--every", 10, 3_600),
    },
    {
      flags: "--port <number>",
      description: "0 for a free one",
      fallback: 8400,
      parse: wholeNumberIn("--port", 0, 65_535),
    },
  ],
  examples: [
    "lab replay-venue --from 2026-02-05 --speed 60",
    "lab replay-venue --from 2026-01-28T00:00:00Z --speed 1 --every 10",
  ],
  units: ["TONSOR_DATA names the folder of recordings; without it ../shared/data, else a generated sample"],
  async run({ options, output, signal }) {
    const [
      { holdPort },
      { withDotenv },
      { openReplaySource },
      { replayClock },
      { startReplayVenue },
      { untilAborted },
    ] = await Promise.all([
      import("../../../../keeper/operations/holdPort.ts"),
      import("../../../../keeper/runtime/parseEnvironment.ts"),
      import("../../replay/openReplaySource.ts"),
      import("../../replay/replayClock.ts"),
      import("../../replay/replayVenue.ts"),
      import("../../untilAborted.ts"),
    ]);
    const number = (name: string) => (typeof options[name] === "number" ? options[name] : null);
    const from = number("from") ?? momentIn("--from")(FROM);
    const to = number("to") ?? endOf(TO);
    const [speed, port] = [Number(options["speed"]), Number(options["port"])];
    const clock = replayClock(from * 1_000, to * 1_000, speed, () => performance.now());
    const { source, name, why } = openReplaySource(withDotenv(process.cwd(), process.env), number("every"));
    await (await holdPort(port, "--port")).release();
    const venue = await startReplayVenue({ data: source, now: clock.now, port });
    const boards = venue.instants(from, to).length;
    const iso = (seconds: number) => new Date(seconds * 1_000).toISOString();
    output.event({ url: venue.url, data: name, why, from: iso(from), to: iso(to), boards, speed }, () =>
      [
        `${venue.url}  ${name} data (${why})`,
        `${iso(from)} to ${iso(to)}, ${boards} boards, ${speed} times as fast; Ctrl-C ends`,
        ...(boards === 0 ? ["Warning: no board lies in that span; every board answer will be empty"] : []),
      ].join("\n"),
    );
    await untilAborted(signal);
    await venue.close();
  },
};

/** Unix seconds of a time; of a bare date, of its end. */
function endOf(text: string): number {
  return momentIn("--to")(text) + (/^\d{4}-\d{2}-\d{2}$/.test(text) ? DAY_SECONDS : 0);
}
