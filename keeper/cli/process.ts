import { Stopped } from "../domain/errors.ts";
import { forTerminal } from "../domain/words.ts";
import { boundedWriter, flushed } from "../io/boundedWriter.ts";
import type { CommandContext } from "./command.ts";
import { EXIT } from "./errors.ts";
import { type ProgramSpec, runProgram } from "./program.ts";

/** What a program's commands share, and what must be done with it at the end. */
type Opened = {
  /** What must never be shown, grown as secrets are read. */
  readonly secrets: readonly string[];
  /** Releases what was opened. Called once, whatever the outcome. */
  close(): Promise<void>;
};

/**
 * Runs this process's command line and ends the process with its exit code. Once `open` or the command has
 * asked for the signal, the first Ctrl-C or SIGTERM aborts it and a second one, half a second later or more, ends the process at once; a command that
 * never asks is ended by the first, even while it computes. No secret that was read leaves
 * through what is printed, an uncaught error included.
 */
export async function runProcess<Service>(
  program: ProgramSpec<Service>,
  argv: readonly string[],
  open: (signal: AbortSignal, options: CommandContext["options"]) => Promise<Service & Opened>,
): Promise<void> {
  let first: AbortSignal | null = null;
  const signal = () => (first ??= firstSignal());
  // A reader that has read enough (`| head`) is no error; one of a service that has died is no reason to stay down.
  const commands = Object.values(program.commands);
  const command = argv.find((word) => commands.some(({ name }) => name.split(" ")[0] === word));
  const lasts = commands.some((one) => one.name === command && one.lasts === true);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(lasts ? EXIT.retry : EXIT.ok);
      throw error;
    });
  }
  let opened: (Service & Opened) | null = null;
  /** Before anything was opened there is no secret to hide. */
  let redacted = (text: string) => text;
  const shown = (text: string) => redacted(forTerminal(text));
  // What a service says may go unread; what a command was asked for may not be cut.
  const writer = (stream: NodeJS.WriteStream) =>
    lasts ? boundedWriter(stream, droppedLine) : (text: string) => void stream.write(text);
  const exit = async (code: number): Promise<never> => {
    // What was printed is read before the end, but nobody who has stopped reading keeps a service alive.
    await flushed([process.stdout, process.stderr], lasts ? 1_000 : 60_000);
    process.exit(code);
  };
  process.on("uncaughtException", (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(shown(`${text}\n`));
    void exit(1);
  });
  const [out, err] = [writer(process.stdout), writer(process.stderr)];
  const code = await runProgram(program, argv, {
    services: async (options) => {
      if (opened !== null) return opened;
      const [{ redact }, services] = await Promise.all([import("../domain/words.ts"), open(signal(), options)]);
      redacted = (text) => redact(text, services.secrets);
      opened = services;
      return services;
    },
    terminal: {
      out: (text) => out(shown(text)),
      err: (text) => err(shown(text)),
      isTTY: process.stdout.isTTY === true,
      isErrTTY: process.stderr.isTTY === true,
      env: process.env,
    },
    signal,
  });
  await (opened as Opened | null)?.close();
  await exit(code);
}

/** In JSON, for it stands among lines of JSON; a person reads it as well. */
function droppedLine(count: number): string {
  return `{"dropped":${count},"msg":"texts were dropped: nobody read them in time"}\n`;
}

/** So soon after the first another signal is the same Ctrl-C, milliseconds: npm passes on what the terminal gave to both. */
const SAME_MS = 500;

/** Aborts at the first SIGINT or SIGTERM, with `Stopped`; a later one ends the process at once. */
export function firstSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    let first: number | null = null;
    process.on(name, () => {
      if (first !== null && performance.now() - first > SAME_MS) process.exit(130);
      first ??= performance.now();
      stop.abort(new Stopped(name));
    });
  }
  return stop.signal;
}
