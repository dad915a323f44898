import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { integerText } from "../files/exactInteger.ts";

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

const poolFile = z.object({
  name: z.string(),
  fee: z.int(),
  tick_spacing: z.int(),
  sqrt_price_x96: integerText,
  tick: z.int(),
  liquidity: integerText,
  ticks: z.array(z.tuple([z.int(), integerText, integerText])).min(2),
});

/**
 * The tick map of a recorded pool, .json or .json.gz. Sources that stored liquidity as floats lose the last digits, so that the
 * nets no longer sum to zero: what is missing (at most 1e-12 of the liquidity that passes) is closed in the last tick
 * and reported as `residue`. Gross gives way by one unit where its parity contradicts net's.
 * @throws TonsorError BAD_FILE naming the field
 */
export function readTickMap(name: string): TickMap {
  const bytes = readFileSync(name);
  const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
  const parsed = poolFile.safeParse(readJson(text, name));
  if (!parsed.success) throw new TonsorError("BAD_FILE", `${name}: ${z.prettifyError(parsed.error)}`);
  const file = parsed.data;
  const nets = file.ticks.map(([, net]) => net);
  const residue = nets.reduce((sum, net) => sum + net, 0n);
  const positive = nets.reduce((sum, net) => (net > 0n ? sum + net : sum), 0n);
  if (abs(residue) * 10n ** 12n > positive) {
    throw new TonsorError("BAD_FILE", `${name}: liquidity nets do not cancel`, { given: residue, expected: "0" });
  }
  const last = file.ticks.length - 1;
  const ticks = file.ticks.map(([index, , gross], i) => {
    const liquidityNet = (nets[i] ?? 0n) - (i === last ? residue : 0n);
    const enough = gross < abs(liquidityNet) || i === last ? abs(liquidityNet) : gross;
    return { index, liquidityNet, liquidityGross: enough + ((enough + liquidityNet) & 1n) };
  });
  return {
    source: file.name,
    feePips: file.fee,
    tickSpacing: file.tick_spacing,
    sqrtPriceX96: file.sqrt_price_x96,
    tick: file.tick,
    liquidity: file.liquidity,
    ticks: ticks.sort((a, b) => a.index - b.index),
    residue,
  };
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
