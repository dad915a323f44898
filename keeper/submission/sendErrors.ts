/**
 * What a node meant when it did not simply accept a transaction. Only `UNCLEAR` leaves it open whether the node has it:
 * a lost answer, a 502, or words that nobody has classified.
 */
type SendVerdict =
  | "ALREADY_KNOWN"
  | "NONCE_USED"
  | "UNDERPRICED"
  | "INSUFFICIENT_FUNDS"
  | "REVERTED"
  | "FULL"
  | "INVALID"
  | "UNCLEAR";

/**
 * Words of geth, Erigon, Nethermind, Besu, Reth/anvil and Hardhat, most telling first. Text, because error codes do not
 * tell: client libraries report anvil's "already imported" as a low nonce and Hardhat's "underpriced" as invalid input.
 */
const WORDS: readonly (readonly [SendVerdict, RegExp])[] = [
  ["ALREADY_KNOWN", /already known|already imported|already exists|known transaction|alreadyknown|already in mempool/],
  // Reth holds sixteen of one key, and says so with the first of these words.
  ["FULL", /pool is full|account limit exceeded|identified as (a )?spammer/],
  ["INSUFFICIENT_FUNDS", /insufficient funds|insufficient balance|doesn't have enough funds|sender balance/],
  [
    "UNDERPRICED",
    /underpriced|fee too low|max fee per gas less than|less than block base fee|feetoolow|below.*base fee/,
  ],
  ["NONCE_USED", /nonce too low|nonce is too low|oldnonce|nonce.*has already been used/],
  ["REVERTED", /execution reverted|reverted with|vm exception/],
  [
    "INVALID",
    /intrinsic gas too low|exceeds block gas limit|gas limit.*(too high|cap)|invalid (sender|signature|chain id)|nonce too high/,
  ],
];

/**
 * Returns what an error of `eth_sendRawTransaction` means, from the text of the whole cause chain.
 * @example classifySendError(new Error("x", { cause: new Error("transaction already imported") })) // "ALREADY_KNOWN"
 */
export function classifySendError(error: unknown): SendVerdict {
  const text = errorText(error).toLowerCase();
  return WORDS.find(([, pattern]) => pattern.test(text))?.[0] ?? "UNCLEAR";
}

/** All messages of an error and its causes in one line, without repetition. */
export function errorText(error: unknown): string {
  const texts = new Set<string>();
  let at: unknown = error;
  for (let depth = 0; depth < 10 && at !== null && at !== undefined; depth += 1) {
    if (typeof at === "string") texts.add(at);
    if (typeof at !== "object") break;
    for (const key of ["message", "details", "data"] as const) {
      const value: unknown = Reflect.get(at, key);
      if (typeof value === "string") texts.add(value);
    }
    at = Reflect.get(at, "cause");
  }
  return [...texts].join(" | ").replaceAll(/\s+/g, " ");
}
