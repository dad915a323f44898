import type { Hex } from "viem";
import type { CryptoSwapPool, CurveCoin } from "../../domain/observation.ts";
import { ReadFault } from "../contractReads.ts";
import { CRYPTO_QUOTE, CURVE, type CurveReader } from "./reader.ts";

type State = Omit<CryptoSwapPool, "source" | "pool" | "blockNumber" | "eventTime">;

const NUMBERS = ["price_scale", "A", "gamma", "D", "future_A_gamma_time", "mid_fee", "out_fee", "fee_gamma"] as const;

/** State of a two-coin CryptoSwap pool of version 2 (CurveCryptoSwap2). A third coin is another formula: INCONSISTENT. */
export async function readCryptoSwap(reader: CurveReader): Promise<State> {
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
    reader.numbers(NUMBERS),
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
