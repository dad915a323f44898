import { type Hex, keccak256, parseAbi, toFunctionSelector, zeroAddress } from "viem";
import type { Call } from "../../../io/rpc.ts";
import type { Borrower, LenderBook } from "../lenderBook.ts";
import { assertSame, LenderFault } from "../lenderFault.ts";
import { type At, readAccounts, readViews, type View } from "../views.ts";
import { borrowedNow, morphoHealth } from "./health.ts";

const abi = parseAbi([
  "struct Params { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }",
  "struct Market { uint128 totalSupplyAssets; uint128 totalSupplyShares; uint128 totalBorrowAssets; uint128 totalBorrowShares; uint128 lastUpdate; uint128 fee; }",
  "function idToMarketParams(bytes32 id) view returns (Params)",
  "function market(bytes32 id) view returns (Market)",
  "function position(bytes32 id, address account) view returns (uint256, uint128, uint128)",
  "function price() view returns (uint256)",
  "function borrowRateView(Params params, Market market) view returns (uint256)",
  "function decimals() view returns (uint8)",
]);

/** `Borrow(bytes32,address,address,address,uint256,uint256)`, in which the second indexed field, after the id, owes. */
export const MORPHO_BORROW = {
  topics: ["0x570954540bed6b1304a87dfe815a5eda4a648f7097a16240dcd85c9b5fd42a43"],
  accountTopic: 2,
} as const;

/** A Morpho Blue market of the deployment's record, with the collateral of our market. */
type MorphoRef = {
  readonly name: string;
  readonly morpho: Hex;
  readonly id: Hex;
  readonly marketId: number;
  readonly collateral: Hex;
};

type Params = { loanToken: Hex; collateralToken: Hex; oracle: Hex; irm: Hex; lltv: bigint };
type Market = { totalBorrowAssets: bigint; totalBorrowShares: bigint; lastUpdate: bigint };

/** Gas of a position's two words, as measured on Morpho's bytecode, rounded up; and positions of one call. */
const [POSITION_GAS, POSITIONS] = [6_000, 3_000];

/**
 * Reads what these accounts have and owe in a market at one block, in units of its loan token, of which one counts as one of the
 * market's debt. Accounts without debt are left out, and so is their collateral, of which Morpho keeps no total.
 * @throws LenderFault; TonsorError RPC_FAILED, NO_QUORUM, WRONG_CHAIN
 */
export async function readMorpho(ref: MorphoRef, accounts: readonly Hex[], time: number, at: At): Promise<LenderBook> {
  const market = await readMarket(ref, time, at);
  const { unit, price, lltv } = market;
  const slots = (some: readonly Hex[]): Call => {
    return { to: ref.morpho, data: extSloadsData(ref.id, some), gas: some.length * POSITION_GAS };
  };
  const positions = await readAccounts(accounts, POSITIONS, at, slots, readPositions);
  const owing = positions
    .map((position, i) => ({ account: accounts[i] as Hex, ...position }))
    .filter((one) => one.borrowShares > 0n);
  const all = owing.map((one) => ({ ...one, ...morphoHealth(one, market.totals, price, lltv) }));
  await assertAgreed(ref, all, at);
  const thresholdBps = Number(lltv) / 1e14;
  const borrowers = all.map(({ account, debt, worth, healthWad }): Borrower => {
    const own = { marketId: ref.marketId, usd: Number(worth) / unit, value: worth, thresholdBps, isFixed: true };
    const debtUsd = Number(debt) / unit;
    return { account, healthWad, debt, debtUsd, collateral: [own], debts: [{ marketId: null, usd: debtUsd }] };
  });
  const heldUsd = borrowers.reduce((sum, { collateral }) => sum + (collateral[0]?.usd ?? 0), 0);
  const markets = new Map([[ref.marketId, { heldUsd, priceUsd: market.priceUsd }]]);
  return { lender: ref.name, blockNumber: at.blockNumber, time, borrowers, markets };
}

async function readMarket({ morpho, id, collateral }: MorphoRef, time: number, at: At) {
  const [params] = await readViews<Params>(abi, [[morpho, "idToMarketParams", id]], at);
  const { loanToken, collateralToken, oracle, irm, lltv } = params as Params;
  assertSame("WRONG_MARKET", `the collateral of ${id}`, collateralToken, collateral);
  const views: View[] = [
    [morpho, "market", id],
    [oracle, "price"],
    [loanToken, "decimals"],
    [collateralToken, "decimals"],
  ];
  const answers = (await readViews<unknown>(abi, views, at)) as [Market, bigint, number, number];
  const [state, price, loanDecimals, decimals] = answers;
  if (price === 0n) throw new LenderFault("NO_PRICE", `oracle ${oracle} of ${id}`);
  const rates = irm === zeroAddress ? [] : await readViews<bigint>(abi, [[irm, "borrowRateView", params, state]], at);
  const borrowed = borrowedNow({
    ...{ borrowAssets: state.totalBorrowAssets, borrowShares: state.totalBorrowShares },
    ...{ ratePerSecondWad: rates[0] ?? 0n, elapsed: BigInt(time) - state.lastUpdate },
  });
  const unit = 10 ** loanDecimals;
  const priceUsd = (Number(price) / 1e36) * (10 ** decimals / unit);
  return { unit, price, lltv, priceUsd, totals: { borrowed, borrowShares: state.totalBorrowShares } };
}

/** `position` is the third of Morpho's variables, by market and account; collateral and debt are in a position's second word. */
const POSITION_SLOT = 2n;
const SELECTOR = toFunctionSelector("function extSloads(bytes32[] slots) view returns (bytes32[])");

const word = (value: bigint): string => value.toString(16).padStart(64, "0");

/** The data of the call that reads these accounts' collateral and debt in a market by Morpho's own `extSloads`. */
function extSloadsData(id: Hex, accounts: readonly Hex[]): Hex {
  const ofMarket = keccak256(`${id}${word(POSITION_SLOT)}`).slice(2);
  const slots = accounts.map((account) => BigInt(keccak256(`0x${word(BigInt(account))}${ofMarket}`)) + 1n);
  return `${SELECTOR}${word(32n)}${word(BigInt(slots.length))}${slots.map(word).join("")}`;
}

/** The words of `extSloads`: of each account collateral in the high half, borrow shares in the low one. */
function readPositions(data: Hex, some: readonly Hex[]) {
  const head = 2 + 2 * 64;
  if (data.length !== head + some.length * 64) return null;
  return some.map((_, i) => {
    const both = BigInt(`0x${data.slice(head + i * 64, head + (i + 1) * 64)}`);
    return { borrowShares: both & ((1n << 128n) - 1n), collateral: both >> 128n };
  });
}

/** Asks Morpho for the largest positions by its own view: a storage of another shape is found, not believed. */
async function assertAgreed(
  { morpho, id }: MorphoRef,
  positions: readonly { account: Hex; borrowShares: bigint; collateral: bigint; debt: bigint }[],
  at: At,
): Promise<void> {
  const largest = positions.toSorted((a, b) => (b.debt > a.debt ? 1 : -1)).slice(0, 8);
  const views = largest.map(({ account }): View => [morpho, "position", id, account]);
  const given = await readViews<readonly bigint[]>(abi, views, at);
  for (const [i, { account, borrowShares, collateral }] of largest.entries()) {
    if (given[i]?.[1] === borrowShares && given[i]?.[2] === collateral) continue;
    throw new LenderFault("DISAGREES", `the position of ${account} is another by its view than in its storage`);
  }
}
