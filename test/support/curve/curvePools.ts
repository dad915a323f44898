import type { CryptoSwapPool, StableSwapPool } from "../../../keeper/domain/observation.ts";
import { cryptoSwapInvariant } from "../../../keeper/model/depth/curveInvariant.ts";
import { curveOut } from "../../../keeper/model/depth/curveOut.ts";

const HEAD = {
  source: "curve:test",
  pool: "0x00000000000000000000000000000000000000C0",
  blockNumber: 1n,
  eventTime: 0,
};
const coin = (symbol: string, decimals: number, balance: bigint, rate: bigint) => ({
  address: `0x${symbol.length.toString(16).padStart(40, "0")}`,
  symbol,
  decimals,
  balance,
  rate,
});

/** The pool with its own answers for a hundredth of every coin, as the reader asks for them. */
export function probed<P extends StableSwapPool | CryptoSwapPool>(pool: P): P {
  const probes = pool.coins.flatMap(({ balance }, i) =>
    pool.coins.flatMap((_, j) => {
      const dx = balance / 100n;
      return i === j ? [] : [{ i, j, dx, dy: curveOut(pool, i, j, dx) ?? 0n }];
    }),
  );
  return { ...pool, probes };
}

/** Whole tokens as raw units. */
export const units = (whole: number, decimals: number): bigint =>
  (BigInt(Math.round(whole * 1e6)) * 10n ** BigInt(decimals)) / 1_000_000n;

/** A pool like 3pool: DAI, USDC, USDT, A 2000, fee 0.01 %. */
export function threePool(
  whole: readonly [number, number, number],
  change: Partial<StableSwapPool> = {},
): StableSwapPool {
  const [dai, usdc, usdt] = whole;
  return {
    kind: "stableSwapPool",
    ...HEAD,
    coins: [
      coin("DAI", 18, units(dai, 18), 10n ** 18n),
      coin("USDC", 6, units(usdc, 6), 10n ** 30n),
      coin("USDT", 6, units(usdt, 6), 10n ** 30n),
    ],
    amplification: 2000n,
    amplificationPrecision: 1n,
    fee: 1_000_000n,
    isNextGeneration: false,
    offpegFeeMultiplier: 0n,
    probes: [],
    ...change,
  };
}

/** A pool like stETH/ETH of the next generation: A 1500 with its factor 100, fee 0.01 %, up to five times off the peg. */
export function stakedPool(staked: number, ether: number, rate = 10n ** 18n): StableSwapPool {
  return {
    ...threePool([1, 1, 1]),
    coins: [coin("stETH", 18, units(staked, 18), rate), coin("ETH", 18, units(ether, 18), 10n ** 18n)],
    amplification: 150_000n,
    amplificationPrecision: 100n,
    isNextGeneration: true,
    offpegFeeMultiplier: 50_000_000_000n,
  };
}

/** A pool like USDC/WETH of CryptoSwap: coin 0 in dollars of 6 decimals, coin 1 priced at `price`, A and gamma as deployed. */
export function cryptoPool(
  dollars: number,
  ether: number,
  price = 3000,
  change: Partial<CryptoSwapPool> = {},
): CryptoSwapPool {
  const coins = [coin("USDC", 6, units(dollars, 6), 10n ** 12n), coin("WETH", 18, units(ether, 18), 1n)] as const;
  const shape = { amplification: 400_000n, gamma: 145_000_000_000_000n, priceScale: units(price, 18), ...change };
  const invariant = cryptoSwapInvariant(shape, [
    coins[0].balance * coins[0].rate,
    (coins[1].balance * coins[1].rate * shape.priceScale) / 10n ** 18n,
  ]);
  return {
    kind: "cryptoSwapPool",
    ...HEAD,
    coins,
    ...shape,
    invariant: invariant ?? 0n,
    isRamping: false,
    midFee: 26_000_000n,
    outFee: 45_000_000n,
    feeGamma: 230_000_000_000_000n,
    probes: [],
    ...change,
  };
}
