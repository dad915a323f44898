import type { CommandSpec } from "./command.ts";
import { backtest } from "./commands/backtest.ts";
import { configCheck } from "./commands/configCheck.ts";
import { depth } from "./commands/depth.ts";
import { doctor } from "./commands/doctor.ts";
import { dryRun } from "./commands/dryRun.ts";
import { explain } from "./commands/explain.ts";
import { keystoreAddress, keystoreImport, keystoreNew } from "./commands/keystore.ts";
import { once } from "./commands/once.ts";
import { pause, resume } from "./commands/pause.ts";
import { quote } from "./commands/quote.ts";
import { rebuild } from "./commands/rebuild.ts";
import { replay } from "./commands/replay.ts";
import { run } from "./commands/run.ts";
import { start } from "./commands/start.ts";
import { status } from "./commands/status.ts";
import { stress } from "./commands/stress.ts";
import { surface } from "./commands/surface.ts";
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
  replay,
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

export type CommandName = keyof typeof COMMANDS;
