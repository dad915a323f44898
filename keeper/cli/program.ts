import { Command, CommanderError } from "commander";
import { VERSION } from "../io/version.ts";
import type { CommandContext, CommandSpec, OptionSpec } from "./command.ts";
import { EXIT, errorReport, errorText, exitCodeOfThrown, usageError } from "./errors.ts";
import { createOutput, type Terminal, toJson } from "./output.ts";

/** A program: what its help says of it, and its commands in the order of that help. */
export type ProgramSpec<Service> = {
  /** As typed, e.g. "tonsor". */
  readonly name: string;
  readonly preamble: string;
  /** Command lines with what they do, one line each. */
  readonly examples: readonly string[];
  /** The page that has the fields of `--json` with their units. */
  readonly jsonPage: string;
  /** Options of every command beside --json; the service is opened with them. */
  readonly options?: readonly OptionSpec[];
  readonly commands: Readonly<Record<string, CommandSpec<Service>>>;
};

/** What a program runs on: the service, wired on first use, a terminal, and the signal that Ctrl-C aborts. */
type ProgramPorts<Service> = {
  readonly services: (options: CommandContext["options"]) => Promise<Service>;
  readonly terminal: Terminal;
  /** Called by a command that can end early; nothing listens to Ctrl-C before. */
  readonly signal: () => AbortSignal;
};

type Ports<Service> = ProgramPorts<Service> & {
  /** Called with the exit code of the command that ran. */
  readonly exit: (code: number) => void;
};

const UNITS = `haircuts in basis points (bp, 10 000 bp = 100 %) or percent; volatility in percent a year; money in US dollars;
  times in UTC. JSON has the unit in the field name or in`;
const EXIT_CODES = `0 done   1 refused or failed   75 try again later, unchanged   78 configuration must be corrected
  130, 143 stopped by Ctrl-C or SIGTERM`;

/** Runs one command line (without node and script) and returns its exit code; never throws. */
export async function runProgram<Service>(
  spec: ProgramSpec<Service>,
  argv: readonly string[],
  ports: ProgramPorts<Service>,
): Promise<number> {
  const { terminal } = ports;
  let code: number = EXIT.ok;
  const program = buildProgram(spec, { ...ports, exit: (given) => (code = given) });
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    const report = errorReport(error);
    if (argv.includes("--json")) terminal.out(`${toJson({ error: report }, 2)}\n`);
    else terminal.err(errorText(report));
    if (terminal.env["LOG_LEVEL"] === "debug" && error instanceof Error) terminal.err(`${error.stack ?? ""}\n`);
    return exitCodeOfThrown(error);
  }
}

/** The commander program. It throws what it refuses; see `runProgram`. */
function buildProgram<Service>(spec: ProgramSpec<Service>, ports: Ports<Service>): Command {
  const { name, preamble, examples, jsonPage, commands } = spec;
  const program = new Command(name).description(preamble).version(VERSION);
  program.option("--json", `print JSON on stdout, stable field names, units in ${jsonPage}`);
  for (const option of spec.options ?? []) addOption(program, option);
  const sections = [
    `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`,
    `Units:\n  ${UNITS} ${jsonPage}.`,
    `Exit codes:\n  ${EXIT_CODES}`,
  ];
  program.configureHelp({ showGlobalOptions: true, helpWidth: 100 }).helpCommand(false);
  program.addHelpText("after", sections.join("\n\n"));
  refuseByThrowing(program, ports.terminal);
  for (const command of Object.values(commands)) addCommand(program, command, ports);
  return program;
}

function addCommand<Service>(program: Command, spec: CommandSpec<Service>, ports: Ports<Service>): void {
  const words = spec.name.split(" ");
  let parent = program;
  for (const word of words.slice(0, -1)) {
    const known = parent.commands.find((command) => command.name() === word);
    parent = known ?? parent.command(word).description(spec.summary).helpCommand(false);
    refuseByThrowing(parent, ports.terminal);
  }
  const command = parent.command(words.at(-1) ?? spec.name).description(spec.summary);
  for (const { name, description } of spec.arguments ?? []) command.argument(name, description);
  for (const option of spec.options ?? []) addOption(command, option);
  const lines = (title: string, of: readonly string[]): string =>
    `\n${title}:\n${of.map((line) => `  ${line}`).join("\n")}`;
  command.addHelpText("after", `${lines("Examples", spec.examples)}\n${lines("Units", spec.units)}`);
  refuseByThrowing(command, ports.terminal);
  command.action(async () => {
    const options = command.optsWithGlobals<Record<string, unknown>>();
    const args: CommandContext["args"] = command.args;
    const output = createOutput(ports.terminal, options["json"] === true);
    const context: CommandContext<Service> = {
      ...{ args, options, output, services: () => ports.services(options) },
      get signal() {
        return ports.signal();
      },
    };
    ports.exit((await spec.run(context)) ?? EXIT.ok);
  });
}

function addOption(command: Command, { flags, description, fallback, parse, repeatable }: OptionSpec): void {
  const parsed = (text: string): unknown => parse?.(text) ?? text;
  if (repeatable === true) {
    command.option(flags, description, (text: string, all: readonly unknown[]) => [...all, parsed(text)], []);
  } else if (parse === undefined) command.option(flags, description, fallback as string | boolean | undefined);
  else command.option(flags, description, parsed, fallback);
}

/** Help goes to the terminal; a refusal becomes a TonsorError instead of an exit. */
function refuseByThrowing(command: Command, terminal: Terminal): void {
  command.configureOutput({ writeOut: terminal.out, writeErr: () => {}, outputError: () => {} });
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : usageError(error, command);
  });
}
