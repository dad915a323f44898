import { type Abi, BaseError, ContractFunctionRevertedError, type Hex, parseAbi } from "viem";
import type { MarketFile } from "../../keeper/markets/marketFiles.ts";
import { reserveOf } from "../deploy/aaveMarket.ts";
import { dollarFeed } from "../lab/fork/lenders.ts";
import { type AaveMarket, aaveAbi, deployAave, type Reserve } from "../lab/lenders/aave.ts";
import type { ReplicaAccounts } from "../lab/replica/accounts.ts";
import { MAINNET_ADDRESSES as AT } from "../lab/replica/addresses.ts";
import { ownArtifact } from "../lab/replica/artifacts.ts";
import { type ReplicaClient, write } from "../lab/replica/node.ts";

/** What the pool lends more than the market's file before anybody of ours was there, bp: it has to come down. */
const LOOSER_BPS = 100;
/** Dollars of collateral that are deposited, and how near to the limit it is asked. */
export const COLLATERAL_USD = 15_000;
const MARGIN_USD = 1;
/** What the pool says to a loan that the collateral does not carry, and to a deposit above the cap; its interface leaves them out. */
export const REFUSALS = { loan: "CollateralCannotCoverNewBorrow", deposit: "SupplyCapExceeded" } as const;
const ERRORS = parseAbi(["error CollateralCannotCoverNewBorrow()", "error SupplyCapExceeded()"]);
const USDC_ONE = 1_000_000n;

/** How a real pool took what was asked of it, in its own words; null: it did it. */
export type Enforced = {
  readonly ltvBps: number;
  readonly supplyCap: number;
  readonly limitUsd: number;
  readonly loanAbove: string | null;
  readonly loanBelow: string | null;
  readonly depositAbove: string | null;
};

/** A real Aave v3.6 governed by the test account, lending USDC against the market at one point more than its file says. */
export async function layLender(
  { parameters, addresses, listing }: MarketFile,
  { deployer, governance }: ReplicaAccounts,
  node: ReplicaClient,
): Promise<AaveMarket> {
  const { symbol, decimals } = parameters.collateral;
  const collateral = {
    ltvBps: 10_000 - listing.initialBps + LOOSER_BPS,
    thresholdBps: 10_000 - listing.maintenanceBps,
    bonusBps: Math.round((1 + parameters.model.liquidationBonus) * 10_000),
  };
  const feed = addresses.feeds[parameters.sources.priceFeed] as Hex;
  const dollar = await dollarFeed(node, deployer.address);
  const reserves: Reserve[] = [
    { asset: addresses.tokens[symbol] as Hex, symbol, decimals, feed, collateral },
    { asset: AT.tokens.USDC, symbol: "USDC", decimals: 6, feed: dollar, collateral: null },
  ];
  return await deployAave(node, deployer.address, { owner: governance.address, reserves });
}

/** Asks the pool for a loan a dollar above what the contract's initial haircut leaves and one below it, and for a deposit above the cap. */
export async function askPool(
  { parameters: { collateral }, addresses }: MarketFile,
  initialBps: number,
  usd: number,
  aave: AaveMarket,
  { trader, guardian: borrower }: ReplicaAccounts,
  node: ReplicaClient,
): Promise<Enforced> {
  const { pool } = aave;
  const abi: Abi = [...aaveAbi("PoolInstance"), ...ERRORS];
  const token = addresses.tokens[collateral.symbol] as Hex;
  const erc20 = ownArtifact("test/mocks/MockERC20").abi;
  const equip = async (from: Hex, asset: Hex, amount: bigint) => {
    await write(node, from, asset, erc20, "mint", [from, amount]);
    await write(node, from, asset, erc20, "approve", [pool, amount]);
  };
  const supply = async (from: Hex, asset: Hex, amount: bigint) => {
    await equip(from, asset, amount);
    await write(node, from, pool, abi, "supply", [asset, amount, from, 0]);
  };
  const refusal = (account: Hex, functionName: string, args: readonly unknown[]): Promise<string | null> =>
    node.simulateContract({ account, address: pool, abi, functionName, args }).then(() => null, wordsOf);
  const args = [token];
  const word = (await node.readContract({ address: pool, abi, functionName: "getConfiguration", args })) as {
    readonly data: bigint;
  };
  const { ltvBps, supplyCap } = reserveOf(word.data);

  await supply(trader.address, AT.tokens.USDC, 10n ** 12n);
  const one = 10n ** BigInt(collateral.decimals);
  await supply(borrower.address, token, (BigInt(Math.round((COLLATERAL_USD / usd) * 1e6)) * one) / 1_000_000n);
  const limitUsd = (COLLATERAL_USD * (10_000 - initialBps)) / 10_000;
  const loan = (dollars: number) => [
    ...[AT.tokens.USDC, BigInt(Math.round(dollars * 100)) * (USDC_ONE / 100n), 2, 0, borrower.address],
  ];
  const tooMuch = (BigInt(supplyCap) + 1n) * one;
  await equip(trader.address, token, tooMuch);
  return {
    ...{ ltvBps, supplyCap, limitUsd },
    loanAbove: await refusal(borrower.address, "borrow", loan(limitUsd + MARGIN_USD)),
    loanBelow: await refusal(borrower.address, "borrow", loan(limitUsd - MARGIN_USD)),
    depositAbove: await refusal(trader.address, "supply", [token, tooMuch, trader.address, 0]),
  };
}

/** Why a call is refused, by the name of the contract's own error where it has one. */
function wordsOf(error: unknown): string {
  if (!(error instanceof BaseError)) throw error;
  const reverted = error.walk((one) => one instanceof ContractFunctionRevertedError);
  if (!(reverted instanceof ContractFunctionRevertedError)) throw error;
  return reverted.data?.errorName ?? reverted.signature ?? reverted.shortMessage;
}
