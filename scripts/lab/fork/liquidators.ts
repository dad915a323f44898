import { concatHex, encodeFunctionData, type Hex, maxUint256, numberToHex } from "viem";
import { MAINNET_ADDRESSES as AT, POOLS, TOKEN_DECIMALS } from "../replica/addresses.ts";
import { ownArtifact } from "../replica/artifacts.ts";
import { pricesOf } from "../replica/movePrice.ts";
import { uniswapArtifacts } from "../replica/uniswap.ts";
import { namedAccount } from "./borrowers.ts";
import type { SimulatedChain } from "./chain.ts";
import type { Borrower, CollateralName, Lender, Offer } from "./lender.ts";

/** Who liquidates, and what a transaction costs them. */
export type LiquidatorSettings = {
  readonly count: number;
  /** USDC of each at the beginning, whole dollars. */
  readonly capitalUsd: number;
  /** Price of gas that they reckon with, gwei. */
  readonly gasGwei: number;
};

/** Gas of a liquidation and of the sale, measured on the replica. */
const GAS = 480_000;
const FOREVER = 2n ** 40n;
const ROUTE: Record<CollateralName, Hex> = {
  WETH: concatHex([AT.tokens.WETH, numberToHex(POOLS["USDC/WETH-0.05%"].feePips, { size: 3 }), AT.tokens.USDC]),
  WBTC: concatHex([
    ...[AT.tokens.WBTC, numberToHex(POOLS["WBTC/WETH-0.3%"].feePips, { size: 3 }), AT.tokens.WETH],
    ...[numberToHex(POOLS["USDC/WETH-0.05%"].feePips, { size: 3 }), AT.tokens.USDC],
  ]),
};

/** The liquidators' accounts, in order. */
export function liquidatorAccounts({ count }: LiquidatorSettings): readonly Hex[] {
  return Array.from({ length: count }, (_, index) => namedAccount(`liquidator ${index}`));
}

/** Gives each his capital and lets lenders and router take his tokens. */
export async function equipLiquidators(
  chain: SimulatedChain,
  lenders: readonly Lender[],
  settings: LiquidatorSettings,
): Promise<void> {
  const { abi } = ownArtifact("test/mocks/MockERC20");
  for (const account of liquidatorAccounts(settings)) {
    await chain.client.setBalance({ address: account, value: 10n ** 21n });
    await chain.fund("USDC", account, BigInt(settings.capitalUsd) * 1_000_000n);
    for (const lender of lenders)
      await chain.send(account, AT.tokens.USDC, abi, "approve", [lender.spender, maxUint256]);
    for (const token of [AT.tokens.WETH, AT.tokens.WBTC]) {
      await chain.send(account, token, abi, "approve", [AT.router, maxUint256]);
    }
  }
}

/** What a pass over the accounts did. */
type Pass = {
  /** In order, with the health that each had. */
  readonly liquidated: readonly { readonly borrower: Borrower; readonly health: number }[];
  /** Accounts that may be liquidated and nobody did: it does not pay. */
  readonly left: number;
};

/** An account below health 1. */
export type Due = { readonly borrower: Borrower; readonly health: number; readonly debtUsd: number };

/**
 * Every account that is due, the largest debt first, is liquidated by whoever is next in turn, in the size that earns most, if
 * any size earns: he calls the lender and sells what he seized through the pools, two transactions.
 * @param settings `ethUsd`: price at which gas is paid; `turn`: whose turn it is
 */
export async function liquidate(
  chain: SimulatedChain,
  lenders: readonly Lender[],
  due: readonly Due[],
  settings: LiquidatorSettings & { readonly ethUsd: number; readonly turn: number },
): Promise<Pass> {
  const wanted = due.toSorted((a, b) => b.debtUsd - a.debtUsd || a.borrower.index - b.borrower.index);
  const accounts = liquidatorAccounts(settings);
  const gas = (GAS * settings.gasGwei * settings.ethUsd) / 1e9;
  const tooMuch = new Map<string, bigint>();
  const liquidated: { borrower: Borrower; health: number }[] = [];
  const hopeless = await unpaid(chain, lenders, due, gas);
  for (const { borrower, health } of wanted) {
    if (hopeless.has(borrower.index)) continue;
    const lender = lenders.find(({ id }) => id === borrower.lender) as Lender;
    const account = accounts[(settings.turn + liquidated.length) % accounts.length] as Hex;
    const key = `${lender.id} ${borrower.collateral}`;
    const [all = []] = await lender.offers([borrower]);
    const offers = all.filter(({ seized }) => seized < (tooMuch.get(key) ?? maxUint256));
    const found = await best(chain, account, borrower.collateral, offers, gas);
    if (found.tooMuch !== null) tooMuch.set(key, found.tooMuch);
    if (found.offer === null) continue;
    await seize(chain, account, borrower.collateral, found.offer);
    liquidated.push({ borrower, health });
  }
  return { liquidated, left: wanted.length - liquidated.length };
}

