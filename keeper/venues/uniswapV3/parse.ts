import { type Hex, keccak256 } from "viem";
import { type Fault, type FaultCode, fault } from "../../domain/fault.ts";
import type { Observed, PoolMemory, PoolState, PoolStretch } from "../../domain/observation.ts";
import type { Block, Call, CallResult } from "../../io/rpc.ts";
import { refused } from "../parse.ts";

/** Lowest and highest tick of any pool, as in v3-core. */
const MAX_TICK = 887_272;

/** What was read of a pool, decoded and unchecked. */
type RawPool = Omit<PoolState, "kind" | "blockNumber" | "eventTime" | "ticks"> & {
  readonly block: Block;
  readonly ticks: readonly { readonly index: number; readonly liquidityNet: bigint; readonly liquidityGross: bigint }[];
};

const LN_TICK = Math.log1p(1e-4);
const MIN_SQRT_RATIO = 4295128739n;
const MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342n;
const MAX_UINT160 = 2n ** 160n - 1n;

/**
 * State of a pool from what was read, or the fault that makes it unusable: read across two blocks, from a damaged archive or by
 * a lying node its parts do not add up. NOT_POSITIVE: no price was ever set. EMPTY: no initialised tick. DUPLICATE, OUT_OF_ORDER:
 * ticks not strictly rising. INCONSISTENT: price out of range or not at its tick; ticks off the spacing or the range; net above
 * gross; the nets up to the current tick not equal to the liquidity in range, below zero somewhere, or not zero in all; tokens
 * alike or with more than 36 decimals.
 */
export function parsePool(raw: RawPool): Observed<PoolState> {
  const { source, block, ticks, ...rest } = raw;
  const found = priceFault(raw) ?? tokenFault(raw) ?? tickFault(raw) ?? liquidityFault(raw);
  if (found !== null) return refused(fault(found[0], source, found[1]));
  const observation: PoolState = {
    kind: "pool",
    source,
    ...rest,
    blockNumber: block.number,
    eventTime: block.timestamp,
    ticks: ticks.map(({ index, liquidityNet }) => ({ index, liquidityNet })),
  };
  return { source, observation, faults: [] };
}

type Finding = readonly [code: FaultCode, detail: string] | null;

function priceFault({ sqrtPriceX96, tick }: RawPool): Finding {
  if (sqrtPriceX96 === 0n) return ["NOT_POSITIVE", "the pool was never given a price"];
  if (sqrtPriceX96 < MIN_SQRT_RATIO || sqrtPriceX96 >= MAX_SQRT_RATIO) {
    return ["INCONSISTENT", `square-root price ${sqrtPriceX96} outside of the range of v3-core`];
  }
  // A swap that ends on a tick on its way down leaves the tick one below the price, so both ends are allowed.
  const exact = (2 * Math.log(Number(sqrtPriceX96) / 2 ** 96)) / LN_TICK;
  if (exact > tick - 1e-6 && exact < tick + 1 + 1e-6) return null;
  return ["INCONSISTENT", `tick ${tick}, but the price lies at ${exact.toFixed(3)}`];
}

function tokenFault({ token0, token1 }: RawPool): Finding {
  if (token0.address.toLowerCase() >= token1.address.toLowerCase()) {
    return ["INCONSISTENT", `token0 ${token0.address} must sort before token1 ${token1.address}`];
  }
  const odd = [token0, token1].find(({ decimals }) => !Number.isInteger(decimals) || decimals < 0 || decimals > 36);
  return odd === undefined ? null : ["INCONSISTENT", `${odd.symbol} has ${odd.decimals} decimals, expected 0 to 36`];
}

function tickFault({ ticks, tickSpacing }: RawPool): Finding {
  let previous = Number.NEGATIVE_INFINITY;
  for (const { index, liquidityNet, liquidityGross } of ticks) {
    if (index === previous) return ["DUPLICATE", `tick ${index} twice`];
    if (index < previous) return ["OUT_OF_ORDER", `tick ${index} after ${previous}`];
    if (index % tickSpacing !== 0)
      return ["INCONSISTENT", `tick ${index} is no multiple of the spacing ${tickSpacing}`];
    if (Math.abs(index) > MAX_TICK) return ["INCONSISTENT", `tick ${index} outside of +-${MAX_TICK}`];
    const net = liquidityNet < 0n ? -liquidityNet : liquidityNet;
    if (liquidityGross === 0n || net > liquidityGross) {
      return ["INCONSISTENT", `tick ${index}: net ${liquidityNet} against gross ${liquidityGross}`];
    }
    previous = index;
  }
  return ticks.length === 0 ? ["EMPTY", "no initialised tick"] : null;
}

