import { requireRange, TonsorError } from "../../../keeper/domain/errors.ts";
import { AccountBook } from "./accountBook.ts";
import { emptyLedger, type Ledger } from "./ledger.ts";
import type { LiquidationTerms } from "./liquidation.ts";
import { type OracleSettings, PriceOracle } from "./priceOracle.ts";

/** What a lender's parameters say at one moment: fractions, and tokens for the limit. */
export type Terms = {
  /** 1 - initial haircut. */
  readonly ltv: number;
  /** Liquidation threshold, 1 - maintenance haircut. */
  readonly threshold: number;
  /** Most collateral the lender takes, whole tokens; Infinity: no limit. */
  readonly limit: number;
};

/** One collateral of the lender. */
export type CollateralSettings = {
  readonly name: string;
  /** Index of the pool that its sales go to, and tokens of that pool for one of the collateral (1.2 for wstETH in ETH). */
  readonly pool: number;
  readonly poolTokens: number;
  /** Share of the pool's drop that everybody's price follows, in [0, 1]. */
  readonly impactShare: number;
  readonly oracle: OracleSettings;
  readonly liquidation: LiquidationTerms;
  /** Accounts to make room for. */
  readonly capacity?: number;
};

/** Money that liquidators share over all collaterals. */
export type LiquidatorSettings = {
  /** USD at the start; Infinity: never short. */
  readonly capitalUsd: number;
  /** Steps until the proceeds of a sale can be used again. */
  readonly settlementSteps: number;
};

/** One collateral as the engine keeps it. */
export type CollateralMarket = {
  readonly settings: CollateralSettings;
  readonly accounts: AccountBook;
  readonly oracle: PriceOracle;
  readonly ledger: Ledger;
  /** Price without the sales made here, and the one that everybody sees, USD a token. */
  outside: number;
  price: number;
  terms: Terms;
};

/** A market in which nobody has borrowed yet. @throws TonsorError OUT_OF_RANGE naming the setting that cannot be */
export function openMarket(
  settings: CollateralSettings,
  price: number | undefined,
  terms: Terms | undefined,
  pools: number,
): CollateralMarket {
  requireRange("impactShare", settings.impactShare, 0, 1);
  requireRange("bonus", settings.liquidation.bonus, 0, 1);
  requireRange("closeFactor", settings.liquidation.closeFactor, 0, 1, { openLow: true });
  if (!(Number.isInteger(settings.pool) && settings.pool >= 0 && settings.pool < pools)) throw noPool(settings, pools);
  const opening = requirePrice(settings.name, price);
  return {
    settings,
    accounts: new AccountBook(settings.capacity),
    oracle: new PriceOracle(settings.oracle, opening),
    ledger: emptyLedger(),
    outside: opening,
    price: opening,
    terms: requireTerms(terms, settings),
  };
}

/** @throws TonsorError OUT_OF_RANGE */
export function requirePrice(name: string, given: number | undefined): number {
  if (given !== undefined && given > 0 && Number.isFinite(given)) return given;
  throw new TonsorError("OUT_OF_RANGE", "not a price", {
    field: `price of ${name}`,
    given,
    expected: "USD a token > 0",
  });
}

/** @throws TonsorError OUT_OF_RANGE */
export function requireTerms(terms: Terms | undefined, { name, liquidation }: CollateralSettings): Terms {
  const { ltv, threshold } = terms ?? { ltv: Number.NaN, threshold: Number.NaN };
  const most = 1 / (1 + liquidation.bonus);
  if (terms !== undefined && ltv >= 0 && ltv <= threshold && threshold < most) return terms;
  const expected = `0 <= LTV <= threshold < ${most.toFixed(4)}, beyond which a liquidation worsens the account`;
  throw new TonsorError("OUT_OF_RANGE", "the terms cannot be lent at", {
    field: `terms of ${name}`,
    given: `LTV ${ltv}, threshold ${threshold}`,
    expected,
  });
}

function noPool({ name, pool }: CollateralSettings, pools: number): TonsorError {
  const expected = `an index below ${pools}`;
  return new TonsorError("OUT_OF_RANGE", "no such pool", { field: `pool of ${name}`, given: pool, expected });
}
