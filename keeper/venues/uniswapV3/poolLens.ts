import { type Hex, keccak256 } from "viem";
import type { Call, CallResult } from "../../io/rpc.ts";

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
