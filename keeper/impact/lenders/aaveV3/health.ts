import type { Hex } from "viem";

/** A reserve at a block; indices in ray (1e27), the price in the oracle's units. */
export type Reserve = {
  readonly asset: Hex;
  readonly aToken: Hex;
  readonly debtToken: Hex;
  readonly decimals: number;
  readonly thresholdBps: number;
  /** Nothing of it is supplied, borrowed or repaid. */
  readonly isPaused: boolean;
  readonly incomeIndex: bigint;
  readonly debtIndex: bigint;
  readonly price: bigint;
};

/** An e-mode: its threshold, and by reserve id which collateral has it. */
export type Mode = { readonly thresholdBps: number; readonly bitmap: bigint };

/** One asset of an account in the oracle's units, with the threshold that applies to it. */
type Valued = { readonly reserve: number; readonly value: bigint };
export type Health = {
  readonly collateral: readonly (Valued & { readonly thresholdBps: number; readonly isMode: boolean })[];
  readonly debts: readonly Valued[];
  readonly debt: bigint;
  /** 1e18 = 1; without debt the largest number that the pool knows. */
  readonly healthWad: bigint;
};

const RAY = 10n ** 27n;
const WAD = 10n ** 18n;
/** What the pool calls the health of an account without debt. */
const NO_DEBT = 2n ** 256n - 1n;

/**
 * An account's collateral, debt and health factor as the pool computes them, to the last digit: collateral is rounded down,
 * debt up, the health factor to the nearest and then down (GenericLogic.calculateUserAccountData of Aave v3.6).
 * @param reserves by their id; null for one that was dropped, which counts for nothing
 * @param mode of the account; undefined: none
 */
export function healthOf(
  account: {
    readonly collateral: readonly (readonly [reserve: number, scaled: bigint])[];
    readonly debts: readonly (readonly [reserve: number, scaled: bigint])[];
  },
  reserves: readonly (Reserve | null)[],
  mode: Mode | undefined,
): Health {
  const collateral = account.collateral.flatMap(([reserve, scaled]) => {
    const one = reserves[reserve];
    if (one == null) return [];
    const value = (((scaled * one.incomeIndex) / RAY) * one.price) / unitOf(one);
    const isMode = mode !== undefined && ((mode.bitmap >> BigInt(reserve)) & 1n) === 1n;
    return [{ reserve, value, isMode, thresholdBps: isMode ? mode.thresholdBps : one.thresholdBps }];
  });
  const debts = account.debts.flatMap(([reserve, scaled]) => {
    const one = reserves[reserve];
    if (one == null) return [];
    return [{ reserve, value: up(up(scaled * one.debtIndex, RAY) * one.price, unitOf(one)) }];
  });
  const debt = debts.reduce((sum, { value }) => sum + value, 0n);
  const weighed = collateral.reduce((sum, { value, thresholdBps }) => sum + value * BigInt(thresholdBps), 0n);
  return { collateral, debts, debt, healthWad: healthWadOf(weighed, debt) };
}

/** The health factor of a debt and of the sum of every collateral times its threshold in bp, both in the oracle's units. */
export function healthWadOf(weighed: bigint, debt: bigint): bigint {
  return debt === 0n ? NO_DEBT : (weighed * WAD + debt / 2n) / debt / 10_000n;
}

function unitOf({ decimals }: Reserve): bigint {
  return 10n ** BigInt(decimals);
}

function up(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}
