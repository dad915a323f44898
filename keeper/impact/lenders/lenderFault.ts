import type { Hex } from "../../domain/contract.ts";
import { plainWords } from "../../domain/words.ts";

/** What makes a lender's book unusable. It holds raises of maintenance and shows; it never stops a cycle and never loosens. */
const LENDER_FAULTS = {
  NOT_INDEXED: "its borrowers are not all known yet: the events since its first block are being read",
  LOGS_REFUSED: "the node does not give its events, even of a single block",
  FOREIGN_LOG: "the node gave an event of another contract, kind or block",
  TOO_MANY: "more borrowers than are kept",
  VIEW_REVERTS: "one of its views reverts or answers bytes of another shape",
  POOL_MOVED: "its registry names another pool than the record",
  WRONG_MARKET: "its assets are not those of the market that the record names",
  WRONG_DECIMALS: "it counts with other decimals than its token has",
  NO_PRICE: "its oracle has no price",
  OTHER_PRICE: "it values a market's collateral by another price than the keeper's",
  PAUSED: "it is paused: nobody can repay, so nobody's threshold may be moved",
  DISAGREES: "its own health factor of an account is another than the one computed here",
  UNREACHABLE: "the node does not answer",
} as const;

type LenderFaultCode = keyof typeof LENDER_FAULTS;

/** Thrown while a book is read; becomes a line of the gate's problems. */
export class LenderFault extends Error {
  readonly code: LenderFaultCode;
  constructor(code: LenderFaultCode, detail: string) {
    super(`${code}: ${plainWords(detail).slice(0, 300)}`);
    this.code = code;
  }
}

/** Throws the fault unless two addresses are the same. */
export function assertSame(code: LenderFaultCode, what: string, given: Hex, expected: Hex): void {
  if (given.toLowerCase() === expected.toLowerCase()) return;
  throw new LenderFault(code, `${what} is ${given}, not ${expected}`);
}
