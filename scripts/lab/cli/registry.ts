import type { ProgramSpec } from "../../../keeper/cli/program.ts";
import { assess } from "./commands/assess.ts";
import { backtest } from "./commands/backtest.ts";
import { depth } from "./commands/depth.ts";
import { fork } from "./commands/fork.ts";
import { frontier } from "./commands/frontier.ts";
import { market } from "./commands/market.ts";
import { museum } from "./commands/museum.ts";
import { profile } from "./commands/profile.ts";
import { quote } from "./commands/quote.ts";
import { reality } from "./commands/reality.ts";
import { replayVenue } from "./commands/replayVenue.ts";
import { replica } from "./commands/replica.ts";
import { stress } from "./commands/stress.ts";
import { surface } from "./commands/surface.ts";
import { sweepWorker } from "./commands/sweepWorker.ts";
import { validate } from "./commands/validate.ts";
import type { LabServices } from "./services.ts";

/** The analyst's program, its commands in the order of the help; command files import what is heavy when they run. The operator's is `keeper/cli/registry.ts`. */
export const LAB = {
  name: "lab",
  preamble: "The laboratory of Tonsor: crises replayed, rules judged on recorded data, a local chain to try things on.",
  examples: [
    "lab backtest WETH                 the model and its rivals over every recorded hour of one asset",
    "lab market ETH                    a lender with borrowers and liquidators played over recorded prices",
    "lab stress --reverse 1%           markets under scenarios, and the least shock that costs 1 % of the debt",
    "lab assess --prices my.csv ...    what the keeper would decide on files of yours (scripts/lab/README.md)",
    "lab quote --schema                what `quote --input` reads: haircuts without any service",
    "lab <command> --help              arguments, examples and units of one command",
  ],
  jsonPage: "scripts/lab/cli/JSON.md",
  commands: {
    stress,
    backtest,
    validate,
    market,
    frontier,
    reality,
    museum,
    "sweep-worker": sweepWorker,
    fork,
    replica,
    "replay-venue": replayVenue,
    assess,
    quote,
    surface,
    depth,
    profile,
  },
} as const satisfies ProgramSpec<LabServices>;
