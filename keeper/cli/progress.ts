import { performance } from "node:perf_hooks";
import type { Progress } from "../domain/progress.ts";
import type { Terminal } from "./output.ts";

const BAR = 24;
/** Lines that a stream which is no terminal gets, at most. */
const LINES = 10;

/**
 * A bar on stderr that rewrites its line on a terminal and clears it at the end; elsewhere at most eleven lines. What
 * stands on stdout is never touched.
 */
export function progressBar({ err, isErrTTY = false }: Pick<Terminal, "err" | "isErrTTY">): Progress {
  const started = performance.now();
  let told = -1;
  return (done, of, what) => {
    const share = of === 0 ? 1 : Math.min(1, done / of);
    const seconds = (performance.now() - started) / 1_000;
    if (isErrTTY) {
      err(share === 1 ? "\r\u001b[K" : `\r\u001b[K${line(share, what)}${remaining(share, seconds)}`);
      return;
    }
    const step = Math.floor(share * LINES);
    if (step === told) return;
    told = step;
    err(`${line(share, what)}\n`);
  };
}

/** @example line(0.5, "replaying") // "[############............]  50 %  replaying" */
function line(share: number, what: string): string {
  const full = Math.floor(share * BAR);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${"#".repeat(full)}${".".repeat(BAR - full)}] ${percent} %  ${what}`;
}

/** A guess from the pace so far; none before there is a pace. */
function remaining(share: number, seconds: number): string {
  if (share < 0.02 || seconds < 2) return "";
  return `, about ${Math.ceil((seconds * (1 - share)) / share)} s left`;
}
