import { Command, CommanderError } from "commander";
import { TonsorError } from "../domain/errors.ts";
import type { CommandContext, CommandSpec } from "./command.ts";
import { errorReport, errorText } from "./errorReport.ts";
import { EXIT, exitCodeOf } from "./exitCode.ts";
import { createOutput, type Terminal, toJson } from "./output.ts";
import { COMMANDS } from "./registry.ts";
import type { Services } from "./services.ts";
import { usageError } from "./usageError.ts";

/** What a program needs: the service, wired on first use, a terminal, and the signal that Ctrl-C aborts. */
type ProgramPorts = {
  readonly services: () => Promise<Services>;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Called with the exit code of the command that ran. */
  readonly exit: (code: number) => void;
};

const PREAMBLE = `Adaptive collateral haircuts: implied volatility and pool depth in, two-sided haircuts on chain.`;
const UNITS = `
Examples:
  tonsor start                      a crash replayed on a local chain, with a status page
  tonsor explain WETH               every basis point of both haircuts, and where it comes from
  tonsor quote --schema             what \`quote --input\` reads: haircuts without any service
  tonsor <command> --help           arguments, examples and units of one command

Units:
  haircuts in basis points (bp, 10 000 bp = 100 %) or percent; volatility in percent a year; money in US dollars;
  times in UTC. JSON has the unit in the field name or in keeper/cli/JSON.md.

Exit codes:
  0 done   1 refused or failed   75 try again later, unchanged   78 configuration must be corrected`;

/** The commander program `tonsor`, its commands from the registry. It throws what it refuses; see `runProgram`. */
function buildProgram(ports: ProgramPorts): Command {
  const program = new Command("tonsor").description(PREAMBLE).version("0.1.0");
  program.option("--json", "print JSON on stdout, stable field names, units in keeper/cli/JSON.md");
  program.configureHelp({ showGlobalOptions: true, helpWidth: 100 }).addHelpText("after", UNITS).helpCommand(false);
  refuseByThrowing(program, ports.terminal);
  for (const spec of Object.values(COMMANDS)) addCommand(program, spec, ports);
  return program;
}

/** Runs one command line (without node and script) and returns its exit code; never throws. */
export async function runProgram(argv: readonly string[], ports: Omit<ProgramPorts, "exit">): Promise<number> {
  const { terminal } = ports;
  let code: number = EXIT.ok;
  const program = buildProgram({ ...ports, exit: (given) => (code = given) });
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
    return error instanceof TonsorError ? exitCodeOf(error.code) : EXIT.failed;
  }
}

function addCommand(program: Command, spec: CommandSpec, ports: ProgramPorts): void {
  const words = spec.name.split(" ");
  let parent = program;
  for (const word of words.slice(0, -1)) {
    const known = parent.commands.find((command) => command.name() === word);
    parent = known ?? parent.command(word).description(spec.summary).helpCommand(false);
    refuseByThrowing(parent, ports.terminal);
  }
  const command = parent.command(words.at(-1) ?? spec.name).description(spec.summary);
  for (const { name, description } of spec.arguments ?? []) command.argument(name, description);
  for (const { flags, description, fallback, parse } of spec.options ?? []) {
    if (parse === undefined) command.option(flags, description, fallback as string | boolean | undefined);
    else command.option(flags, description, (text: string) => parse(text), fallback);
  }
  const lines = (title: string, of: readonly string[]): string =>
    `\n${title}:\n${of.map((line) => `  ${line}`).join("\n")}`;
  command.addHelpText("after", `${lines("Examples", spec.examples)}\n${lines("Units", spec.units)}`);
  refuseByThrowing(command, ports.terminal);
  command.action(async () => {
    const options = command.optsWithGlobals<Record<string, unknown>>();
    const args: CommandContext["args"] = command.args;
    const output = createOutput(ports.terminal, options["json"] === true);
    ports.exit((await spec.run({ args, options, output, signal: ports.signal, services: ports.services })) ?? EXIT.ok);
  });
}

/** Help goes to the terminal; a refusal becomes a TonsorError instead of an exit. */
function refuseByThrowing(command: Command, terminal: Terminal): void {
  command.configureOutput({ writeOut: terminal.out, writeErr: () => {}, outputError: () => {} });
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : usageError(error, command);
  });
}
