import type { Source } from "./ast.ts";
import type { Guard } from "./guard.ts";

/** The first of the addresses that stand for guards: guard i is taken away where the coinbase is this plus i. */
const FIRST = 0x6a00_0000_0000n;

/** The coinbase under which every guard is in place. */
export const NOBODY = `0x${"0".repeat(40)}`;

/** The coinbase under which a guard is taken away; under any other the contract is as written. */
export function coinbaseOf(index: number): `0x${string}` {
  return `0x${(FIRST + BigInt(index)).toString(16).padStart(40, "0")}`;
}

/**
 * The source with every guard under a switch: one compilation serves them all. `pure` becomes `view`, because the switch
 * reads the block.
 */
export function instrument({ text }: Source, guards: readonly (readonly [number, Guard])[]): string {
  type Insert = { readonly at: number; readonly order: number; readonly what: string };
  const inserts: Insert[] = guards.flatMap(([index, { cuts }]) =>
    cuts.flatMap(({ start, end, before, after }) => [
      // Where several begin at one place the widest comes first; where several end the narrowest does.
      { at: start, order: start - end, what: switched(before, index) },
      { at: end, order: end - start - 1e9, what: switched(after, index) },
    ]),
  );
  inserts.sort((a, b) => a.at - b.at || a.order - b.order);
  let [done, result] = [0, ""];
  for (const { at, what } of inserts) {
    result += text.subarray(done, at).toString("utf8") + what;
    done = at;
  }
  return viewed(result + text.subarray(done).toString("utf8"));
}

/**
 * The source with `view` for `pure`. The switches need room on the stack, which the compiler finds in memory if all
 * assembly is declared to leave its memory alone; the contract's does, or ends the call.
 */
export function viewed(content: string): string {
  return content.replace(/\bpure\b/g, "view").replace(/\bassembly \{/g, 'assembly ("memory-safe") {');
}

function switched(text: string, index: number): string {
  const id = coinbaseOf(index).replace(/^0x0+/, "0x");
  return text
    .replace(/\bYUL_OFF\b/g, `eq(coinbase(), ${id})`)
    .replace(/\bON\b/g, `block.coinbase != address(uint160(${id}))`)
    .replace(/\bOFF\b/g, `block.coinbase == address(uint160(${id}))`);
}
