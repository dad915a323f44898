import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { TonsorError } from "../../../keeper/domain/errors.ts";

/** State of a Uniswap v3 pool to be laid out: its price and everything its liquidity consists of. */
export type TickMap = {
  /** Where it comes from, for people. */
  readonly source: string;
  readonly feePips: number;
  readonly tickSpacing: number;
  readonly sqrtPriceX96: bigint;
  readonly tick: number;
  /** In-range liquidity as the source states it. */
  readonly liquidity: bigint;
  /** Initialised ticks, ascending; nets sum to zero. */
  readonly ticks: readonly MapTick[];
  /** What the source's nets were short of zero; taken out of the last tick. 0 for exact sources. */
  readonly residue: bigint;
};

export type MapTick = { readonly index: number; readonly liquidityNet: bigint; readonly liquidityGross: bigint };

const decimal = z.string().regex(/^-?\d+(\.\d+)?(e\+?\d+)?$/i);
const poolFile = z.object({
  name: z.string(),
  fee: z.int(),
  tick_spacing: z.int(),
  sqrt_price_x96: decimal,
  tick: z.int(),
  liquidity: decimal,
  ticks: z.array(z.tuple([z.int(), decimal, decimal])).min(2),
});

/** Returns the integer a decimal text stands for, exactly. @example exactInteger("2.9651014881301328e+19") // 29651014881301328000n */
export function exactInteger(text: string): bigint {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e\+?(\d+))?$/i.exec(text) ?? [];
  const zeros = Number(exponent) - fraction.length;
  if (whole === "" || zeros < 0) {
    throw new TonsorError("BAD_FILE", "a liquidity is not an integer", { given: text, expected: "a whole number" });
  }
  return BigInt(`${sign}${whole}${fraction}${"0".repeat(zeros)}`);
}

/** Reads a recorded pool, .json or .json.gz. @throws TonsorError BAD_FILE naming the field. */
export function readTickMap(file: string): TickMap {
  const bytes = readFileSync(file);
  return parseTickMap((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"), file);
}

/**
 * Returns the tick map of a recorded pool. Sources that stored liquidity as floats lose the last digits, so that the
 * nets no longer sum to zero: what is missing (at most 1e-12 of the liquidity that passes) is closed in the last tick
 * and reported as `residue`. Gross gives way by one unit where its parity contradicts net's.
 */
export function parseTickMap(text: string, name = "pool file"): TickMap {
  const parsed = poolFile.safeParse(readJson(text, name));
  if (!parsed.success) throw new TonsorError("BAD_FILE", `${name}: ${z.prettifyError(parsed.error)}`);
  const file = parsed.data;
  const nets = file.ticks.map(([, net]) => exactInteger(net));
  const residue = nets.reduce((sum, net) => sum + net, 0n);
  const positive = nets.reduce((sum, net) => (net > 0n ? sum + net : sum), 0n);
  if (abs(residue) * 10n ** 12n > positive) {
    throw new TonsorError("BAD_FILE", `${name}: liquidity nets do not cancel`, { given: residue, expected: "0" });
  }
  const last = file.ticks.length - 1;
  const ticks = file.ticks.map(([index, , gross], i) => {
    const liquidityNet = (nets[i] ?? 0n) - (i === last ? residue : 0n);
    const stated = exactInteger(gross);
    const enough = stated < abs(liquidityNet) || i === last ? abs(liquidityNet) : stated;
    return { index, liquidityNet, liquidityGross: enough + ((enough + liquidityNet) & 1n) };
  });
  return {
    source: file.name,
    feePips: file.fee,
    tickSpacing: file.tick_spacing,
    sqrtPriceX96: exactInteger(file.sqrt_price_x96),
    tick: file.tick,
    liquidity: exactInteger(file.liquidity),
    ticks: ticks.sort((a, b) => a.index - b.index),
    residue,
  };
}

/** Returns the in-range liquidity at `tick`: the sum of the nets at and below it. */
export function liquidityAt(ticks: readonly MapTick[], tick: number): bigint {
  return ticks.reduce((sum, each) => (each.index <= tick ? sum + each.liquidityNet : sum), 0n);
}

function readJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `${name} is not JSON`, {}, cause);
  }
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}
