import { encodeFunctionData, parseAbi, toHex } from "viem";
import type { Hex } from "../domain/contract.ts";
import { ownError, TonsorError } from "../domain/errors.ts";

/** JSON-RPC as submission needs it: an EIP-1193 `request`, such as a viem client's. It must not retry by itself. */
type Rpc = { request(args: { method: string; params?: unknown }): Promise<unknown> };

/** The part of a receipt that decides an intent. */
export type Receipt = {
  readonly success: boolean;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  /** What the transaction cost, wei. */
  readonly feeWei: bigint;
};

/** Sends signed transactions, and answers the few questions that sending raises: each answers or throws `RPC_FAILED`; none guesses. */
export type Broadcaster = {
  chainId(): Promise<number>;
  /** Timestamp, number and base fee (wei) of the latest block. */
  latestBlock(): Promise<{ readonly time: number; readonly number: bigint; readonly baseFee: bigint }>;
  /** Transactions of an account that are in blocks, up to one by its number, or (pending) also those in this node's pool. */
  nonce(account: Hex, at: "latest" | "pending" | bigint): Promise<number>;
  /** What the ten blocks up to a block paid above the base fee in the middle, wei per gas; null where no node can say. */
  tip(block: bigint): Promise<bigint | null>;
  /** What a rollup asks for the publication of an unsigned transaction beside its gas, wei; 0 on other chains. */
  publicationFee(unsigned: Hex): Promise<bigint>;
  /** Balance of an account at the latest block, wei. */
  balance(account: Hex): Promise<bigint>;
  receipt(hash: Hex): Promise<Receipt | null>;
  /** Whether the node has the transaction at all, in a block or in its pool. */
  knows(hash: Hex): Promise<boolean>;
  /** Hands over a signed transaction. Throws whatever the transport throws: see `classifySendError`. */
  send(raw: Hex): Promise<void>;
  /** Hands it to a private relay alone; absent when there is none. Throws as `send` does. */
  sendPrivately?(raw: Hex): Promise<void>;
};

/** Sends by the node behind `rpc`, and privately by the relay where there is one. */
export function openBroadcaster(rpc: Rpc, relay: Rpc | null = null): Broadcaster {
  const ask = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    try {
      return await rpc.request({ method, params });
    } catch (error) {
      const own = ownError(error);
      if (own !== null) throw own;
      throw new TonsorError("RPC_FAILED", `${method}: ${errorText(error).slice(0, 200)}`, {}, error);
    }
  };
  return {
    chainId: async () => Number(quantity(await ask("eth_chainId", []), "eth_chainId")),
    latestBlock: async () => {
      const block = record(await ask("eth_getBlockByNumber", ["latest", false]), "eth_getBlockByNumber");
      const baseFee = block["baseFeePerGas"];
      return {
        time: Number(quantity(block["timestamp"], "timestamp")),
        number: quantity(block["number"], "number"),
        baseFee: baseFee === undefined || baseFee === null ? 0n : quantity(baseFee, "baseFeePerGas"),
      };
    },
    nonce: async (account, at) => {
      const block = typeof at === "bigint" ? toHex(at) : at;
      return Number(quantity(await ask("eth_getTransactionCount", [account, block]), "eth_getTransactionCount"));
    },
    tip: async (block) => {
      try {
        const history = record(await ask("eth_feeHistory", ["0xa", toHex(block), [50]]), "eth_feeHistory");
        return middleTip(history["reward"]);
      } catch (error) {
        // Some nodes do not have it; the tip is then the usual one.
        if (ownError(error)?.code === "RPC_FAILED" || ownError(error)?.code === "NO_QUORUM") return null;
        throw error;
      }
    },
    publicationFee: async (unsigned) => {
      const data = encodeFunctionData({ abi: GAS_PRICE_ORACLE, args: [unsigned] });
      const answer = await ask("eth_call", [{ to: OP_GAS_PRICE_ORACLE, data }, "latest"]);
      return answer === "0x" ? 0n : quantity(answer, "getL1Fee");
    },
    balance: async (account) => quantity(await ask("eth_getBalance", [account, "latest"]), "eth_getBalance"),
    receipt: async (hash) => {
      const answer = await ask("eth_getTransactionReceipt", [hash]);
      if (answer === null) return null;
      const receipt = record(answer, "eth_getTransactionReceipt");
      return {
        success: quantity(receipt["status"], "status") === 1n,
        blockNumber: quantity(receipt["blockNumber"], "blockNumber"),
        blockHash: hash32(receipt["blockHash"], "blockHash"),
        feeWei: feeOf(receipt),
      };
    },
    knows: async (hash) => (await ask("eth_getTransactionByHash", [hash])) !== null,
    send: sendBy(rpc),
    ...(relay === null ? {} : { sendPrivately: sendBy(relay) }),
  };
}

