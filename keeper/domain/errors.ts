/** What to do next, and whether trying again later, unchanged, may succeed. */
type Rule = { readonly next: string; readonly retryable: boolean };

const final = (next: string): Rule => ({ next, retryable: false });
const retry = (next: string): Rule => ({ next, retryable: true });

/**
 * The closed table of error codes, each with what to do next; what each means is in `keeper/ERRORS.md`, which a test holds to
 * this. A wrong argument or a broken environment is an exception with one of these codes; bad market data is never an
 * exception but a value with a `Fault` (see fault.ts).
 */
export const ERROR_CODES = {
  OUT_OF_RANGE: final("Correct the named field; the message gives the value and the range."),
  BAD_ARGUMENT: final("Correct the named argument; `--help` shows the expected form."),
  BAD_CONFIG: final("Correct the listed settings, then run `config check`."),
  BAD_FILE: final("Check the path and the columns or fields named in the message."),
  UNKNOWN_MARKET: final("Use one of the names listed in the message."),
  UNKNOWN_TRANSACTION: final(
    "Take a hash from `tonsor tx list`; RPC_URL, TONSOR_DEPLOYMENTS and TONSOR_STATE must be those of its keeper.",
  ),
  HTTP_FAILED: retry("Retry later; check the base URL and the network with `doctor`."),
  RPC_FAILED: retry("Retry later; check the endpoint with `doctor`."),
  REDIS_FAILED: retry(
    "Check REDIS_URL and the server, then run the command again: what was done is kept. Without REDIS_URL it runs here alone.",
  ),
  WRONG_CHAIN: final("Correct RPC_URL or CHAIN_ID; nothing was sent."),
  NO_QUORUM: retry(
    "Nothing to do if it passes; else read which node is silent, lags or disagrees, and replace it in RPC_URLS.",
  ),
  NOT_DEPLOYED: final(
    "Run `npm run deploy`, bring along the record it wrote (TONSOR_DEPLOYMENTS names its folder), or correct the address in it.",
  ),
  TRANSACTION_REVERTED: retry("Read the reason; the next cycle decides afresh from the state on chain."),
  TRANSACTION_FATAL: final(
    "Read the reason: a writer that was taken off, another deployment, or a fault of this program to report.",
  ),
  TRANSACTION_UNKNOWN: retry(
    "Nothing to do: the journal reconciles it by hash on the next cycle before anything else is sent.",
  ),
  NONCE_UNCLEAR: retry(
    "Look at the node with `doctor`. What was signed for a false nonce is given up at its deadline, or at once by `tonsor tx cancel`.",
  ),
  TRANSACTION_REFUSED: retry("Read the reason and fund the keeper's address; the next cycle decides afresh."),
  FEE_CAP_EXCEEDED: retry("Wait, or raise `fees.maxFeePerGasGwei` in tonsor.config."),
  SPEND_BUDGET: retry("Wait, or raise `fees.hourlyBudgetEther` and `fees.dailyBudgetEther` in tonsor.config."),
  EVIDENCE_MISSING: final(
    "Name a keeper that has it: `tonsor verify <tx> --evidence https://keeper.example/evidence`.",
  ),
  EVIDENCE_MISMATCH: final(
    "Treat the update as unverified and ask the operator; the message names the first difference.",
  ),
  JOURNAL_BROKEN: final(
    "Stop the keeper and run `tonsor rebuild`: it moves the file aside and rebuilds it from chain and evidence.",
  ),
  DISK_FULL: retry("Free space or shorten RETENTION_DAYS; the next cycle goes on by itself."),
  JOURNAL_BUSY: retry("Nothing to do if it passes; else end what keeps it locked: a backup, or a shell in `sqlite3`."),
  STATE_FAILED: retry(
    "Look at the disk, the path that is named, and the limit of open files (LimitNOFILE, `ulimit -n`); the keeper tries again by itself.",
  ),
  STATE_IN_USE: retry(
    "Stop the other keeper first (`fuser` on the file instance.lock names it), or give this one its own TONSOR_STATE.",
  ),
  STATE_LOST: retry(
    "A supervisor restarts it (exit code 75) on what is there now; `tonsor rebuild` brings back a journal that is gone.",
  ),
  PLAINTEXT_KEY_REFUSED: final("Put the key into a keystore with `tonsor keystore import` and set KEYSTORE_FILE."),
  KEYSTORE_REFUSED: final(
    "Check KEYSTORE_FILE and KEYSTORE_PASSWORD_FILE (`chmod 600`); `tonsor keystore address <file>` shows whose key it is.",
  ),
  SIGNER_FAILED: retry(
    "The message names the fault: see that the signer at REMOTE_SIGNER_URL runs and holds the key of REMOTE_SIGNER_ADDRESS.",
  ),
  STUCK: retry(
    "A supervisor restarts it (exit code 75); when it comes back, check the node and the network with `doctor`.",
  ),
} satisfies Record<string, Rule>;

