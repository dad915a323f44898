import {
  type Abi,
  decodeFunctionResult,
  encodeFunctionData,
  getAddress,
  type Hex,
  parseAbi,
  prepareEncodeFunctionData,
} from "viem";
import { TonsorError } from "../domain/errors.ts";
import { type Fault, type FaultCode, fault } from "../domain/fault.ts";
import type { PoolToken } from "../domain/observation.ts";
import { plainWords } from "../domain/words.ts";
import type { Call, CallResult, Rpc } from "../io/rpc.ts";

const TOKEN = parseAbi(["function symbol() view returns (string)", "function decimals() view returns (uint8)"]);

/** One view function of one contract, with its arguments. */
type ContractRead = readonly [to: Hex, functionName: string, ...args: unknown[]];

/** `readAll` at one block of one node. */
export type ReadContracts = <T>(abi: Abi, reads: readonly ContractRead[]) => Promise<T[]>;

/** A read that failed for a reason which is the contract's and not the node's; it becomes a fault of the source. */
export class ReadFault extends Error {
  readonly code: FaultCode;
  constructor(code: FaultCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/**
 * Decoded results of view functions at one block, in their order; tuples for several return values.
 * @throws ReadFault VENUE_ERROR for a call that reverted, SCHEMA for bytes of another shape
 * @throws TonsorError RPC_FAILED, WRONG_CHAIN
 */
export async function readAll<T>(
  rpc: Rpc,
  abi: Abi,
  reads: readonly ContractRead[],
  blockNumber: bigint,
  signal?: AbortSignal,
): Promise<T[]> {
  // A pool is read by a thousand calls of two functions: each signature is hashed once.
  const names = new Set(reads.map(([, name]) => name));
  const prepared = new Map([...names].map((name) => [name, prepareEncodeFunctionData({ abi, functionName: name })]));
  const calls: Call[] = reads.map(([to, name, ...args]) => ({
    to,
    data: encodeFunctionData({ ...prepared.get(name)!, args }),
  }));
  const results = await rpc.calls(calls, blockNumber, signal);
  return results.map((result, i) => {
    const name = reads[i]?.[1] ?? "";
    return decode<T>(prepared.get(name)?.abi ?? abi, name, result);
  });
}

/** Address, symbol (32 characters at most) and decimals of an ERC-20 token. Throws what `read` throws. */
export async function readToken(token: Hex, read: ReadContracts): Promise<PoolToken> {
  const [[symbol = ""], [decimals = 0]] = await Promise.all([
    read<string>(TOKEN, [[token, "symbol"]]),
    read<number>(TOKEN, [[token, "decimals"]]),
  ]);
  return { address: getAddress(token), symbol: plainWords(symbol.slice(0, 32)), decimals };
}

/**
 * What an exception of a read means: the fault of its source. A node of another chain is no fault of a source: nothing
 * that was read means anything then, and the error goes on.
 * @throws TonsorError WRONG_CHAIN, and whatever is neither a ReadFault nor a TonsorError
 */
export function faultOfRead(error: unknown, source: string): Fault {
  if (error instanceof ReadFault) return fault(error.code, source, error.message);
  if (!(error instanceof TonsorError) || error.code === "WRONG_CHAIN") throw error;
  return fault("UNREACHABLE", source, error.message);
}

function decode<T>(abi: Abi, functionName: string, result: CallResult): T {
  if (!result.ok) throw new ReadFault("VENUE_ERROR", `${functionName} reverted: ${result.reason}`);
  try {
    return decodeFunctionResult({ abi, functionName, data: result.data }) as T;
  } catch {
    const bytes = (result.data.length - 2) / 2;
    throw new ReadFault("SCHEMA", `${functionName} answered ${bytes} bytes of another shape: no such contract there`);
  }
}
