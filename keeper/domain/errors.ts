/**
 * The closed table of error codes. Each entry says what happened and what to do next; `keeper/ERRORS.md` is held
 * equal to it by a test. A wrong argument or a broken environment is an exception with one of these codes; bad market
 * data is never an exception but a value with a `Fault` (see fault.ts).
 */
export const ERROR_CODES = {
  OUT_OF_RANGE: {
    means: "A number lies outside the range its name promises.",
    next: "Correct the named field; the message gives the value and the range.",
    retryable: false,
  },
  BAD_ARGUMENT: {
    means: "A command-line or function argument has the wrong form.",
    next: "Correct the named argument; `--help` shows the expected form.",
    retryable: false,
  },
  BAD_CONFIG: {
    means: "Configuration is incomplete or contradictory; every problem is listed with its path.",
    next: "Correct the listed settings, then run `config check`.",
    retryable: false,
  },
  BAD_FILE: {
    means: "A file is missing, unreadable or not in the expected form.",
    next: "Check the path and the columns or fields named in the message.",
    retryable: false,
  },
  UNKNOWN_MARKET: {
    means: "No market of that name is configured.",
    next: "Use one of the names listed in the message.",
    retryable: false,
  },
  UNKNOWN_TRANSACTION: {
    means: "Neither the chain nor the journal has such an update.",
    next: "Take a hash from `tonsor tx list`; RPC_URL, TONSOR_DEPLOYMENTS and TONSOR_STATE must be those of its keeper.",
    retryable: false,
  },
  HTTP_FAILED: {
    means: "A request to a venue failed, timed out, or was refused.",
    next: "Retry later; check the base URL and the network with `doctor`.",
    retryable: true,
  },
  RPC_FAILED: {
    means: "A JSON-RPC call failed or timed out.",
    next: "Retry later; check the endpoint with `doctor`.",
    retryable: true,
  },
  REDIS_FAILED: {
    means: "Redis does not answer, or not for long enough, where a sweep is shared over it.",
    next: "Check REDIS_URL and the server, then run the command again: what was done is kept. Without REDIS_URL it runs here alone.",
    retryable: true,
  },
  WRONG_CHAIN: {
    means: "The endpoint answers for another chain than the one configured.",
    next: "Correct RPC_URL or CHAIN_ID; nothing was sent.",
    retryable: false,
  },
  NO_QUORUM: {
    means: "Fewer nodes than RPC_QUORUM answer and agree; nothing is believed, signed or sent below it.",
    next: "Nothing to do if it passes; else read which node is silent, lags or disagrees, and replace it in RPC_URLS.",
    retryable: true,
  },
  NOT_DEPLOYED: {
    means: "There is no parameter contract at the configured address.",
    next: "Run `npm run deploy`, bring along the record it wrote (TONSOR_DEPLOYMENTS names its folder), or correct the address in it.",
    retryable: false,
  },
  TRANSACTION_REVERTED: {
    means: "The contract refused the batch; the decoded reason is in the message.",
    next: "Read the reason; the next cycle decides afresh from the state on chain.",
    retryable: true,
  },
  TRANSACTION_FATAL: {
    means: "The contract refuses the batch for a reason that trying again does not mend; nothing was signed or sent.",
    next: "Read the reason: a writer that was taken off, another deployment, or a fault of this program to report.",
    retryable: false,
  },
  TRANSACTION_UNKNOWN: {
    means: "A transaction was handed over but no clear answer came back.",
    next: "Nothing to do: the journal reconciles it by hash on the next cycle before anything else is sent.",
    retryable: true,
  },
  NONCE_UNCLEAR: {
    means: "What the node says of the key's next nonce contradicts the journal or the node itself; nothing was signed.",
    next: "Look at the node with `doctor`. What was signed for a false nonce is given up at its deadline, or at once by `tonsor tx cancel`.",
    retryable: true,
  },
  TRANSACTION_REFUSED: {
    means: "The transaction cannot be sent for a clear reason, such as too little ether. It is in no block.",
    next: "Read the reason and fund the keeper's address; the next cycle decides afresh.",
    retryable: true,
  },
  FEE_CAP_EXCEEDED: {
    means: "The network's base fee is above the configured cap; nothing was signed or sent.",
    next: "Wait, or raise `fees.maxFeePerGasGwei` in tonsor.config.",
    retryable: true,
  },
  SPEND_BUDGET: {
    means: "The hour's or the day's budget for fees is spent; nothing was signed or sent.",
    next: "Wait, or raise `fees.hourlyBudgetEther` and `fees.dailyBudgetEther` in tonsor.config.",
    retryable: true,
  },
  EVIDENCE_MISSING: {
    means: "The evidence named by an on-chain hash is not where it was looked for.",
    next: "Name a keeper that has it: `tonsor verify <tx> --evidence https://keeper.example/evidence`.",
    retryable: false,
  },
  EVIDENCE_MISMATCH: {
    means: "Evidence and chain disagree: a byte was changed, or the numbers do not follow from the inputs.",
    next: "Treat the update as unverified and ask the operator; the message names the first difference.",
    retryable: false,
  },
  JOURNAL_BROKEN: {
    means: "The journal cannot be opened or fails its integrity check.",
    next: "Stop the keeper and run `tonsor rebuild`: it moves the file aside and rebuilds it from chain and evidence.",
    retryable: false,
  },
  DISK_FULL: {
    means: "The disk of the state folder is full; nothing is sent while nothing can be written down first.",
    next: "Free space or shorten RETENTION_DAYS; the next cycle goes on by itself.",
    retryable: true,
  },
  JOURNAL_BUSY: {
    means: "Another process holds the journal locked; nothing is sent while nothing can be written down first.",
    next: "Nothing to do if it passes; else end what keeps it locked: a backup, or a shell in `sqlite3`.",
    retryable: true,
  },
  STATE_FAILED: {
    means:
      "The system refuses to read or write the state folder: a failing disk, rights, something else in a folder's place, or too few file descriptors.",
    next: "Look at the disk, the path that is named, and the limit of open files (LimitNOFILE, `ulimit -n`); the keeper tries again by itself.",
    retryable: true,
  },
  STATE_IN_USE: {
    means: "Another process decides and sends from this state folder.",
    next: "Stop the other keeper first (`fuser` on the file instance.lock names it), or give this one its own TONSOR_STATE.",
    retryable: true,
  },
  STATE_LOST: {
    means:
      "The state folder or its journal was removed or replaced under a running keeper; nothing was sent after that.",
    next: "A supervisor restarts it (exit code 75) on what is there now; `tonsor rebuild` brings back a journal that is gone.",
    retryable: true,
  },
  PLAINTEXT_KEY_REFUSED: {
    means: "A private key in the environment was found on a chain that is not a development chain.",
    next: "Put the key into a keystore with `tonsor keystore import` and set KEYSTORE_FILE.",
    retryable: false,
  },
  KEYSTORE_REFUSED: {
    means:
      "The keystore or its password cannot be used: missing, no V3 file, another password, or open to other users.",
    next: "Check KEYSTORE_FILE and KEYSTORE_PASSWORD_FILE (`chmod 600`); `tonsor keystore address <file>` shows whose key it is.",
    retryable: false,
  },
  SIGNER_FAILED: {
    means:
      "The remote signer is silent, refuses, or signed something else than it was asked; nothing was journalled or sent.",
    next: "The message names the fault: see that the signer at REMOTE_SIGNER_URL runs and holds the key of REMOTE_SIGNER_ADDRESS.",
    retryable: true,
  },
  STUCK: {
    means:
      "The keeper made no progress for longer than its limit, or a tick hangs; it gives up so that it is started anew.",
    next: "A supervisor restarts it (exit code 75); when it comes back, check the node and the network with `doctor`.",
    retryable: true,
  },
} as const satisfies Record<string, { means: string; next: string; retryable: boolean }>;

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
