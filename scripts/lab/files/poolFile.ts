import { z } from "zod";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { PoolState, PoolTick, PoolToken } from "../../../keeper/domain/observation.ts";
import { integerText } from "./exactInteger.ts";
import { inputName, inShape, readJson } from "./readText.ts";

/** A recorded pool. */
export type PoolFile = {
  /** Name of the pool in the file, for people. */
  readonly name: string;
  readonly pool: PoolState;
  /**
   * What was added to the lowest and the highest tick so that the ticks add up to the liquidity in range and to zero;
   * 0n for files of exact integers.
   */
  readonly residue: { readonly lowest: bigint; readonly highest: bigint };
};

/** Share of the liquidity by which a file that stores it as floating point may miss; anything more is damage. */
const TOLERANCE = 1_000_000_000_000n;

const tokenShape = z
  .object({
    address: z.string().optional(),
    id: z.string().optional(),
    symbol: z.string().min(1),
    decimals: z.coerce.number().int().min(0).max(36),
  })
  .refine((token) => (token.address ?? token.id) !== undefined, "address or id")
  .transform((token): PoolToken => {
    return { address: token.address ?? token.id ?? "", symbol: token.symbol, decimals: token.decimals };
  });
const fileShape = z.object({
  pool: z.string().min(1),
  name: z.string().optional(),
  block: z.int().min(0).optional(),
  timestamp: z.int().min(0).optional(),
  fee: z.int().min(0).max(999_999),
  tick_spacing: z.int().min(1).max(16_383),
  sqrt_price_x96: integerText,
  tick: z.int().min(-887_272).max(887_271),
  liquidity: integerText,
  token0: tokenShape,
  token1: tokenShape,
  ticks: z.array(z.tuple([z.int(), integerText]).rest(z.unknown())).min(1),
});

/**
 * A pool recorded as JSON or gzipped JSON: fields pool, fee (hundredths of a basis point), tick_spacing,
 * sqrt_price_x96, tick, liquidity, token0 and token1 {address or id, symbol, decimals}, and ticks as rows
 * [index, net liquidity, ...]; optionally name, block and timestamp. Large numbers are decimal text, also with an
 * exponent ("2.96e+19"), and taken at the exact value printed. `-` reads standard input.
 *
 * @throws TonsorError BAD_FILE naming the file, the first wrong field, its value and what was expected
 * @example readPoolFile("pool.json.gz").pool.tick
 */
export function readPoolFile(path: string): PoolFile {
  const name = inputName(path);
  const file = inShape(fileShape, readJson(path, "a pool as .json or .json.gz"), name, "a recorded pool");
  const ticks = file.ticks.map(([index, liquidityNet]) => ({ index, liquidityNet }));
  checkOrder(ticks, file.tick_spacing, name);
  const { balanced, residue } = balance(ticks, file.tick, file.liquidity, name);
  const pool: PoolState = {
    kind: "pool",
    source: `file:${file.name ?? file.pool}`,
    pool: file.pool,
    blockNumber: BigInt(file.block ?? 0),
    eventTime: file.timestamp ?? 0,
    token0: file.token0,
    token1: file.token1,
    feePips: file.fee,
    tickSpacing: file.tick_spacing,
    sqrtPriceX96: file.sqrt_price_x96,
    tick: file.tick,
    liquidity: file.liquidity,
    ticks: balanced,
  };
  return { name: file.name ?? file.pool, pool, residue };
}

function checkOrder(ticks: readonly PoolTick[], tickSpacing: number, path: string): void {
  for (const [at, { index }] of ticks.entries()) {
    const previous = ticks[at - 1]?.index ?? Number.NEGATIVE_INFINITY;
    if (index > previous && index % tickSpacing === 0 && Math.abs(index) <= 887_272) continue;
    throw new TonsorError("BAD_FILE", `${path}: ticks are not in order or off the spacing`, {
      field: `ticks[${at}][0]`,
      given: index,
      expected: `a multiple of ${tickSpacing} above ${previous}, within +-887272`,
    });
  }
}

/** Makes the ticks add up by way of the outermost two, where no sale of interest goes; refuses more than rounding. */
function balance(ticks: readonly PoolTick[], tick: number, liquidity: bigint, path: string) {
  const inRange = sumOf(ticks.filter(({ index }) => index <= tick));
  const lowest = liquidity - inRange;
  const highest = -(sumOf(ticks) + lowest);
  const allowed = ticks.reduce((most, { liquidityNet: net }) => most + (net < 0n ? -net : net), 0n) / TOLERANCE;
  for (const [name, miss] of [
    ["in range", lowest],
    ["in all", highest],
  ] as const) {
    if (miss <= allowed && -miss <= allowed) continue;
    throw new TonsorError("BAD_FILE", `${path}: ticks do not add up ${name}`, {
      field: "ticks",
      given: name === "in range" ? inRange : sumOf(ticks),
      expected: name === "in range" ? `liquidity ${liquidity}` : "0",
    });
  }
  const last = ticks.length - 1;
  const balanced = ticks.map(({ index, liquidityNet }, at) => ({
    index,
    liquidityNet: liquidityNet + (at === 0 ? lowest : 0n) + (at === last ? highest : 0n),
  }));
  return { balanced, residue: { lowest, highest } };
}

function sumOf(ticks: readonly PoolTick[]): bigint {
  return ticks.reduce((total, { liquidityNet }) => total + liquidityNet, 0n);
}
