import type { Command, CommanderError } from "commander";
import { TonsorError } from "../domain/errors.ts";

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
