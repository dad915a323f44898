import { ERROR_CODES, type ErrorCode, isConfigurationError } from "../domain/errors.ts";

/** Exit codes, after BSD sysexits: a supervisor restarts on 75 and leaves 78 to a person. */
export const EXIT = { ok: 0, failed: 1, retry: 75, config: 78 } as const;

/** Exit code of an error. @example exitCodeOf("RPC_FAILED") // 75 */
export function exitCodeOf(code: ErrorCode): number {
  if (isConfigurationError(code)) return EXIT.config;
  return ERROR_CODES[code].retryable ? EXIT.retry : EXIT.failed;
}
