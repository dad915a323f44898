import { z } from "zod";
import { type Fault, type FaultLog, fault, faultLog } from "../../domain/fault.ts";
import { binanceOption } from "../optionNames.ts";
import { decimal, parseShape, readRows, withoutRepeats } from "../parse.ts";
import { openBinance } from "./board.ts";

const Info = z.object({ optionSymbols: z.array(z.unknown()) });
const Contract = z.object({
  symbol: z.string(),
  side: z.enum(["CALL", "PUT"]),
  strikePrice: decimal,
  /** Milliseconds. */
  expiryDate: z.number(),
  /** Coins of one contract. */
  unit: z.number(),
  quoteAsset: z.literal("USDT"),
});

/** Symbols of the contracts whose premium is that of one coin, and whose listing agrees with their name. */
export type Contracts = ReadonlySet<string>;

/**
 * The contracts in the body of `eapi/v1/exchangeInfo` that can be read. One whose expiry, strike or side is not what its
 * name says is left out and counted as INCONSISTENT, as are rows of another shape and repeats that differ. A contract of
 * more or less than one coin (small coins; never BTC and ETH) is left out: the documentation does not say whether its
 * premium is per contract or per coin.
 * @example parseContracts(body, "binance:ETH:options").contracts?.has("ETH-260227-3000-C") // true
 */
export function parseContracts(
  body: string,
  source: string,
): { readonly contracts: Contracts | null; readonly faults: readonly Fault[] } {
  const opened = openBinance(body, source);
  if ("fault" in opened) return { contracts: null, faults: [opened.fault] };
  const parsed = parseShape(opened.value, Info, source);
  if ("fault" in parsed) return { contracts: null, faults: [parsed.fault] };
  const log = faultLog(source);
  const rows = readRows(parsed.data.optionSymbols, Contract, "contract", log).filter((row) => isItself(row, log));
  const once = withoutRepeats(rows, (row) => ({ key: row.symbol, text: JSON.stringify(row) }), log);
  if (once.length === 0) return { contracts: null, faults: [fault("EMPTY", source, "no contract"), ...log.faults()] };
  return { contracts: new Set(once.filter((row) => row.unit === 1).map((row) => row.symbol)), faults: log.faults() };
}

function isItself(row: z.infer<typeof Contract>, log: FaultLog): boolean {
  const named = binanceOption(row.symbol);
  if (named === null) {
    log.add("SCHEMA", "symbol is not an option's", row.symbol);
    return false;
  }
  const same =
    named.expiry * 1000 === row.expiryDate &&
    named.strike === row.strikePrice &&
    named.kind === (row.side === "CALL" ? "call" : "put");
  if (!same) log.add("INCONSISTENT", "a contract's expiry, strike or side is not what its name says", row.symbol);
  return same;
}
