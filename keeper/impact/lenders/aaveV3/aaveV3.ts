import { type Hex, parseAbi, zeroAddress } from "viem";
import type { Borrower, LenderBook } from "../lenderBook.ts";
import { assertSame, LenderFault } from "../lenderFault.ts";
import { type At, readAccounts, readViews, type View } from "../views.ts";
import { type Health, healthOf, type Mode, type Reserve } from "./health.ts";
import { LENS_ACCOUNTS, lensCall, type RawAccount, readLens } from "./lens.ts";

const abi = parseAbi([
  "function getReservesCount() view returns (uint256)",
  "function getReserveAddressById(uint16 id) view returns (address)",
  "function getConfiguration(address asset) view returns (uint256)",
  "function getReserveAToken(address asset) view returns (address)",
  "function getReserveVariableDebtToken(address asset) view returns (address)",
  "function getReserveNormalizedIncome(address asset) view returns (uint256)",
  "function getReserveNormalizedVariableDebt(address asset) view returns (uint256)",
  "function getEModeCategoryCollateralConfig(uint8 id) view returns (uint16 ltv, uint16 threshold, uint16 bonus)",
  "function getEModeCategoryCollateralBitmap(uint8 id) view returns (uint128)",
  "function getUserAccountData(address account) view returns (uint256, uint256, uint256, uint256, uint256, uint256)",
  "function getPool() view returns (address)",
  "function getPriceOracle() view returns (address)",
  "function BASE_CURRENCY() view returns (address)",
  "function BASE_CURRENCY_UNIT() view returns (uint256)",
  "function getAssetPrice(address asset) view returns (uint256)",
  "function decimals() view returns (uint8)",
  "function totalSupply() view returns (uint256)",
]);

/** `Borrow(address,address,address,uint256,uint8,uint256,uint16)`, in which the second indexed address owes. */
export const AAVE_BORROW = {
  topics: ["0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0"],
  accountTopic: 2,
} as const;

/** An Aave v3 market of the deployment's record; the asset of each of our markets there. */
type AaveRef = {
  readonly name: string;
  readonly provider: Hex;
  readonly pool: Hex;
  readonly assets: ReadonlyMap<number, Hex>;
};

/** Accounts with the most debt whose health factor is asked of the pool itself, too. */
const ASKED = 8;

/**
 * Reads what these accounts have and owe at one block. Accounts without debt are left out.
 * @throws LenderFault; TonsorError RPC_FAILED, NO_QUORUM, WRONG_CHAIN
 */
export async function readAave(ref: AaveRef, accounts: readonly Hex[], time: number, at: At): Promise<LenderBook> {
  const { reserves, unit } = await readReserves(ref, at);
  const tokens = reserves.map((one) => one ?? { aToken: zeroAddress, debtToken: zeroAddress });
  const call = (some: readonly Hex[]) => lensCall(ref.pool, tokens, some);
  const raw = await readAccounts(accounts, LENS_ACCOUNTS, at, call, readLens);
  const owing = raw.filter(({ debts }) => debts.length > 0);
  const modes = await readModes(ref.pool, owing, at);
  const all = owing.map((one) => ({ account: one.account, health: healthOf(one, reserves, modes.get(one.mode)) }));
  await assertAgreed(ref.pool, all, at);
  assertRepayable(ref, all, reserves);

  const marketOf = new Map([...ref.assets].map(([id, asset]) => [asset.toLowerCase(), id]));
  const idOf = (reserve: number) => marketOf.get(reserves[reserve]?.asset.toLowerCase() ?? "") ?? null;
  const usd = (value: bigint) => Number(value) / unit;
  const borrowers = all.map(({ account, health }): Borrower => {
    const { healthWad, debt, collateral, debts } = health;
    return {
      ...{ account, healthWad, debt, debtUsd: usd(debt) },
      collateral: collateral.map(({ reserve, value, thresholdBps, isMode }) => {
        return { marketId: idOf(reserve), usd: usd(value), value, thresholdBps, isFixed: isMode };
      }),
      debts: debts.map(({ reserve, value }) => ({ marketId: idOf(reserve), usd: usd(value) })),
    };
  });
  const own = [...ref.assets].map(([id, asset]) => ({ id, reserve: reserveOf(reserves, asset) }));
  const totals = own.map(({ reserve }): View => [reserve.aToken, "totalSupply"]);
  const supplies = await readViews<bigint>(abi, totals, at);
  const markets = own.map(({ id, reserve }, i): [number, { heldUsd: number; priceUsd: number }] => {
    const priceUsd = usd(reserve.price);
    return [id, { priceUsd, heldUsd: (Number(supplies[i]) / 10 ** reserve.decimals) * priceUsd }];
  });
  return { lender: ref.name, blockNumber: at.blockNumber, time, borrowers, markets: new Map(markets) };
}

function reserveOf(reserves: readonly (Reserve | null)[], asset: Hex): Reserve {
  const found = reserves.find((one) => one?.asset.toLowerCase() === asset.toLowerCase());
  if (found != null) return found;
  throw new LenderFault("WRONG_MARKET", `the pool has no reserve of ${asset}`);
}

