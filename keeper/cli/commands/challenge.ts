import { TonsorError } from "../../domain/errors.ts";
import type { Challenged, ChallengeLook } from "../../operations/challenging.ts";
import type { CommandSpec } from "../command.ts";
import { EXIT } from "../errors.ts";

export const challenge: CommandSpec = {
  name: "challenge",
  summary: "watch all markets, and close what the chain proves stale or diverged, with a key that can do nothing else",
  lasts: true,
  options: [{ flags: "--once", description: "one look, then exit (for cron)", fallback: false }],
  examples: ["tonsor challenge --env challenger.env", "tonsor challenge --once --env challenger.env"],
  units: [
    "a look each TICK_SECONDS; ages in seconds, distances of two feeds in bp; a market is closed for 6 h, and by a challenge once in 24 h",
    "with --once exit code 0 when what holds is closed, 75 when it waits for a block, 1 when it is refused",
  ],
  async run({ options, output, services, signal }) {
    const once = options["once"] === true;
    let code: number = EXIT.ok;
    const onLook = (look: ChallengeLook | TonsorError) => {
      if (look instanceof TonsorError) output.event({ error: look.message, code: look.code }, () => look.message);
      else output.event(look, () => rendered(look));
      if (once && !(look instanceof TonsorError)) code = exitOf(look);
    };
    await (await services()).challenge({ once, signal, onLook });
    return code;
  },
};

function exitOf({ challenged }: ChallengeLook): number {
  const outcomes = new Set(challenged.map(({ outcome }) => outcome));
  if (outcomes.has("REFUSED")) return EXIT.failed;
  return outcomes.has("WAITS") || outcomes.has("BEHIND") || outcomes.has("UNSENT") ? EXIT.retry : EXIT.ok;
}

function rendered({ blockNumber, measured, challenged }: ChallengeLook): string {
  const head = `block ${blockNumber}: ${challenged.length} of ${measured} proofs hold`;
  return [head, ...challenged.map((one) => `  ${line(one)}`)].join("\n");
}

function line({ market, proof, given, allowed, outcome, hash, detail }: Challenged): string {
  const [unit, what] = proof === "STALE" ? ["s", "data are"] : ["bp", "feeds differ by"];
  const facts = `${market} ${proof}: ${what} ${given} ${unit}${proof === "STALE" ? " old" : ""}, allowed ${allowed}`;
  return [`${facts}: ${outcome}`, hash, detail].filter((part) => part !== null).join("; ");
}
