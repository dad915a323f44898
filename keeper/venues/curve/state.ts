import type { Hex } from "viem";
import type { CryptoSwapPool, CurveCoin, CurveProbe, StableSwapPool } from "../../domain/observation.ts";
import { ReadFault } from "../contractReads.ts";
import { CRYPTO_QUOTE, CURVE, type CurveReader } from "./reader.ts";

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
export async function readStableSwap(reader: CurveReader): Promise<State<StableSwapPool>> {
  const addresses = await coinsOf(reader);
  const places = addresses.map((_, at) => BigInt(at));
  const [tokens, balances, [fee = 0n], precise, plain, rates, multiplier] = await Promise.all([
    Promise.all(addresses.map((address) => reader.token(address))),
    reader.all<bigint>(
      CURVE,
      places.map((at) => ["balances", at] as const),
    ),
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

async function probesOf(reader: CurveReader, coins: readonly CurveCoin[]): Promise<readonly CurveProbe[]> {
  const asked = coins.flatMap(({ balance }, i) =>
    coins.flatMap((_, j) => (i === j || balance < 100n ? [] : [{ i, j, dx: balance / 100n }])),
  );
  const answers = await reader.all<bigint>(
    CURVE,
    asked.map(({ i, j, dx }) => ["get_dy", BigInt(i), BigInt(j), dx] as const),
  );
  return asked.map((probe, at) => ({ ...probe, dy: answers[at] ?? 0n }));
}

/** State of a two-coin CryptoSwap pool of version 2 (CurveCryptoSwap2). A third coin is another formula: INCONSISTENT. */
export async function readCryptoSwap(reader: CurveReader): Promise<State<CryptoSwapPool>> {
  const places = [0n, 1n];
  const [addresses, balances, numbers, third] = await Promise.all([
    reader.all<Hex>(
      CURVE,
      places.map((at) => ["coins", at] as const),
    ),
    reader.all<bigint>(
      CURVE,
      places.map((at) => ["balances", at] as const),
    ),
    reader.numbers(CRYPTO_NUMBERS),
    reader.maybe<Hex>("coins", 2n),
  ]);
  if (third !== null) throw new ReadFault("INCONSISTENT", "three coins or more, expected two");
  const tokens = await Promise.all(addresses.map((address) => reader.token(address)));
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
  const asked = coins.flatMap(({ balance }, i) => (balance < 100n ? [] : [{ i, j: 1 - i, dx: balance / 100n }]));
  const answers = await reader.all<bigint>(
    CRYPTO_QUOTE,
    asked.map(({ i, j, dx }) => ["get_dy", BigInt(i), BigInt(j), dx] as const),
  );
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
    probes: asked.map((probe, at) => ({ ...probe, dy: answers[at] ?? 0n })),
  };
}