/** Every reserve by its id, and what the oracle's prices are divided by for US dollars. */
async function readReserves({ provider, pool, assets }: AaveRef, at: At) {
  const [poolNow = zeroAddress] = await readViews<Hex>(abi, [[provider, "getPool"]], at);
  assertSame("POOL_MOVED", `the pool of ${provider}`, poolNow, pool);
  const [oracle = zeroAddress] = await readViews<Hex>(abi, [[provider, "getPriceOracle"]], at);
  const [count = 0n] = await readViews<bigint>(abi, [[pool, "getReservesCount"]], at);
  // Of an account's configuration there are two bits for each reserve.
  if (count > 128n) throw new LenderFault("VIEW_REVERTS", `getReservesCount answered ${count}`);
  const ids = Array.from({ length: Number(count) }, (_, id): View => [pool, "getReserveAddressById", id]);
  const listed = await readViews<Hex>(abi, ids, at);
  const present = listed.filter((asset) => asset !== zeroAddress);
  const each = <T = bigint>(of: Hex, name: string) => viewsOf<T>(of, name, present, at);
  const ours = [...assets.values()].map((asset): View => [asset, "decimals"]);
  const currencies = ["BASE_CURRENCY", "BASE_CURRENCY_UNIT"].map((name): View => [oracle, name]);
  const [words, incomes, debtIndices, prices, aTokens, debtTokens, decimals, currency] = await Promise.all([
    each(pool, "getConfiguration"),
    each(pool, "getReserveNormalizedIncome"),
    each(pool, "getReserveNormalizedVariableDebt"),
    each(oracle, "getAssetPrice"),
    each<Hex>(pool, "getReserveAToken"),
    each<Hex>(pool, "getReserveVariableDebtToken"),
    readViews<number>(abi, ours, at),
    readViews<unknown>(abi, currencies, at),
  ]);
  const unit = Number(currency[1]);
  if (currency[0] !== zeroAddress || unit === 0) {
    throw new LenderFault("NO_PRICE", "its oracle does not count in US dollars");
  }
  const known = new Map(present.map((asset, i) => [asset, i]));
  const reserves = listed.map((asset): Reserve | null => {
    const i = known.get(asset);
    if (i === undefined) return null;
    const field = (from: bigint, bits: bigint) => Number(((words[i] ?? 0n) >> from) & ((1n << bits) - 1n));
    return {
      ...{ asset, aToken: aTokens[i] ?? zeroAddress, debtToken: debtTokens[i] ?? zeroAddress },
      ...{ decimals: field(48n, 8n), thresholdBps: field(16n, 16n), isPaused: field(60n, 1n) === 1 },
      ...{ incomeIndex: incomes[i] ?? 0n, debtIndex: debtIndices[i] ?? 0n, price: prices[i] ?? 0n },
    };
  });
  for (const [i, asset] of [...assets.values()].entries()) {
    const reserve = reserveOf(reserves, asset);
    if (reserve.isPaused) throw new LenderFault("PAUSED", `the reserve of ${asset}`);
    if (reserve.price === 0n) throw new LenderFault("NO_PRICE", `its oracle has no price of ${asset}`);
    if (reserve.decimals === decimals[i]) continue;
    throw new LenderFault("WRONG_DECIMALS", `${asset} has ${decimals[i]} decimals, its reserve ${reserve.decimals}`);
  }
  return { reserves, unit };
}

/** Nobody repays a debt whose reserve is paused: then no threshold of collateral of ours may move against him. */
function assertRepayable(
  { assets }: AaveRef,
  accounts: readonly { readonly account: Hex; readonly health: Health }[],
  reserves: readonly (Reserve | null)[],
): void {
  const ours = new Set([...assets.values()].map((asset) => asset.toLowerCase()));
  for (const { account, health } of accounts) {
    if (!health.collateral.some(({ reserve }) => ours.has(reserves[reserve]?.asset.toLowerCase() ?? ""))) continue;
    const paused = health.debts.map(({ reserve }) => reserves[reserve]).find((one) => one?.isPaused);
    if (paused != null) throw new LenderFault("PAUSED", `the reserve of ${paused.asset}, of which ${account} owes`);
  }
}

/** One view of a contract about each of these. */
function viewsOf<T>(to: Hex, name: string, about: readonly unknown[], at: At): Promise<T[]> {
  const views = about.map((one): View => [to, name, one]);
  return readViews<T>(abi, views, at);
}

/** The e-modes that some accounts are in. */
async function readModes(pool: Hex, accounts: readonly RawAccount[], at: At): Promise<ReadonlyMap<number, Mode>> {
  const ids = [...new Set(accounts.map(({ mode }) => mode))].filter((id) => id !== 0);
  const [configs, bitmaps] = await Promise.all([
    viewsOf<readonly [number, number, number]>(pool, "getEModeCategoryCollateralConfig", ids, at),
    viewsOf<bigint>(pool, "getEModeCategoryCollateralBitmap", ids, at),
  ]);
  return new Map(ids.map((id, i) => [id, { thresholdBps: configs[i]?.[1] ?? 0, bitmap: bitmaps[i] ?? 0n }]));
}

/** Asks the pool for the health of the largest debts: a release that rounds or counts otherwise is found, not believed. */
async function assertAgreed(
  pool: Hex,
  accounts: readonly { readonly account: Hex; readonly health: Health }[],
  at: At,
): Promise<void> {
  const largest = accounts.toSorted((a, b) => (b.health.debt > a.health.debt ? 1 : -1)).slice(0, ASKED);
  const views = largest.map(({ account }): View => [pool, "getUserAccountData", account]);
  const data = await readViews<readonly bigint[]>(abi, views, at);
  for (const [i, { account, health }] of largest.entries()) {
    const theirs = data[i]?.[5] ?? 0n;
    const apart = health.healthWad > theirs ? health.healthWad - theirs : theirs - health.healthWad;
    if (apart * 1_000_000_000n <= theirs) continue;
    throw new LenderFault("DISAGREES", `health of ${account} is ${theirs} by the pool and ${health.healthWad} here`);
  }
}