function liquidityFault({ ticks, tick, liquidity }: RawPool): Finding {
  let running = 0n;
  let inRange = 0n;
  for (const { index, liquidityNet } of ticks) {
    running += liquidityNet;
    if (running < 0n) return ["INCONSISTENT", `liquidity ${running} below zero above tick ${index}`];
    if (index <= tick) inRange = running;
  }
  if (running !== 0n) return ["INCONSISTENT", `liquidity ${running} left above the highest tick, expected 0`];
  if (inRange === liquidity) return null;
  return ["INCONSISTENT", `ticks add up to ${inRange} in range, the pool says ${liquidity}`];
}

/** One answer of `observe(secondsAgos)`, decoded. */
type RawMemory = {
  readonly source: string;
  readonly pool: string;
  readonly block: Pick<Block, "number" | "timestamp">;
  /** Falling, the last one 0. */
  readonly secondsAgos: readonly number[];
  readonly tickCumulatives: readonly bigint[];
  readonly secondsPerLiquidityX128: readonly bigint[];
};

/**
 * Means of tick and liquidity between the readings of a pool's oracle, by the arithmetic of Uniswap's OracleLibrary
 * (v3-periphery `consult`), wrapped counters included; or the fault that makes them unusable: INCONSISTENT for lists of
 * different length, a mean tick outside of v3-core's range, or a pool that claims infinite liquidity.
 */
export function parsePoolMemory(raw: RawMemory): { readonly memory: PoolMemory } | { readonly fault: Fault } {
  const { source, pool, block, secondsAgos, tickCumulatives, secondsPerLiquidityX128 } = raw;
  const found = lengthProblem(raw);
  if (found !== null) return { fault: fault(found[0], source, found[1]) };
  const between = (older: number, newer: number): PoolStretch | null => {
    const change = (counter: readonly bigint[]) => (counter[newer] ?? 0n) - (counter[older] ?? 0n);
    const seconds = (secondsAgos[older] ?? 0) - (secondsAgos[newer] ?? 0);
    const ticks = BigInt.asIntN(56, change(tickCumulatives));
    const perLiquidity = BigInt.asUintN(160, change(secondsPerLiquidityX128));
    const meanTick = Number(floorDivide(ticks, BigInt(seconds)));
    if (perLiquidity === 0n || Math.abs(meanTick) > MAX_TICK) return null;
    return {
      from: block.timestamp - (secondsAgos[older] ?? 0),
      to: block.timestamp - (secondsAgos[newer] ?? 0),
      meanTick,
      harmonicLiquidity: BigInt.asUintN(128, (BigInt(seconds) * MAX_UINT160) / (perLiquidity << 32n)),
    };
  };
  const whole = between(0, secondsAgos.length - 1);
  const stretches = secondsAgos.slice(1).flatMap((_, at) => between(at, at + 1) ?? []);
  if (whole === null || stretches.length !== secondsAgos.length - 1) {
    return { fault: fault("INCONSISTENT", source, "the oracle gives a tick out of range or infinite liquidity") };
  }
  const head = { kind: "poolMemory", source, pool, blockNumber: block.number, eventTime: block.timestamp } as const;
  return { memory: { ...head, whole, stretches } };
}

function lengthProblem(raw: RawMemory): Finding {
  const lengths = [raw.secondsAgos, raw.tickCumulatives, raw.secondsPerLiquidityX128].map((list) => list.length);
  if (new Set(lengths).size === 1 && (lengths[0] ?? 0) >= 2) return null;
  return ["INCONSISTENT", `${lengths.join(", ")} readings, expected as many of each and at least 2`];
}

/** Rounds towards minus infinity. */
function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by !== 0n && value < 0n ? quotient - 1n : quotient;
}

/**
 * Positions of all words of a pool's tick bitmap that can hold a usable tick, ascending.
 * @example wordRange(60).length // 116
 */
export function wordRange(tickSpacing: number): number[] {
  const last = Math.floor(MAX_TICK / tickSpacing);
  const first = -last >> 8;
  return Array.from({ length: (last >> 8) - first + 1 }, (_, i) => first + i);
}

/**
 * Ticks whose bit is set in one word, ascending.
 * @example setBits(0b101n, 0, 10) // [0, 20]
 */
export function setBits(word: bigint, position: number, tickSpacing: number): number[] {
  const ticks: number[] = [];
  for (let rest = word, bit = 0; rest !== 0n; rest >>= 1n, bit++) {
    if (rest & 1n) ticks.push((position * 256 + bit) * tickSpacing);
  }
  return ticks;
}

/** Where the lens is while a node runs it; no chain has anything at this address. */
const LENS_AT: Hex = "0x746f6e736f722e706f6f6c6c656e730000000001";

