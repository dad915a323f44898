import { type Abi, getAddress, type Hex } from "viem";
import type { CryptoSwapPool, CurveCoin, CurveProbe, Observed, StableSwapPool } from "../../domain/observation.ts";
import { sourceName } from "../../domain/sourceNames.ts";
import type { Block, Rpc } from "../../io/rpc.ts";
import { faultOfRead, ReadFault } from "../contractReads.ts";
import { refused } from "../parse.ts";
import type { PoolRef, Venue } from "../venue.ts";
import { CRYPTO_QUOTE, CURVE, type CurveReader, curveReader } from "./reader.ts";

/**
 * Curve's pools through a JSON-RPC node, without helper contracts: pools of plain tokens and StableSwap-NG pools with their
 * stored rates. Each state comes with the pool's own `get_dy` for a hundredth of every coin, against which the model holds
 * its arithmetic: lending pools and metapools of the first generation answer other numbers than their balances say. A pool
 * that cannot be read is a fault: UNREACHABLE, VENUE_ERROR, SCHEMA, NOT_POSITIVE, INCONSISTENT.
 * @example await curve.pools(rpc)([{ name: "3pool", address }], block)
 */
export const curve = {
  id: "curve",
  pools: (rpc) => readPools(rpc, "curve", readStableSwap),
} as const satisfies Venue;

/** The same of two-coin CryptoSwap pools of version 2, another formula. */
export const curveCrypto = {
  id: "curveCrypto",
  pools: (rpc) => readPools(rpc, "curveCrypto", readCryptoSwap),
} as const satisfies Venue;

function readPools(
  rpc: Rpc,
  venue: string,
  readState: (reader: CurveReader) => Promise<State<StableSwapPool> | State<CryptoSwapPool>>,
) {
  return (pools: readonly PoolRef[], block: Block, signal?: AbortSignal) =>
    Promise.all(pools.map((pool) => readPool(pool, block, signal)));

  async function readPool(
    ref: PoolRef,
    block: Block,
    signal?: AbortSignal,
  ): Promise<Observed<StableSwapPool | CryptoSwapPool>> {
    const source = sourceName.pool(`${venue}:${ref.name}`);
    try {
      const head = { source, pool: getAddress(ref.address), blockNumber: block.number, eventTime: block.timestamp };
      const observation = { ...head, ...(await readState(curveReader(rpc, ref.address, block.number, signal))) };
      const empty = observation.coins.find((coin) => coin.balance <= 0n);
      if (empty !== undefined) throw new ReadFault("NOT_POSITIVE", `the pool holds no ${empty.symbol}`);
      const odd = observation.coins.find(({ decimals }) => decimals > 18);
      if (odd === undefined) return { source, observation, faults: [] };
      throw new ReadFault("INCONSISTENT", `${odd.symbol} has ${odd.decimals} decimals, at most 18`);
    } catch (error) {
      return refused(faultOfRead(error, source));
    }
  }
}

/** Most coins of any StableSwap pool. */
const MAX_COINS = 8;
const A_PRECISION = 100n;
const CRYPTO_NUMBERS = [
  "price_scale",
  "A",
  "gamma",
  "D",
  "future_A_gamma_time",
  "mid_fee",
  "out_fee",
  "fee_gamma",
] as const;

/** What is read of a pool: all but where and when. */
type State<Pool> = Omit<Pool, "source" | "pool" | "blockNumber" | "eventTime">;

/**
 * State of a StableSwap pool: coins until there are no more, rates as stored (NG) or by decimals, A with its precision
 * where the pool has one.
 */
