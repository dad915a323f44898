import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { PoolState, PoolToken } from "../../../keeper/domain/observation.ts";
import { v3SellCurve } from "../../../keeper/model/depth/uniswapV3Curve.ts";
import type { PoolFile } from "../files/poolFile.ts";
import { v3Schedule } from "../uniswapV3/swapSchedule.ts";

/** What selling one size returns. "Base" is the token sold, "quote" the token received, both whole; raw is in wei. */
export type SaleReport = {
  readonly sizeBase: string;
  readonly receivedQuote: number;
  readonly averagePriceQuotePerBase: number;
  /** Shortfall of the whole sale against the mid price before it, fee included. */
  readonly slippageFraction: number;
  /** Fall of the pool's mid price through the sale. */
  readonly priceImpactFraction: number;
  /** What the next unit would fetch, fee deducted; 0 when the pool is drained. */
  readonly marginalPriceAfterQuotePerBase: number;
  /** False when the pool could not take the whole size. */
  readonly complete: boolean;
  readonly amountInRaw: string;
  readonly amountInUsedRaw: string;
  readonly amountOutRaw: string;
  readonly feePaidRaw: string;
  readonly sqrtPriceX96After: string;
  readonly tickAfter: number;
  readonly ticksCrossed: number;
};

/** Everything `depth` says about one pool. */
export type DepthReport = {
  readonly pool: {
    readonly name: string;
    readonly address: string;
    readonly blockNumber: string;
    readonly feeFraction: number;
    readonly tick: number;
    readonly initialisedTicks: number;
    readonly liquidityRaw: string;
    /** Added to the outermost ticks so that the file adds up; zero for files of exact integers. */
    readonly residueLowestRaw: string;
    readonly residueHighestRaw: string;
  };
  readonly base: { readonly symbol: string; readonly decimals: number };
  readonly quote: { readonly symbol: string; readonly decimals: number };
  readonly midPriceQuotePerBase: number;
  readonly sales: readonly SaleReport[];
  /** Largest sale within a slippage, fee included. */
  readonly capacities: readonly { readonly maxSlippageFraction: number; readonly capacityBase: number }[];
};

const SLIPPAGES = [0.005, 0.01, 0.02, 0.05, 0.1];
/** Tokens that are money rather than collateral: not what is sold unless asked for. */
const MONEY = new Set(["USDC", "USDT", "DAI", "USDS", "USDE", "PYUSD", "GHO", "FRAX", "LUSD", "CRVUSD"]);

/**
 * What selling each size into a pool returns, as plain data.
 * @param sizes whole tokens of what is sold, as decimal text  @param sell symbol or address of the token sold, or undefined
 * @param mark what stands before the names of both where they are asked for, `--` on a command line
 * @throws TonsorError BAD_ARGUMENT for `sizes` or `sell`
 */
export function depthReport(
  file: PoolFile,
  sizes: readonly string[],
  sell: string | undefined,
  mark: "--" | "",
): DepthReport {
  const { pool, residue } = file;
  const zeroForOne = soldSide(pool, sell, mark) === 0;
  const [base, quote] = zeroForOne ? [pool.token0, pool.token1] : [pool.token1, pool.token0];
  const curve = v3SellCurve(pool, zeroForOne);
  const mid = curve.priceQuote;
  const schedule = v3Schedule(pool, zeroForOne);

  const saleOf = (size: string): SaleReport => {
    const amountIn = rawAmount(size, base, mark);
    const sale = schedule.sell(amountIn);
    const complete = sale.amountInUsed === amountIn;
    const whole = Number(size);
    const receivedQuote = Number(sale.amountOut) / 10 ** quote.decimals;
    const priceAfter = v3SellCurve({ ...pool, sqrtPriceX96: sale.sqrtPriceX96After, ticks: [] }, zeroForOne).priceQuote;
    return {
      sizeBase: size,
      receivedQuote,
      averagePriceQuotePerBase: receivedQuote / whole,
      slippageFraction: 1 - receivedQuote / (whole * mid),
      priceImpactFraction: 1 - priceAfter / mid,
      marginalPriceAfterQuotePerBase: complete ? priceAfter * (1 - pool.feePips / 1e6) : 0,
      complete,
      amountInRaw: amountIn.toString(),
      amountInUsedRaw: sale.amountInUsed.toString(),
      amountOutRaw: sale.amountOut.toString(),
      feePaidRaw: sale.feePaid.toString(),
      sqrtPriceX96After: sale.sqrtPriceX96After.toString(),
      tickAfter: sale.tickAfter,
      ticksCrossed: sale.crossed,
    };
  };

  return {
    pool: {
      name: file.name,
      address: pool.pool,
      blockNumber: pool.blockNumber.toString(),
      feeFraction: pool.feePips / 1e6,
      tick: pool.tick,
      initialisedTicks: pool.ticks.length,
      liquidityRaw: pool.liquidity.toString(),
      residueLowestRaw: residue.lowest.toString(),
      residueHighestRaw: residue.highest.toString(),
    },
    base: { symbol: base.symbol, decimals: base.decimals },
    quote: { symbol: quote.symbol, decimals: quote.decimals },
    midPriceQuotePerBase: mid,
    sales: sizes.map(saleOf),
    capacities: SLIPPAGES.map((slippage) => ({
      maxSlippageFraction: slippage,
      capacityBase: curve.capacity(slippage),
    })),
  };
}

/** Which token of a pool is the collateral that is sold: the one asked for, else token0 unless it is a stablecoin. */
export function soldSide({ token0, token1 }: PoolState, sell: string | undefined, mark = "--"): 0 | 1 {
  const is = (token: PoolToken, wanted: string): boolean =>
    token.symbol.toLowerCase() === wanted.toLowerCase() || token.address.toLowerCase() === wanted.toLowerCase();
  if (sell === undefined) return MONEY.has(token0.symbol.toUpperCase()) ? 1 : 0;
  if (is(token0, sell)) return 0;
  if (is(token1, sell)) return 1;
  const expected = `${token0.symbol} or ${token1.symbol}`;
  throw new TonsorError("BAD_ARGUMENT", "the pool does not trade that token", {
    field: `${mark}sell`,
    given: sell,
    expected,
  });
}

/** Whole tokens as decimal text to raw units, exactly. */
function rawAmount(size: string, { symbol, decimals }: PoolToken, mark: string): bigint {
  const [, whole = "", fraction = ""] = /^(\d{1,30})(?:\.(\d+))?$/.exec(size) ?? [];
  const raw = whole === "" || fraction.length > decimals ? 0n : BigInt(whole + fraction.padEnd(decimals, "0"));
  if (raw > 0n) return raw;
  throw new TonsorError("BAD_ARGUMENT", "that is no size", {
    field: `${mark}sizes`,
    given: size,
    expected: `positive amounts of whole ${symbol} with at most ${decimals} decimals, as in 1,10,0.5`,
  });
}
