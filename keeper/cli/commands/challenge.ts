import { ownError } from "../../domain/errors.ts";
import type { Challenged, ChallengeLook } from "../../operations/challenging.ts";
import type { CommandSpec } from "../command.ts";
import { EXIT } from "../errors.ts";

export const challenge: CommandSpec = {
  name: "challenge",
  summary: "watch all markets, and close what the chain proves stale or diverged, with a key that can do nothing else",
  lasts: true,
  options: [
    { flags: "--once", description: "one look, then exit (for cron)", fallback: false },
    {
      flags: "--moved",
      description:
        "close, too, what has moved by more than maxMoveBps while its numbers stood still, as honest ones do",
      fallback: false,
    },
  ],
  examples: ["tonsor challenge --env challenger.env", "tonsor challenge --once --env challenger.env"],
  units: [
    "a look each TICK_SECONDS, health and metrics at STATUS_PORT; ages in seconds, distances of prices in bp; a market is closed for 6 h, and by a challenge once in 24 h",
    "with --once exit code 0 when what holds is closed, 75 when it waits for a block or the head is old, 1 when it is refused",
  ],
  async run({ options, output, services, signal }) {
    const [once, moved] = [options["once"] === true, options["moved"] === true];
    let code: number = EXIT.ok;
    const onLook = (look: ChallengeLook | Error) => {
      if (look instanceof Error) {
        output.event({ error: look.message, code: ownError(look)?.code ?? "UNEXPECTED" }, () => look.message);
      } else {
        output.event(look, () => rendered(look));
        if (once) code = exitOf(look);
      }
    };
    await (await services()).challenge({ once, moved, signal, onLook, onNote: output.note });
    return code;
  },
};

function exitOf({ challenged }: ChallengeLook): number {
  const outcomes = new Set(challenged.map(({ outcome }) => outcome));
  if (outcomes.has("REFUSED")) return EXIT.failed;
  return outcomes.has("WAITS") || outcomes.has("BEHIND") || outcomes.has("UNSENT") ? EXIT.retry : EXIT.ok;
}

function rendered({ blockNumber, headAgeSeconds, measured, challenged }: ChallengeLook): string {
  const open = challenged.filter(({ outcome }) => outcome !== "CLOSED");
  const closed = challenged.length - open.length;
  const head = `block ${blockNumber}, ${headAgeSeconds} s old: ${challenged.length} of ${measured} proofs hold`;
  // Hours of them, at each look: how many is enough.
  const more = closed === 0 ? "" : `, ${closed} of closed markets`;
  return [`${head}${more}`, ...open.map((one) => `  ${line(one)}`)].join("\n");
}

function line({ market, proof, given, allowed, outcome, hash, detail }: Challenged): string {
  const facts = `${market} ${proof}: ${MEASURES[proof](given)}, allowed ${allowed}`;
  return [`${facts}: ${outcome}`, hash, detail].filter((part) => part !== null).join("; ");
}

const MEASURES: Readonly<Record<Challenged["proof"], (given: number) => string>> = {
  STALE: (seconds) => `data are ${seconds} s old`,
  DIVERGED: (bps) => `feeds differ by ${bps} bp`,
  MOVED: (bps) => `the feed has moved by ${bps} bp since the numbers`,
};
