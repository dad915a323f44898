import { EXIT, exitCodeOf } from "../../keeper/cli/errors.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";

/** Prints what went wrong and what to do next, without a stack, and makes the process end as `tonsor` does: 1, 75 or 78. */
export function explainFailure(error: unknown): void {
  if (error instanceof TonsorError) {
    console.error(`${error.code}: ${error.message}`);
    console.error(`Next: ${error.advice}`);
  } else if (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
    console.error(`BAD_ARGUMENT: ${error.message}; --help shows what is expected`);
  } else {
    console.error(error);
  }
  process.exitCode = error instanceof TonsorError ? exitCodeOf(error.code) : EXIT.failed;
}