/** Runtime code of `contracts/lens/PoolLens.sol`, without the compiler's metadata. */
const LENS_CODE: Hex =
  "0x6080806040523461022c575f358060601c918160481c60020b928260381c60010b9260281c60010b60408301937f3850c7bd000000000000000000000000000000000000000000000000000000008452604084600481865afa1560e03d101761022c57835185526020840191825160608601527f1a686502000000000000000000000000000000000000000000000000000000008552604085600481875afa1560203d101761022c57908451608086015260a1850193849360048701925b8481131561012f57887fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc0898989601b357fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff5f84840301822014801560a0850153610127575b50030190f35b905084610121565b7f5339c296000000000000000000000000000000000000000000000000000000008852808452604088602481865afa1560203d101761022c5789885180828460081b02915b610183575050506001016100bd565b60018116610199575b9082019060011c80610174565b9891507ff30dba93000000000000000000000000000000000000000000000000000000008a5280865260408a602481885afa156101003d101761022c57895190845180600f0b81188360801c1761022c578d9384937cffffffffffffffffffffffffffffffff0000000000000000000000000060239360681b168460e81b17825260801b6013820152019990915061018c565b5f80fdfe";

/** One initialised tick. */
type Tick = { readonly index: number; readonly liquidityNet: bigint; readonly liquidityGross: bigint };

/** All initialised ticks of a pool, rising, with the hash by which a node tells whether they still are. */
export type KnownTicks = { readonly hash: Hex; readonly ticks: readonly Tick[] };

/** What the lens says of a pool at one block. */
type Seen = { readonly sqrtPriceX96: bigint; readonly tick: number; readonly liquidity: bigint } & KnownTicks;

/** Digits of price, tick and liquidity, of the flag after them, and of each tick. */
const [HEAD, FLAG, TICK] = [192, 2, 70];

/** Gas of the lens as measured on the bytecode of v3-core, rounded up: of a word of the bitmap, and of a tick. */
const [WORD_GAS, TICK_GAS] = [8_000, 12_000];
/** Ticks of a pool that was never read: the largest of mainnet hold twice as many. */
const USUAL_TICKS = 750;

/**
 * The call that reads a pool in full by code sent along with it, and gives its ticks only where they are not the known ones:
 * the node walks all of them and compares one hash, so nothing of them can change unseen.
 * @param words positions of the first and the last word of the bitmap
 */
export function lensCall(
  pool: Hex,
  tickSpacing: number,
  words: readonly number[],
  known: KnownTicks | undefined,
): Call {
  const number = (value: number, bytes: number) =>
    BigInt.asUintN(bytes * 8, BigInt(value))
      .toString(16)
      .padStart(bytes * 2, "0");
  const [first = 0, last = 0] = [words[0], words.at(-1)];
  const hash = known?.hash.slice(2) ?? "0".repeat(64);
  const data: Hex = `${pool}${number(tickSpacing, 3)}${number(first, 2)}${number(last, 2)}${hash}`;
  const gas = words.length * WORD_GAS + (known?.ticks.length ?? USUAL_TICKS) * TICK_GAS;
  return { to: LENS_AT, data, code: LENS_CODE, gas };
}

/**
 * What the lens answered; null when it is no such answer: then the pool is read call by call, which tells why.
 * @example readLens({ ok: false, reason: "execution reverted" }, undefined) // null
 */
export function readLens(result: CallResult | undefined, known: KnownTicks | undefined): Seen | null {
  if (result?.ok !== true) return null;
  const digits = result.data.slice(2);
  const flag = digits.slice(HEAD, HEAD + FLAG);
  const body = digits.slice(HEAD + FLAG);
  if ((flag !== "00" && flag !== "01") || body.length % TICK !== 0) return null;
  const word = (n: number) => BigInt(`0x${digits.slice(n * 64, (n + 1) * 64)}`);
  const head = { sqrtPriceX96: word(0), tick: Number(BigInt.asIntN(256, word(1))), liquidity: word(2) };
  if (flag === "01") return { ...head, hash: keccak256(`0x${body}`), ticks: ticksOf(body) };
  if (known === undefined || body !== "") return null;
  const { hash, ticks } = known;
  return { ...head, hash, ticks };
}

function ticksOf(body: string): readonly Tick[] {
  return Array.from({ length: body.length / TICK }, (_, i) => {
    const part = (from: number, to: number) => BigInt(`0x${body.slice(i * TICK + from, i * TICK + to)}`);
    return {
      index: Number(BigInt.asIntN(24, part(0, 6))),
      liquidityNet: BigInt.asIntN(128, part(6, 38)),
      liquidityGross: part(38, 70),
    };
  });
}
