import type { CommandSpec } from "./command.ts";
import { configCheck } from "./commands/configCheck.ts";
import { doctor } from "./commands/doctor.ts";
import { dryRun } from "./commands/dryRun.ts";
import { explain } from "./commands/explain.ts";
import { keystoreAddress, keystoreImport, keystoreNew } from "./commands/keystore.ts";
import { once } from "./commands/once.ts";
import { pause, resume } from "./commands/pause.ts";
import { rebuild } from "./commands/rebuild.ts";
import { recompute } from "./commands/recompute.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { txBump, txCancel, txList } from "./commands/tx.ts";
import { verify } from "./commands/verify.ts";
import type { ProgramSpec } from "./program.ts";
import type { Services } from "./services.ts";

/** Every command of `tonsor`, in the order of the help. Command files import what is heavy when they run. */
export const COMMANDS = {
  run,
  once,
  "dry-run": dryRun,
  explain,
  verify,
  recompute,
  status,
  doctor,
  "config check": configCheck,
  rebuild,
  pause,
  resume,
  "keystore new": keystoreNew,
  "keystore import": keystoreImport,
  "keystore address": keystoreAddress,
  "tx list": txList,
  "tx cancel": txCancel,
  "tx bump": txBump,
} as const satisfies Record<string, CommandSpec>;

/** The operator's program; the analyst's is `scripts/lab/cli/registry.ts`. */
export const TONSOR: ProgramSpec<Services> = {
  name: "tonsor",
  preamble: "Adaptive collateral haircuts: implied volatility and pool depth in, two-sided haircuts on chain.",
  examples: [
    "tonsor config check               configuration and governance numbers, without any network",
    "tonsor explain WETH               every basis point of both haircuts, and where it comes from",
    "tonsor once                       one cycle, for cron",
    "tonsor <command> --help           arguments, examples and units of one command",
  ],
  jsonPage: "keeper/cli/JSON.md",
  commands: COMMANDS,
};
