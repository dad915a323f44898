import type { Hex } from "viem";
import type { Call } from "./rpc.ts";

/** Where the gathering code is while a node runs it; no chain has anything at this address. */
const GATHER_AT: Hex = "0x746f6e736f722e67617468657200000000000001";

/** Runtime code of `contracts/lens/Gather.sol`, without the compiler's metadata. */
const GATHER_CODE: Hex =
  "0x60808060405234605b5780805f5b368110601857500390f35b91506004905f8084359483601661ffff8860501c16838183819601853701019660601c5afa903d8202918260e01b9060f81b178152815f8483013e01018291600d565b5f80fdfe";

const MOST_BYTES = 0xffff;

/**
 * Parameters of the one `eth_call` that makes all these calls at a block; null when one of them has more data than 65 535
 * bytes. The code is handed to the node with the question (a state override), so it needs no contract on the chain.
 * @example gatherParams([{ to: "0x11..11", data: "0x01" }], "0xff")[0].data // "0x11..11000101"
 */
export function gatherParams(calls: readonly Call[], block: Hex): readonly [Call, Hex, object] | null {
  const records = calls.map(({ to, data }) => {
    const bytes = (data.length - 2) / 2;
    return bytes > MOST_BYTES ? null : `${to.slice(2)}${bytes.toString(16).padStart(4, "0")}${data.slice(2)}`;
  });
  if (records.includes(null)) return null;
  const data: Hex = `0x${records.join("")}`;
  return [{ to: GATHER_AT, data }, block, { ...codesOf(calls), [GATHER_AT]: { code: GATHER_CODE } }];
}

/** Parameters of the `eth_call` that makes one call by itself. */
export function callParams(call: Call, block: Hex): readonly unknown[] {
  const { to, data, code } = call;
  return code === undefined ? [{ to, data }, block] : [{ to, data }, block, codesOf([call])];
}

function codesOf(calls: readonly Call[]): Readonly<Record<Hex, { readonly code: Hex }>> {
  return Object.fromEntries(calls.flatMap(({ to, code }) => (code === undefined ? [] : [[to, { code }]])));
}

/**
 * Return data of each call, in their order; null for one that failed, which may be for want of gas in so large a call.
 * Null in all when these are not the bytes that the code returns for so many calls.
 * @example readGathered("0x01000001ff00000000", 2) // ["0xff", null]
 */
export function readGathered(data: string, count: number): (Hex | null)[] | null {
  const results: (Hex | null)[] = [];
  let at = 2;
  for (let i = 0; i < count; i++) {
    const flag = data.slice(at, at + 2);
    const end = at + 8 + 2 * Number.parseInt(data.slice(at + 2, at + 8), 16);
    if ((flag !== "00" && flag !== "01") || !(end <= data.length)) return null;
    results.push(flag === "01" ? `0x${data.slice(at + 8, end)}` : null);
    at = end;
  }
  return at === data.length ? results : null;
}