async function readStableSwap(reader: CurveReader): Promise<State<StableSwapPool>> {
  const addresses = await coinsOf(reader);
  const [tokens, balances, [fee = 0n], precise, plain, rates, multiplier] = await Promise.all([
    Promise.all(addresses.map(reader.token)),
    reader.each<bigint>("balances", addresses.length),
    reader.numbers(["fee"]),
    reader.maybe<bigint>("A_precise"),
    reader.maybe<bigint>("A"),
    reader.maybe<readonly bigint[]>("stored_rates"),
    reader.maybe<bigint>("offpeg_fee_multiplier"),
  ]);
  if (rates !== null && rates.length < tokens.length) {
    throw new ReadFault("INCONSISTENT", `${rates.length} stored rates for ${tokens.length} coins`);
  }
  const amplification = precise ?? plain;
  if (amplification === null || amplification <= 0n) throw new ReadFault("NOT_POSITIVE", "the pool has no A");
  const coins = tokens.map(
    (token, at): CurveCoin => ({
      ...token,
      balance: balances[at] ?? 0n,
      rate: rates?.[at] ?? 10n ** BigInt(36 - Math.min(36, token.decimals)),
    }),
  );
  return {
    kind: "stableSwapPool",
    coins,
    amplification,
    amplificationPrecision: precise === null ? 1n : A_PRECISION,
    fee,
    isNextGeneration: rates !== null && multiplier !== null,
    offpegFeeMultiplier: multiplier ?? 0n,
    probes: await probesOf(reader, coins),
  };
}

async function coinsOf(reader: CurveReader): Promise<readonly Hex[]> {
  const places = Array.from({ length: MAX_COINS }, (_, at) => BigInt(at));
  const answers = await Promise.all(places.map((at) => reader.maybe<Hex>("coins", at)));
  const end = answers.findIndex((address) => address === null || /^0x0{40}$/.test(address));
  const coins = answers.slice(0, end < 0 ? MAX_COINS : end).filter((address) => address !== null);
  if (coins.length >= 2) return coins;
  throw new ReadFault("SCHEMA", `${coins.length} coins: no Curve pool, or one of the first that count in int128`);
}

async function probesOf(
  reader: CurveReader,
  coins: readonly CurveCoin[],
  abi: Abi = CURVE,
): Promise<readonly CurveProbe[]> {
  const asked = coins.flatMap(({ balance }, i) =>
    coins.flatMap((_, j) => (i === j || balance < 100n ? [] : [{ i, j, dx: balance / 100n }])),
  );
  const answers = await reader.all<bigint>(
    abi,
    asked.map(({ i, j, dx }) => ["get_dy", BigInt(i), BigInt(j), dx] as const),
  );
  return asked.map((probe, at) => ({ ...probe, dy: answers[at] ?? 0n }));
}

/** State of a two-coin CryptoSwap pool of version 2 (CurveCryptoSwap2). A third coin is another formula: INCONSISTENT. */
async function readCryptoSwap(reader: CurveReader): Promise<State<CryptoSwapPool>> {
  const [addresses, balances, numbers, third] = await Promise.all([
    reader.each<Hex>("coins", 2),
    reader.each<bigint>("balances", 2),
    reader.numbers(CRYPTO_NUMBERS),
    reader.maybe<Hex>("coins", 2n),
  ]);
  if (third !== null) throw new ReadFault("INCONSISTENT", "three coins or more, expected two");
  const tokens = await Promise.all(addresses.map(reader.token));
  const coins = tokens.map(
    (token, at): CurveCoin => ({
      ...token,
      balance: balances[at] ?? 0n,
      rate: 10n ** BigInt(18 - Math.min(18, token.decimals)),
    }),
  );
  const [priceScale = 0n, amplification = 0n, gamma = 0n, invariant = 0n, rampEnd = 0n, ...fees] = numbers;
  const [midFee = 0n, outFee = 0n, feeGamma = 0n] = fees;
  if (!(priceScale > 0n && amplification > 0n && gamma > 0n && invariant > 0n)) {
    throw new ReadFault("NOT_POSITIVE", "price_scale, A, gamma or D is zero");
  }
  return {
    kind: "cryptoSwapPool",
    coins,
    priceScale,
    amplification,
    gamma,
    invariant,
    isRamping: rampEnd > 0n,
    midFee,
    outFee,
    feeGamma,
    probes: await probesOf(reader, coins, CRYPTO_QUOTE),
  };
}
