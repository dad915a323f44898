import type { Services } from "../operations/services.ts";
import type { Output } from "./output.ts";

/**
 * One command: its words for people and the function behind it. One file in `commands/` and one line of the program's
 * registry. `Service` is what the program wires for its commands.
 */
export type CommandSpec<Service = Services> = {
  /** As typed, e.g. "explain" or "config check". */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** Whole command lines, shown by `--help`. */
  readonly examples: readonly string[];
  /** Units of what goes in and comes out, one line each, shown by `--help`. */
  readonly units: readonly string[];
  /** It runs until it is stopped: when the reader of its output dies, a supervisor is to start it again. */
  readonly lasts?: true;
  /** Returns the exit code; nothing means 0. */
  run(context: CommandContext<Service>): Promise<number> | Promise<void>;
};

type ArgumentSpec = {
  /** "<market>" is required, "[market]" optional. */
  readonly name: string;
  readonly description: string;
};

export type OptionSpec = {
  /** Commander's flags, e.g. "--port <number>". */
  readonly flags: string;
  readonly description: string;
  /** Value when the option is absent; shown in the help unless undefined. */
  readonly fallback?: string | number | boolean;
  /** Turns the text into a value; throws TonsorError BAD_ARGUMENT when it cannot. */
  parse?(text: string): unknown;
  /** May be repeated: the value is the list of what was given, empty when absent. */
  readonly repeatable?: true;
};

export type CommandContext<Service = Services> = {
  /** Positional arguments in order; an absent optional one is undefined. */
  readonly args: readonly (string | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly output: Output;
  /** Aborts on the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  /** Wires the service on first use; commands on recorded files never call it. */
  services(): Promise<Service>;
};
