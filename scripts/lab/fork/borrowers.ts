import { type Hex, keccak256, stringToHex } from "viem";
import type { PositionRow } from "../positionFile.ts";
import { type Random, randomStream } from "../replay/generated/random.ts";
import type { Borrower, CollateralName, Lender } from "./lender.ts";

/** What a book of borrowers is made from. */
type BookShape = {
  readonly seed: number;
  readonly count: number;
  /** Recorded borrowers whose sizes and health are drawn from; null: generated in their shape. */
  readonly rows: readonly PositionRow[] | null;
  /** Collateral of all borrowers together and of the largest, USD. */
  readonly sizes: Readonly<Record<CollateralName, { readonly totalUsd: number; readonly largestUsd: number }>>;
  /** Liquidation threshold when the book is opened, a fraction. */
  readonly threshold: (lender: Lender["id"], collateral: CollateralName) => number;
  /** Share of the borrowers who come while the market is played. */
  readonly lateShare: number;
  /** How long that is, seconds. */
  readonly spanSeconds: number;
};

/** Where borrowers go: shares of their number, in this order. */
const HOMES = [
  { lender: "aave", collateral: "WETH", share: 0.5 },
  { lender: "aave", collateral: "WBTC", share: 0.2 },
  { lender: "morpho", collateral: "WETH", share: 0.2 },
  { lender: "morpho", collateral: "WBTC", share: 0.1 },
] as const;

/** Health of a new loan; below, it would be refused, above it is no story of ours. */
const [LEAST_HEALTH, MOST_HEALTH] = [1.01, 20] as const;

/** A test account by name, whose key nobody has: the node signs for it. */
export function namedAccount(name: string): Hex {
  return `0x${keccak256(stringToHex(`Tonsor laboratory ${name}`)).slice(-40)}`;
}

/**
 * Borrowers whose sizes and health are drawn from recorded ones with replacement, scaled to the total of each collateral,
 * none above the largest. One seed gives one book.
 */
export function borrowersOf(shape: BookShape): readonly Borrower[] {
  const random = randomStream(shape.seed, "book");
  const rows = shape.rows?.filter(({ collateral, debt, threshold }) => {
    const health = (collateral * threshold) / debt;
    return health >= LEAST_HEALTH && health <= MOST_HEALTH;
  });
  const drawn = Array.from({ length: shape.count }, (_, index) => {
    const { size, health } = rows == null ? generated(random) : recorded(rows, random);
    const home = homeOf(random.uniform());
    const late = random.uniform() < shape.lateShare;
    const opensAfter = late ? Math.floor(random.uniform() * shape.spanSeconds) : null;
    return { index, size, health, ...home, opensAfter };
  });
  const scales = new Map(
    (Object.keys(shape.sizes) as CollateralName[]).map((name) => {
      const own = drawn.filter(({ collateral }) => collateral === name).map(({ size }) => size);
      return [name, scaleOf(own, shape.sizes[name])] as const;
    }),
  );
  return drawn.map(({ index, size, health, lender, collateral, opensAfter }) => {
    const collateralUsd = Math.min(size * (scales.get(collateral) ?? 0), shape.sizes[collateral].largestUsd);
    const wishUsd = (collateralUsd * shape.threshold(lender, collateral)) / health;
    return {
      index,
      address: namedAccount(`borrower ${index}`),
      lender,
      collateral,
      collateralUsd,
      wishUsd,
      opensAfter,
    };
  });
}

function homeOf(uniform: number): (typeof HOMES)[number] {
  let left = uniform;
  for (const home of HOMES) {
    left -= home.share;
    if (left < 0) return home;
  }
  return HOMES[0];
}

function recorded(rows: readonly PositionRow[], random: Random): { readonly size: number; readonly health: number } {
  const { collateral, debt, threshold } = rows[Math.floor(random.uniform() * rows.length)] as PositionRow;
  return { size: collateral, health: (collateral * threshold) / debt };
}

/**
 * The shape of the 346 borrowers of stable coins against wstETH at Aave v3 in June 2023: sizes with quartiles a factor 3.5
 * around the median, health less one with median 1.08 and quartiles 0.61 and 2.0.
 */
function generated(random: Random): { readonly size: number; readonly health: number } {
  const size = Math.exp(1.9 * random.normal());
  const health = 1 + Math.exp(0.08 + 0.9 * random.normal());
  return { size, health: Math.min(MOST_HEALTH, Math.max(LEAST_HEALTH, health)) };
}

/** The factor at which the sizes, none above the largest, make the total; as near as that bound lets it. */
function scaleOf(sizes: readonly number[], { totalUsd, largestUsd }: { totalUsd: number; largestUsd: number }): number {
  const sum = (scale: number) => sizes.reduce((total, size) => total + Math.min(size * scale, largestUsd), 0);
  let scale =
    totalUsd /
    Math.max(
      1e-12,
      sizes.reduce((total, size) => total + size, 0),
    );
  for (let round = 0; round < 60; round++) scale *= totalUsd / Math.max(1, sum(scale));
  return sum(scale) > 0 && Number.isFinite(scale) ? scale : 0;
}
