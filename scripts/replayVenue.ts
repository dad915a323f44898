import { parseArgs } from "node:util";
import { DAY_MS, HOUR_SECONDS } from "../keeper/domain/calendar.ts";
import { TonsorError } from "../keeper/domain/errors.ts";
import { holdPort } from "../keeper/operations/holdPort.ts";
import { withDotenv } from "../keeper/runtime/dotenv.ts";
import { instant } from "./instant.ts";
import { openReplaySource } from "./lab/replay/openReplaySource.ts";
import { replayClock } from "./lab/replay/replayClock.ts";
import { startReplayVenue } from "./lab/replay/replayVenue.ts";

const USAGE = `Answers on loopback in the shape of Deribit's public API, from recorded or generated data.

  node scripts/replayVenue.ts [--from 2026-01-28] [--to 2026-02-15] [--speed HOUR_SECONDS] [--every 10] [--port 8400]

  --from   start of the replay's clock, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ (UTC)
  --to     where the clock stops; a bare date means the end of that day
  --speed  replay seconds per wall second
  --every  generated data with a board each so many seconds (10 to HOUR_SECONDS), so that at speed 1 none is ever old
  --port   0 for any free port
  TONSOR_DATA names the folder of recordings; without it ../shared/data, else a generated sample`;

try {
  await serve();
} catch (error) {
  if (!(error instanceof TonsorError) && !isArgumentError(error)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 78;
}

async function serve(): Promise<void> {
  const { values } = parseArgs({
    options: {
      from: { type: "string", default: "2026-01-28" },
      to: { type: "string", default: "2026-02-15" },
      speed: { type: "string", default: "3600" },
      every: { type: "string" },
      port: { type: "string", default: "8400" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const from = instant("--from", values.from);
  const to = instant("--to", values.to, DAY_MS);
  const clock = replayClock(from, to, number("--speed", values.speed, 1e-3, 1e6), () => performance.now());
  const port = number("--port", values.port, 0, 65_535);
  const every = values.every === undefined ? null : number("--every", values.every, 10, HOUR_SECONDS);
  const { source, name, why } = openReplaySource(withDotenv(process.cwd(), process.env), every);
  await (await holdPort(port, "--port")).release();
  const venue = await startReplayVenue({ data: source, now: clock.now, port });
  const boards = venue.instants(from / 1000, to / 1000).length;
  console.log(`${venue.url}  ${name} data (${why})`);
  console.log(`${iso(from)} to ${iso(to)}, ${boards} boards, ${values.speed} times as fast; Ctrl-C ends`);
  if (boards === 0) console.log("Warning: no board lies in that span; every board answer will be empty");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void venue.close());
}

function number(field: string, text: string, least: number, most: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && value <= most) return value;
  throw new TonsorError("BAD_ARGUMENT", "not in range", { field, given: text, expected: `${least} to ${most}` });
}

/** `parseArgs` refuses unknown options with an error of its own. */
function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