/** Name of an error in `ERROR_CODES`. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Errors that only a person can correct: starting again changes nothing. */
const OF_CONFIGURATION: readonly ErrorCode[] = [
  "BAD_CONFIG",
  "WRONG_CHAIN",
  "NOT_DEPLOYED",
  "PLAINTEXT_KEY_REFUSED",
  "KEYSTORE_REFUSED",
];

/** Whether the configuration or deployment must be corrected first. @example isConfigurationError("BAD_CONFIG") // true */
export function isConfigurationError(code: ErrorCode): boolean {
  return OF_CONFIGURATION.includes(code);
}

/** What the message is about: the field, the value given and what was expected instead. */
type ErrorFacts = { readonly field?: string; readonly given?: unknown; readonly expected?: string };

/** The one error class. `message` names field, value and expectation; `advice` says what to do next. */
export class TonsorError extends Error {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, what: string, facts: ErrorFacts = {}, cause?: unknown) {
    const parts = [what];
    if (facts.field !== undefined) parts.push(`field ${facts.field}`);
    if ("given" in facts) parts.push(`given ${show(facts.given)}`);
    if (facts.expected !== undefined) parts.push(`expected ${facts.expected}`);
    super(parts.join("; "), cause === undefined ? undefined : { cause });
    this.name = "TonsorError";
    this.code = code;
    this.facts = facts;
  }

  /** What to do next, in one sentence. */
  get advice(): string {
    return ERROR_CODES[this.code].next;
  }

  /** True when trying again later, unchanged, may succeed. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** A program ended before its work was done, by Ctrl-C or a supervisor: neither a defect nor a refusal. */
export class Stopped extends Error {
  readonly by: "SIGINT" | "SIGTERM";

  /** @param kept what the work so far is good for, in words; left out: for nothing */
  constructor(by: Stopped["by"], kept?: string) {
    super(kept === undefined ? `stopped by ${by}` : `stopped by ${by}; ${kept}`);
    this.by = by;
  }
}

/** The TonsorError in a chain of causes, whatever a library has wrapped around it; null when there is none. */
export function ownError(error: unknown): TonsorError | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth += 1) {
    if (at instanceof TonsorError) return at;
  }
  return null;
}

function show(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return String(value);
  const text = written(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** What is wrong is shown as far as it can be: nested too deep, or with whole numbers beyond a double, it cannot. */
function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return "a value that cannot be written as JSON";
  }
}

/** What a schema finds wrong at one place, as zod says it. */
type Issue = { readonly path: readonly PropertyKey[]; readonly message: string; readonly code?: string };

/**
 * Everything that is wrong with a content by its schema, in one line: path, what was expected, what is there.
 * @param whole how the content itself is named
 * @example schemaProblems([{ path: ["id"], message: "expected number to be <=63" }], { id: 64 }, "file") // "id: expected number to be <=63, given 64"
 */
export function schemaProblems(issues: readonly Issue[], content: unknown, whole: string): string {
  const problems = issues.map(({ path, message, code }) => {
    const where = path.map(String).join(".") || whole;
    if (code === "unrecognized_keys") return `${where}: ${message}`;
    const given = path.reduce<unknown>(
      (at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key],
      content,
    );
    return `${where}: ${message}, given ${given === undefined ? "nothing" : show(given)}`;
  });
  return problems.join("; ");
}

/** Which ends of the range are excluded. */
type Openness = { readonly openLow?: boolean; readonly openHigh?: boolean };

/**
 * Returns `value` when it lies in [low, high] (ends excluded as asked); throws OUT_OF_RANGE naming field, value and
 * range otherwise. NaN is always outside.
 * @example requireRange("tailLevel", 0.99, 0, 1, { openLow: true, openHigh: true }) // 0.99
 */
export function requireRange(field: string, value: number, low: number, high: number, open: Openness = {}): number {
  const aboveLow = open.openLow === true ? value > low : value >= low;
  const belowHigh = open.openHigh === true ? value < high : value <= high;
  if (aboveLow && belowHigh) return value;
  const range = `${open.openLow === true ? "(" : "["}${low}, ${high}${open.openHigh === true ? ")" : "]"}`;
  throw new TonsorError("OUT_OF_RANGE", `${field} is out of range`, { field, given: value, expected: `in ${range}` });
}

/** Returns `value` when it is finite and >= 0. @example requireAmount("depthUsd", 60e6) // 60000000 */
export function requireAmount(field: string, value: number): number {
  return requireRange(field, value, 0, Number.MAX_VALUE);
}

/** One thing that is wrong with what an operator or governance wrote: where, what is there, what should be. */
export type ConfigProblem = { readonly path: string; readonly given: string; readonly expected: string };

/**
 * Returns the one error that lists every problem, a line each.
 * @example configError([{ path: "CHAIN_ID", given: "x", expected: "a whole number" }]).message
 * // "1 problem in the configuration:\n  CHAIN_ID: given x, expected a whole number"
 */
export function configError(problems: readonly ConfigProblem[]): TonsorError {
  const lines = problems.map(({ path, given, expected }) => `  ${path}: given ${given}, expected ${expected}`);
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new TonsorError("BAD_CONFIG", `${count} in the configuration:\n${lines.join("\n")}`);
}
