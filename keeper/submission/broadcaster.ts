import { encodeFunctionData, parseAbi, toHex } from "viem";
import type { Hex } from "../domain/contract.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import { errorText } from "./sendErrors.ts";

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
  /** Hands over a signed transaction. Throws whatever the transport throws: see `sendErrors.ts`. */
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
    send: async (raw) => {
      await rpc.request({ method: "eth_sendRawTransaction", params: [raw] });
    },
    ...(relay === null
      ? {}
      : {
          sendPrivately: async (raw: Hex) => {
            await relay.request({ method: "eth_sendRawTransaction", params: [raw] });
          },
        }),
  };
}

/**
 * The same broadcaster, which asks nothing more once the signal is aborted. What is handed over, is: the journal has it
 * by then.
 * @throws the signal's reason
 */
export function abortable(broadcaster: Broadcaster, signal: AbortSignal): Broadcaster {
  const ask = <Given extends readonly unknown[], Answer>(question: (...given: Given) => Promise<Answer>) => {
    return async (...given: Given): Promise<Answer> => {
      signal.throwIfAborted();
      return question(...given);
    };
  };
  const { chainId, latestBlock, nonce, tip, publicationFee, balance, receipt, knows } = broadcaster;
  return {
    ...broadcaster,
    chainId: ask(chainId),
    latestBlock: ask(latestBlock),
    nonce: ask(nonce),
    tip: ask(tip),
    publicationFee: ask(publicationFee),
    balance: ask(balance),
    receipt: ask(receipt),
    knows: ask(knows),
  };
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
