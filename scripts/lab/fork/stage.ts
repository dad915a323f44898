import type { Hex } from "viem";
import { maxUint256 } from "viem";
import { marketNamed } from "../../../keeper/markets/marketFiles.ts";
import { shippedMarkets } from "../../markets.ts";
import type { PositionRow } from "../positionFile.ts";
import { MAINNET_ADDRESSES as AT, TOKEN_DECIMALS } from "../replica/addresses.ts";
import { ownArtifact } from "../replica/artifacts.ts";
import { movePools, setFeeds, type UsdPrices } from "../replica/movePrice.ts";
import { aaveLender } from "./aaveLender.ts";
import { borrowersOf } from "./borrowers.ts";
import { type ChainChoice, openChain, type SimulatedChain } from "./chain.ts";
import { type Borrower, COLLATERALS, type Lender } from "./lender.ts";
import { createMorphoMarkets, dollarFeed, openLenders } from "./lenders.ts";
import { equipLiquidators, type LiquidatorSettings } from "./liquidators.ts";
import { MorphoLender } from "./morphoLender.ts";
import type { Moment } from "./pricePath.ts";
import { type Contracts, deployContracts } from "./protection.ts";

/** What is on the chain before either run begins. */
export type Stage = {
  readonly chain: SimulatedChain;
  readonly lenders: readonly Lender[];
  readonly contracts: Contracts;
  readonly borrowers: readonly Borrower[];
  /** USDC that each borrower owes, raw, by index; who comes later is not in it. */
  readonly borrowed: ReadonlyMap<number, bigint>;
  readonly liquidators: LiquidatorSettings;
  readonly governance: string;
  readonly origins: readonly string[];
  /** Ends a run before its next moment or loan. */
  readonly signal: AbortSignal;
};

export type StageSettings = {
  readonly choice: ChainChoice;
  readonly moments: readonly Moment[];
  readonly seed: number;
  readonly borrowers: number;
  readonly lateShare: number;
  readonly rows: readonly PositionRow[] | null;
  readonly liquidators: LiquidatorSettings;
  readonly folder: string;
  readonly onNote: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Before the first moment: the contract is deployed so early, and a loan takes so many seconds of the chain's clock. */
const [READY_SECONDS, LOAN_SECONDS] = [3_600, 6] as const;

/** Brings everything up to the snapshot: chain, lenders, our contract and agents, liquidators, and every loan that begins before. */
export async function openStage(settings: StageSettings): Promise<Stage> {
  const { choice, moments, onNote } = settings;
  const [first] = moments as readonly [Moment, ...Moment[]];
  const chain = await openChain(choice);
  try {
    onNote(
      `Chain: ${chain.url}${chain.forkedFrom === null ? ", mainnet replica" : `, forked at block ${chain.forkedFrom.block}`}`,
    );
    const trader = chain.accounts.trader.address;
    await movePools(chain.client, trader, first.prices);
    await setFeeds(chain.client, trader, first.prices);
    const { aave, morpho, governance, origins } = await openLenders(
      chain,
      await dollarFeed(chain.client, chain.accounts.deployer.address),
    );
    for (const origin of origins) onNote(origin);
    onNote(`Risk admin: ${governance}`);
    await chain.setTime(first.time - READY_SECONDS - LOAN_SECONDS * settings.borrowers);
    await setFeeds(chain.client, trader, first.prices);
    const markets = await createMorphoMarkets(chain, morpho);
    const contracts = await deployContracts(chain, settings.folder, { aave, morpho, markets });
    onNote(`Contract: ${contracts.deployment.contract.address}; agent ${contracts.agent}`);
    const lenders = [await aaveLender(chain, aave), new MorphoLender(chain, morpho, markets)];
    await equipLiquidators(chain, lenders, settings.liquidators);
    const borrowers = await planned(settings, lenders);
    await fundLenders(chain, lenders, borrowers);
    const { liquidators, signal } = settings;
    const stage = { chain, lenders, contracts, borrowers, governance, origins, liquidators, signal };
    const borrowed = await openLoans(
      stage,
      borrowers.filter(({ opensAfter }) => opensAfter === null),
      first.prices,
    );
    onNote(`${borrowed.size} of ${borrowers.length} loans are open`);
    return { ...stage, borrowed };
  } catch (error) {
    await chain.close();
    throw error;
  }
}

async function planned(
  { seed, borrowers: count, rows, lateShare, moments }: StageSettings,
  lenders: readonly Lender[],
): Promise<readonly Borrower[]> {
  const thresholds = new Map<string, number>();
  for (const lender of lenders) {
    const limits = await lender.limits();
    for (const name of COLLATERALS) thresholds.set(`${lender.id} ${name}`, limits[name].thresholdBps / 1e4);
  }
  const sizeOf = (name: "WETH" | "WBTC") => {
    const { supplyCapUsd, largestBorrowerUsd } = marketNamed(shippedMarkets(), name).parameters.model;
    return { totalUsd: supplyCapUsd, largestUsd: largestBorrowerUsd };
  };
  const spanSeconds = (moments.at(-1) as Moment).time - (moments[0] as Moment).time;
  return borrowersOf({
    ...{ seed, count, rows, lateShare, spanSeconds },
    sizes: { WETH: sizeOf("WETH"), WBTC: sizeOf("WBTC") },
    threshold: (lender, collateral) => thresholds.get(`${lender} ${collateral}`) ?? 0,
  });
}

/** Lends each lender as much as the collateral of its borrowers is worth; borrowers get what a transaction costs. */
async function fundLenders(
  chain: SimulatedChain,
  lenders: readonly Lender[],
  borrowers: readonly Borrower[],
): Promise<void> {
  const trader = chain.accounts.trader.address;
  const { abi } = ownArtifact("test/mocks/MockERC20");
  for (const lender of lenders) {
    for (const token of Object.values(AT.tokens))
      await chain.send(trader, token, abi, "approve", [lender.spender, maxUint256]);
    const own = borrowers.filter((one) => one.lender === lender.id);
    const usd = own.reduce((sum, { collateralUsd }) => sum + collateralUsd, 1_000_000);
    await lender.supply(trader, BigInt(Math.ceil(usd)) * 1_000_000n);
  }
  for (const { address } of borrowers) await chain.client.setBalance({ address, value: 10n ** 18n });
}

/** Opens the loans in order at the market's prices and returns what each borrowed, USDC raw, by index. */
export async function openLoans(
  { chain, lenders, signal }: Pick<Stage, "chain" | "lenders" | "signal">,
  borrowers: readonly Borrower[],
  prices: UsdPrices,
): Promise<ReadonlyMap<number, bigint>> {
  const borrowed = new Map<number, bigint>();
  for (const borrower of borrowers) {
    signal.throwIfAborted();
    const lender = lenders.find(({ id }) => id === borrower.lender) as Lender;
    const tokens = borrower.collateralUsd / prices[borrower.collateral];
    const amount = BigInt(Math.round(tokens * 1e8)) * 10n ** BigInt(TOKEN_DECIMALS[borrower.collateral] - 8);
    if (amount > 0n)
      borrowed.set(borrower.index, await lender.open(borrower, chain.accounts.trader.address as Hex, amount));
  }
  return borrowed;
}
