import { type Abi, decodeFunctionResult, encodeFunctionData, type Hex, parseAbi } from "viem";
import type { PoolToken } from "../../domain/observation.ts";
import type { Rpc } from "../../io/rpc.ts";
import { type ReadContracts, readAll, readToken } from "../contractReads.ts";

/** Views of Curve's pools, of all generations. Indices are int128 in StableSwap, uint256 in CryptoSwap. */
export const CURVE = parseAbi([
  "function coins(uint256) view returns (address)",
  "function balances(uint256) view returns (uint256)",
  "function A() view returns (uint256)",
  "function A_precise() view returns (uint256)",
  "function fee() view returns (uint256)",
  "function offpeg_fee_multiplier() view returns (uint256)",
  "function stored_rates() view returns (uint256[])",
  "function get_dy(int128 i, int128 j, uint256 dx) view returns (uint256)",
  "function price_scale() view returns (uint256)",
  "function gamma() view returns (uint256)",
  "function D() view returns (uint256)",
  "function future_A_gamma_time() view returns (uint256)",
  "function mid_fee() view returns (uint256)",
  "function out_fee() view returns (uint256)",
  "function fee_gamma() view returns (uint256)",
]);
export const CRYPTO_QUOTE = parseAbi(["function get_dy(uint256 i, uint256 j, uint256 dx) view returns (uint256)"]);

/** Curve's sign for ether itself. */
const ETHER = "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";

/** Reads one pool at one block. */
export type CurveReader = {
  /** Results in the order of the names; throws ReadFault where one reverts. */
  numbers(names: readonly string[]): Promise<bigint[]>;
  /** Results of one view for the first `count` coins; throws ReadFault. */
  each<T>(name: string, count: number): Promise<T[]>;
  /** One call with arguments; throws ReadFault. */
  all<T>(abi: Abi, calls: readonly (readonly [name: string, ...args: unknown[]])[]): Promise<T[]>;
  /** The result of a view that not every generation has, or null. */
  maybe<T>(name: string, ...args: unknown[]): Promise<T | null>;
  readonly token: (address: Hex) => Promise<PoolToken>;
};

export function curveReader(rpc: Rpc, pool: Hex, blockNumber: bigint, signal?: AbortSignal): CurveReader {
  const read: ReadContracts = (abi, reads) => readAll(rpc, abi, reads, blockNumber, signal);
  const all: CurveReader["all"] = (abi, calls) =>
    read(
      abi,
      calls.map(([name, ...args]) => [pool, name, ...args] as const),
    );
  return {
    all,
    each: <T>(name: string, count: number) =>
      all<T>(
        CURVE,
        Array.from({ length: count }, (_, at) => [name, BigInt(at)] as const),
      ),
    numbers: (names) =>
      all<bigint>(
        CURVE,
        names.map((name) => [name] as const),
      ),
    async maybe<T>(functionName: string, ...args: unknown[]): Promise<T | null> {
      const data = encodeFunctionData({ abi: CURVE as Abi, functionName, args });
      const [result] = await rpc.calls([{ to: pool, data }], blockNumber, signal);
      if (result?.ok !== true || result.data === "0x") return null;
      try {
        return decodeFunctionResult({ abi: CURVE as Abi, functionName, data: result.data }) as T;
      } catch {
        return null;
      }
    },
    async token(address) {
      if (address.toLowerCase() === ETHER) return { address, symbol: "ETH", decimals: 18 };
      return await readToken(address, read);
    },
  };
}
