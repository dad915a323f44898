import { ERROR_CODES, type ErrorCode } from "../domain/errors.ts";

/** Exit codes, after BSD sysexits: a supervisor restarts on 75 and leaves 78 to a person. */
export const EXIT = { ok: 0, failed: 1, retry: 75, config: 78 } as const;

const CONFIGURATION: readonly ErrorCode[] = [
  "BAD_CONFIG",
  "WRONG_CHAIN",
  "NOT_DEPLOYED",
  "PLAINTEXT_KEY_REFUSED",
  "KEYSTORE_REFUSED",
];

/** Exit code of an error. @example exitCodeOf("RPC_FAILED") // 75 */
export function exitCodeOf(code: ErrorCode): number {
  if (CONFIGURATION.includes(code)) return EXIT.config;
  return ERROR_CODES[code].retryable ? EXIT.retry : EXIT.failed;
}
