import { start } from "../../scripts/demo/start.ts";
import { backtest } from "../../scripts/lab/cli/commands/backtest.ts";
import { depth } from "../../scripts/lab/cli/commands/depth.ts";
import { quote } from "../../scripts/lab/cli/commands/quote.ts";
import { stress } from "../../scripts/lab/cli/commands/stress.ts";
import { surface } from "../../scripts/lab/cli/commands/surface.ts";
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

/** Every command of `tonsor`, in the order of the help. Command files are light: what is heavy they import when run. */
export const COMMANDS = {
  start,
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
  stress,
  backtest,
  quote,
  surface,
  depth,
} as const satisfies Record<string, CommandSpec>;