function sendBy(rpc: Rpc): Broadcaster["send"] {
  return async (raw) => void (await rpc.request({ method: "eth_sendRawTransaction", params: [raw] }));
}

/**
 * The same broadcaster, which asks nothing more once the signal is aborted. What is handed over, is: the journal has it
 * by then.
 * @throws the signal's reason
 */
export function abortable(broadcaster: Broadcaster, signal: AbortSignal): Broadcaster {
  const { send: _, sendPrivately: __, ...questions } = broadcaster;
  const asked = Object.entries(questions).map(([name, question]) => {
    const ask = question as (...given: unknown[]) => Promise<unknown>;
    const unlessAborted = async (...given: unknown[]) => {
      signal.throwIfAborted();
      return ask(...given);
    };
    return [name, unlessAborted] as const;
  });
  return { ...broadcaster, ...Object.fromEntries(asked) };
}

/** Where the OP stack tells what a rollup's transaction pays on L1 (specs.optimism.io, predeploys, GasPriceOracle). */
const OP_GAS_PRICE_ORACLE = "0x420000000000000000000000000000000000000F";
const GAS_PRICE_ORACLE = parseAbi(["function getL1Fee(bytes unsigned) view returns (uint256)"]);

/** Gas at its price, and what the receipts of a rollup call l1Fee. */
function feeOf(receipt: Record<string, unknown>): bigint {
  const l1Fee = receipt["l1Fee"];
  const gas = quantity(receipt["gasUsed"], "gasUsed") * quantity(receipt["effectiveGasPrice"], "effectiveGasPrice");
  return l1Fee === undefined || l1Fee === null ? gas : gas + quantity(l1Fee, "l1Fee");
}

/** The middle one of what the blocks paid, without those that paid nothing, as empty ones do; null when there is none. */
function middleTip(rewards: unknown): bigint | null {
  const rows = Array.isArray(rewards) ? (rewards as unknown[]) : [];
  const tips = rows.map((row) => quantity(Array.isArray(row) ? row[0] : null, "reward")).filter((tip) => tip > 0n);
  return tips.toSorted((a, b) => (a < b ? -1 : 1))[Math.floor((tips.length - 1) / 2)] ?? null;
}

function quantity(value: unknown, what: string): bigint {
  if (typeof value === "string" && /^0x[0-9a-fA-F]+$/.test(value)) return BigInt(value);
  throw new TonsorError("RPC_FAILED", `${what} is not a quantity`, {
    given: value,
    expected: "0x and hexadecimal digits",
  });
}

function hash32(value: unknown, what: string): Hex {
  if (typeof value === "string" && /^0x[0-9a-fA-F]{64}$/.test(value)) return value.toLowerCase() as Hex;
  throw new TonsorError("RPC_FAILED", `${what} is not a hash`, { given: value, expected: "0x and 64 digits" });
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new TonsorError("RPC_FAILED", `${what} is not an object`, { given: value });
}

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