/**
 * Accounts, by index, that earn nobody the gas even if what is seized sold at the pools' prices whole: a sale brings less, and
 * lowers them. Most of those that are due are such dust, and this spares them a quote each.
 */
async function unpaid(
  chain: SimulatedChain,
  lenders: readonly Lender[],
  due: readonly Due[],
  gasUsd: number,
): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  if (due.length === 0) return found;
  const prices = await pricesOf(chain.client);
  for (const lender of lenders) {
    const own = due.map(({ borrower }) => borrower).filter((one) => one.lender === lender.id);
    if (own.length === 0) continue;
    for (const [i, all] of (await lender.offers(own)).entries()) {
      const { index, collateral } = own[i] as Borrower;
      const worth = prices[collateral] / 10 ** TOKEN_DECIMALS[collateral];
      const earns = all.some(({ seized, repay }) => Number(seized) * worth - Number(repay) / 1e6 > gasUsd);
      if (!earns) found.add(index);
    }
  }
  return found;
}

/** The offer that earns most, and the least size at which slippage eats the bonus; both null where there is none. */
async function best(
  chain: SimulatedChain,
  account: Hex,
  collateral: CollateralName,
  offers: readonly Offer[],
  gasUsd: number,
): Promise<{ readonly offer: Offer | null; readonly tooMuch: bigint | null }> {
  let [offer, earned]: [Offer | null, number] = [null, 0];
  let tooMuch: bigint | null = null;
  const capital = await usdcOf(chain, account);
  for (const one of offers) {
    if (one.seized === 0n || one.repay === 0n || one.repay > capital) continue;
    const sale = await quote(chain, collateral, one.seized);
    const gross = Number(sale - one.repay) / 1e6;
    if (gross < 0) tooMuch = one.seized;
    const profit = gross - gasUsd;
    if (gross >= 0 && profit <= earned) break;
    if (profit > earned && (await goesThrough(chain, account, one))) [offer, earned] = [one, profit];
  }
  return { offer, tooMuch };
}

async function usdcOf(chain: SimulatedChain, account: Hex): Promise<bigint> {
  const { abi } = ownArtifact("test/mocks/MockERC20");
  return (await chain.read([{ to: AT.tokens.USDC, abi, name: "balanceOf", args: [account] }]))[0] as bigint;
}

/** USDC that selling so much collateral through the pools returns. */
async function quote(chain: SimulatedChain, collateral: CollateralName, amount: bigint): Promise<bigint> {
  const { abi } = uniswapArtifacts().quoterV2;
  const args = [ROUTE[collateral], amount];
  const [answer] = await chain.read<readonly [bigint]>([{ to: AT.quoterV2, abi, name: "quoteExactInput", args }]);
  return answer?.[0] ?? 0n;
}

async function goesThrough({ client }: SimulatedChain, account: Hex, { to, abi, name, args }: Offer): Promise<boolean> {
  const data = encodeFunctionData({ abi, functionName: name, args });
  return await client.call({ account, to, data }).then(
    () => true,
    () => false,
  );
}

async function seize(chain: SimulatedChain, account: Hex, collateral: CollateralName, offer: Offer): Promise<void> {
  await chain.send(account, offer.to, offer.abi, offer.name, offer.args);
  const { abi } = ownArtifact("test/mocks/MockERC20");
  const balance = { to: AT.tokens[collateral], abi, name: "balanceOf", args: [account] };
  const [amountIn] = await chain.read([balance]);
  const swap = { path: ROUTE[collateral], recipient: account, deadline: FOREVER, amountIn, amountOutMinimum: 0n };
  await chain.send(account, AT.router, uniswapArtifacts().router.abi, "exactInput", [swap]);
}
