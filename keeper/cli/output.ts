import { performance } from "node:perf_hooks";
import type { Progress } from "../domain/progress.ts";

/** Where a command's words go. With `--json` stdout carries JSON only; everything meant for people goes to stderr. */
export type Output = {
  readonly json: boolean;
  readonly colour: boolean;
  /** The one result of a command: JSON with `--json`, else the text. */
  result(json: unknown, text: () => string): void;
  /** One event of a long-running command: one JSON line with `--json`, else one text. */
  event(json: unknown, text: () => string): void;
  /** Words for people on the way. */
  note(text: string): void;
  /** A fresh progress bar for long work; on stderr, with `--json` too. */
  progress(): Progress;
};

/** The streams and environment a program runs in; tests pass their own. */
export type Terminal = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isTTY: boolean;
  /** Whether stderr is a terminal; absent: it is not. */
  readonly isErrTTY?: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** Output onto a terminal. Colour only on a TTY, without NO_COLOR (no-color.org: any non-empty value), not for JSON. */
export function createOutput(terminal: Terminal, json: boolean): Output {
  const noColour = (terminal.env["NO_COLOR"] ?? "") !== "" || terminal.env["TERM"] === "dumb";
  const line = (text: string): void => terminal.out(text.endsWith("\n") ? text : `${text}\n`);
  return {
    json,
    colour: terminal.isTTY && !noColour && !json,
    result: (value, text) => line(json ? toJson(value, 2) : text()),
    event: (value, text) => line(json ? toJson(value) : text()),
    note: (text) => (json ? terminal.err : terminal.out)(`${text}\n`),
    progress: () => progressBar(terminal),
  };
}

/** JSON text; whole numbers beyond a double (bigint) become decimal strings. @example toJson({ a: 1n }) // '{"a":"1"}' */
export function toJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, (_, field) => (typeof field === "bigint" ? field.toString() : field), indent);
}

const BAR = 24;
/** Lines that a stream which is no terminal gets, at most. */
const LINES = 10;

/**
 * A bar on stderr that rewrites its line on a terminal and clears it at the end; elsewhere at most eleven lines. What
 * is on stdout is never touched.
 */
function progressBar({ err, isErrTTY = false }: Pick<Terminal, "err" | "isErrTTY">): Progress {
  const started = performance.now();
  let shown = -1;
  return (done, of, what, secondsLeft) => {
    const share = of === 0 ? 1 : Math.min(1, done / of);
    const seconds = (performance.now() - started) / 1_000;
    const known = secondsLeft === undefined || share === 1 ? undefined : left(secondsLeft);
    if (isErrTTY) {
      err(share === 1 ? "\r\u001b[K" : `\r\u001b[K${line(share, what)}${known ?? remaining(share, seconds)}`);
      return;
    }
    const step = Math.floor(share * LINES);
    if (step === shown) return;
    shown = step;
    err(`${line(share, what)}${known ?? ""}\n`);
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
  return left((seconds * (1 - share)) / share);
}

/** @example left(59.2) // ", about 60 s left", left(600) // ", about 10 min left" */
function left(seconds: number): string {
  return seconds < 120 ? `, about ${Math.ceil(seconds)} s left` : `, about ${Math.round(seconds / 60)} min left`;
}
