import { TonsorError } from "../../keeper/domain/errors.ts";

/** Prints what went wrong and what to do next, without a stack, and makes the process end with exit code 1. */
export function explainFailure(error: unknown): void {
  if (error instanceof TonsorError) {
    console.error(`${error.code}: ${error.message}`);
    console.error(`Next: ${error.advice}`);
  } else if (error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")) {
    console.error(`BAD_ARGUMENT: ${error.message}; --help shows what is expected`);
  } else {
    console.error(error);
  }
  process.exitCode = 1;
}
