import { type Hex, keccak256, toFunctionSelector } from "viem";

/** `position` is the third of Morpho's variables, by market and account; collateral and debt are in a position's second word. */
const POSITION_SLOT = 2n;
const SELECTOR = toFunctionSelector("function extSloads(bytes32[] slots) view returns (bytes32[])");

const word = (value: bigint): string => value.toString(16).padStart(64, "0");

/** The slots of these accounts' collateral and debt in a market. @param id of the market */
function positionSlots(id: Hex, accounts: readonly Hex[]): bigint[] {
  const ofMarket = keccak256(`${id}${word(POSITION_SLOT)}`).slice(2);
  return accounts.map((account) => BigInt(keccak256(`0x${word(BigInt(account))}${ofMarket}`)) + 1n);
}

/** The data of the call that reads those slots by Morpho's own `extSloads`. */
export function extSloadsData(id: Hex, accounts: readonly Hex[]): Hex {
  const slots = positionSlots(id, accounts);
  return `${SELECTOR}${word(32n)}${word(BigInt(slots.length))}${slots.map(word).join("")}`;
}
