import { inspect } from "node:util";
import { exitCodeOfThrown, stopOf } from "../../keeper/cli/errors.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";

/** Prints what went wrong and what to do next, without a stack, and makes the process end as `tonsor` does: 1, 75, 78, or 130 when stopped. */
export function explainFailure(error: unknown): void {
  const stopped = stopOf(error);
  if (stopped !== null) {
    console.error(stopped.message);
  } else if (error instanceof TonsorError) {
    console.error(`${error.code}: ${error.message}`);
    console.error(`Next: ${error.advice}`);
  } else if (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
    console.error(`BAD_ARGUMENT: ${error.message}; --help shows what is expected`);
  } else {
    // Libraries put the whole address of a node into their errors; its path may be an access key.
    console.error(inspect(error).replaceAll(/(https?:\/\/)(?:[^\s/"'`]*@)?([^\s/"'`]*)[^\s"'`]*/g, "$1$2"));
  }
  process.exitCode = exitCodeOfThrown(error);
}
