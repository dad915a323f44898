import type { Command, CommanderError } from "commander";
import { ERROR_CODES, isConfigurationError, Stopped, TonsorError } from "../domain/errors.ts";

/** An error as `--json` prints it: `{ error: ErrorReport }`. Absent facts are null. */
type ErrorReport = {
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
  readonly given: string | number | boolean | null;
  readonly expected: string | null;
  readonly advice: string;
};

const UNEXPECTED = "This is a defect of the program: run again with LOG_LEVEL=debug and report what it prints.";

const STOPPED = "STOPPED";

/** The stop that an error is, or that caused it; null: it is an error. */
export function stopOf(error: unknown): Stopped | null {
  if (error instanceof Stopped) return error;
  return error instanceof Error && error.cause instanceof Stopped ? error.cause : null;
}

/** What happened, to which field, what was expected and what to do next. */
export function errorReport(error: unknown): ErrorReport {
  const stopped = stopOf(error);
  if (stopped !== null) {
    const facts = { field: null, given: null, expected: null };
    return {
      code: STOPPED,
      message: stopped.message,
      ...facts,
      advice: "Nothing is wrong: run it again when you want.",
    };
  }
  if (!(error instanceof TonsorError)) {
    const message = oneLine(error instanceof Error ? error.message : String(error));
    return { code: "UNEXPECTED", message, field: null, given: null, expected: null, advice: UNEXPECTED };
  }
  const { field, expected } = error.facts;
  return {
    code: error.code,
    message: what(error),
    field: field ?? null,
    given: plain(error.facts.given),
    expected: expected ?? null,
    advice: error.advice,
  };
}

/** The report for people: what, then field/given/expected where known, then the advice; one line each. */
export function errorText(report: ErrorReport): string {
  if (report.code === STOPPED) return `${report.message}\n`;
  const facts = [
    report.field === null ? "" : `field ${report.field}`,
    report.given === null
      ? ""
      : `given ${typeof report.given === "string" ? JSON.stringify(report.given) : report.given}`,
    report.expected === null ? "" : `expected ${report.expected}`,
  ].filter((fact) => fact !== "");
  const lines = [`error ${report.code}: ${report.message}`];
  if (facts.length > 0) lines.push(`  ${facts.join(", ")}`);
  return [...lines, `  ${report.advice}`, ""].join("\n");
}

/** The message without the facts that TonsorError appends to it. */
function what(error: TonsorError): string {
  const { field, expected } = error.facts;
  const marks = [field === undefined ? null : `; field ${field}`, "given" in error.facts ? "; given " : null];
  if (expected !== undefined) marks.push(`; expected ${expected}`);
  const first = marks.find((mark) => mark !== null && error.message.includes(mark));
  return oneLine(first == null ? error.message : error.message.slice(0, error.message.indexOf(first)));
}

function plain(value: unknown): ErrorReport["given"] {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return value.toString();
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** Lines of a list are joined so that each stays distinct from the next. */
function oneLine(text: string): string {
  return text
    .trim()
    .replaceAll(/:\s*\n\s*/g, ": ")
    .replaceAll(/\s*\n\s*/g, "; ")
    .replaceAll(/\s+/g, " ");
}

/** Commander's refusal as a BAD_ARGUMENT that says what was expected instead, with its suggestion where it has one. */
export function usageError(error: CommanderError, command: Command): TonsorError {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  const suggestion = /\(Did you mean (?:one of )?(.+?)\?\)/.exec(error.message)?.[1];
  const meant = suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
  const of = command.parent === null ? "" : ` of ${path(command)}`;
  switch (error.code) {
    case "commander.unknownCommand":
      return refuse("unknown command", "command", quoted, `one of ${names(command)}${meant}`);
    case "commander.unknownOption":
      return refuse(`unknown option${of}`, "option", quoted, `one of ${flags(command)}${meant}`);
    case "commander.missingArgument":
      return refuse(`missing argument${of}`, quoted, "", usage(command, quoted));
    case "commander.optionMissingArgument":
      return refuse(`missing value of an option${of}`, quoted, "", `${quoted} and a value`);
    case "commander.excessArguments":
      return refuse(
        `too many arguments${of}`,
        "arguments",
        command.args.join(" "),
        `${path(command)} ${form(command)}`.trim(),
      );
    case "commander.help":
      return refuse(`missing command${of}`, "command", "", `one of ${names(command)}`);
    default:
      return new TonsorError("BAD_ARGUMENT", error.message.replace(/^error: /, ""), {});
  }
}

function refuse(what: string, field: string, given: string, expected: string): TonsorError {
  return new TonsorError("BAD_ARGUMENT", what, { field, given: given === "" ? "nothing" : given, expected });
}

function path(command: Command): string {
  return command.parent === null ? command.name() : `${path(command.parent)} ${command.name()}`;
}

function names(command: Command): string {
  return command.commands.map((known) => known.name()).join(", ");
}

function flags(command: Command): string {
  const own = [...command.options, ...(command.parent?.options ?? [])].map((option) => option.long ?? option.flags);
  return [...own, "--help"].join(", ");
}

function form(command: Command): string {
  return command.registeredArguments
    .map((entry) => (entry.required ? `<${entry.name()}>` : `[${entry.name()}]`))
    .join(" ");
}

function usage(command: Command, name: string): string {
  const described = command.registeredArguments.find((entry) => entry.name() === name)?.description;
  return `${path(command)} ${form(command)}${described === undefined ? "" : `, where ${name} is ${described}`}`;
}

/** Exit codes, after BSD sysexits: a supervisor restarts on 75 and leaves 78 to a person. */
export const EXIT = { ok: 0, failed: 1, retry: 75, config: 78 } as const;

/**
 * Exit code of whatever was thrown; that of a stop is a shell's, 128 and the signal's number.
 * @example exitCodeOfThrown(new TonsorError("RPC_FAILED", "silent")) // 75
 */
export function exitCodeOfThrown(error: unknown): number {
  const stopped = stopOf(error);
  if (stopped !== null) return stopped.by === "SIGINT" ? 130 : 143;
  if (!(error instanceof TonsorError)) return EXIT.failed;
  if (isConfigurationError(error.code)) return EXIT.config;
  return ERROR_CODES[error.code].retryable ? EXIT.retry : EXIT.failed;
}
