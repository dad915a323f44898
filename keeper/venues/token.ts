import { type Abi, getAddress, type Hex, parseAbi } from "viem";
import type { PoolToken } from "../domain/observation.ts";
import type { ContractRead } from "./contractReads.ts";

const TOKEN = parseAbi(["function symbol() view returns (string)", "function decimals() view returns (uint8)"]);

/** Address, symbol (32 characters at most) and decimals of an ERC-20 token. Throws what `read` throws. */
export async function readToken(
  token: Hex,
  read: <T>(abi: Abi, reads: readonly ContractRead[]) => Promise<T[]>,
): Promise<PoolToken> {
  const [[symbol = ""], [decimals = 0]] = await Promise.all([
    read<string>(TOKEN, [[token, "symbol"]]),
    read<number>(TOKEN, [[token, "decimals"]]),
  ]);
  return { address: getAddress(token), symbol: symbol.slice(0, 32), decimals };
}
