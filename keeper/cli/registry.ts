import type { Services } from "../operations/services.ts";
import { challenge } from "./commands/challenge.ts";
import { configCheck, doctor } from "./commands/checks.ts";
import { explain } from "./commands/explain.ts";
import { freeze } from "./commands/freeze.ts";
import { keystoreAddress, keystoreImport, keystoreNew } from "./commands/keystore.ts";
import { marketNew } from "./commands/market.ts";
import { pause, resume } from "./commands/pause.ts";
import { rebuild } from "./commands/rebuild.ts";
import { recompute } from "./commands/recompute.ts";
import { dryRun, once, run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { txBump, txCancel, txList } from "./commands/tx.ts";
import { verify } from "./commands/verify.ts";
import type { ProgramSpec } from "./program.ts";

/** The operator's program, its commands in the order of the help; command files import what is heavy when they run. The analyst's is `scripts/lab/cli/registry.ts`. */
export const TONSOR = {
  name: "tonsor",
  preamble:
    "Adaptive collateral haircuts: implied volatility and pool depth in; initial and maintenance haircut and exposure limit on chain.",
  examples: [
    "tonsor config check               configuration and governance numbers, without any network",
    "tonsor explain WETH               every basis point of both haircuts, and where it comes from",
    "tonsor once                       one cycle, for cron",
    "tonsor <command> --help           arguments, examples and units of one command",
  ],
  jsonPage: "keeper/cli/JSON.md",
  options: [
    {
      flags: "--env <file>",
      description: "variables of one chain, over those of the environment and .env; `run` takes several",
      repeatable: true,
    },
  ],
  commands: {
    run,
    once,
    "dry-run": dryRun,
    explain,
    verify,
    recompute,
    status,
    doctor,
    "config check": configCheck,
    "market new": marketNew,
    rebuild,
    pause,
    resume,
    freeze,
    challenge,
    "keystore new": keystoreNew,
    "keystore import": keystoreImport,
    "keystore address": keystoreAddress,
    "tx list": txList,
    "tx cancel": txCancel,
    "tx bump": txBump,
  },
} as const satisfies ProgramSpec<Services>;
