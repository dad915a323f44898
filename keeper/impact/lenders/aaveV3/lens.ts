import type { Hex } from "viem";
import type { Call } from "../../../io/rpc.ts";

/** Where the lens is while a node runs it; no chain has anything at this address. */
const LENS_AT: Hex = "0x746f6e736f722e616176656c656e730000000001";

/** Runtime code of `contracts/lens/AaveLens.sol`, without the compiler's metadata. */
const LENS_CODE: Hex =
  "0x608080604052346101355780806016602860143560f01c02015f3560601c815b36811061002d575050500390f35b8091929394503560601c7f4417a583000000000000000000000000000000000000000000000000000000005f528060045260205f602481865afa1560203d1017610135575f5180957feddf1b79000000000000000000000000000000000000000000000000000000005f528260045260205f602481885afa1560203d1017610135575f518060081c61013557602192825260208201530194806016915b6100de57505050601401908493929161001f565b858210156101355760028116610123575b60018116610107575b60289091019060021c806100ca565b959061011a836028936014840190610139565b969091506100f8565b95828261012f92610139565b956100ef565b5f80fd5b903560601c80925f9361015d575b50508160801c6101355760109160801b81520190565b60209293505f80926024927f1da24f3e0000000000000000000000000000000000000000000000000000000083526004525afa1560203d1017610135575f51905f8061014756fe";

/** Gas of an account with one collateral and one debt, as measured on Aave's bytecode, rounded up. */
const ACCOUNT_GAS = 34_000;
/** Accounts of one call: public nodes allow 50 million gas, and gathered reads keep below 40. */
export const LENS_ACCOUNTS = 1_000;

/** The tokens of a reserve; zero addresses for one that was dropped. */
type Tokens = { readonly aToken: Hex; readonly debtToken: Hex };

/** An account as the lens gives it: its configuration, its e-mode, and scaled balances by reserve id. */
export type RawAccount = {
  readonly account: Hex;
  readonly mode: number;
  readonly collateral: readonly (readonly [reserve: number, scaled: bigint])[];
  readonly debts: readonly (readonly [reserve: number, scaled: bigint])[];
};

/** The call that reads some accounts by code sent along with it. @param reserves by their id, from 0 */
export function lensCall(pool: Hex, reserves: readonly Tokens[], accounts: readonly Hex[]): Call {
  const digits = (address: Hex) => address.slice(2);
  const table = reserves.map(({ aToken, debtToken }) => digits(aToken) + digits(debtToken)).join("");
  const count = reserves.length.toString(16).padStart(4, "0");
  const data: Hex = `${pool}${count}${table}${accounts.map(digits).join("")}`;
  return { to: LENS_AT, data, code: LENS_CODE, gas: accounts.length * ACCOUNT_GAS };
}

/** What the lens answered about these accounts; null when these are not the bytes of an answer. */
export function readLens(data: Hex, accounts: readonly Hex[]): RawAccount[] | null {
  let at = 2;
  const take = (bytes: number): bigint => {
    const digits = data.slice(at, at + 2 * bytes);
    at += 2 * bytes;
    return digits.length === 2 * bytes ? BigInt(`0x${digits}`) : -1n;
  };
  const read: RawAccount[] = [];
  for (const account of accounts) {
    let flags = take(32);
    const mode = Number(take(1));
    if (flags < 0n || mode < 0) return null;
    const collateral: [number, bigint][] = [];
    const debts: [number, bigint][] = [];
    for (let reserve = 0; flags !== 0n; reserve++, flags >>= 2n) {
      if ((flags & 2n) !== 0n) collateral.push([reserve, take(16)]);
      if ((flags & 1n) !== 0n) debts.push([reserve, take(16)]);
    }
    if ([...collateral, ...debts].some(([, scaled]) => scaled < 0n)) return null;
    read.push({ account, mode, collateral, debts });
  }
  return at === data.length ? read : null;
}
