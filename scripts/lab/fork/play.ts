import type { Progress } from "../../../keeper/domain/progress.ts";
import { MAINNET_ADDRESSES as AT } from "../replica/addresses.ts";
import { ownArtifact } from "../replica/artifacts.ts";
import { movePools, pricesOf, type UsdPrices } from "../replica/movePrice.ts";
import { scaledUsd } from "../replica/sqrtPrice.ts";
import { type Arrival, Arrivals } from "./arrivals.ts";
import { type FeedSettings, type Round, roundIsDue } from "./feed.ts";
import { type Borrower, COLLATERALS, type CollateralName } from "./lender.ts";
import { type Due, type LiquidatorSettings, liquidate } from "./liquidators.ts";
import type { Moment } from "./pricePath.ts";
import type { Protection } from "./protection.ts";
import { openLoans, type Stage } from "./stage.ts";
import { type Conditions, Watch } from "./watch.ts";

export type PlaySettings = {
  readonly feed: FeedSettings;
  readonly liquidators: LiquidatorSettings;
  /** Half of what liquidators' sales took off a pool's price is bought back within so long, seconds. */
  readonly refillSeconds: number;
};

/** One row of the run: a moment after everything that happened in it. */
export type TimelineRow = {
  readonly time: number;
  readonly board: boolean;
  /** USD: the path's, and what the feeds answer. */
  readonly price: UsdPrices;
  readonly feed: UsdPrices;
  /** At the lenders, basis points, by "lender collateral". */
  readonly thresholdBps: Readonly<Record<string, number>>;
  readonly ltvBps: Readonly<Record<string, number>>;
  /** The contract's own; null without a keeper. */
  readonly initialBps: Readonly<Record<CollateralName, number>> | null;
  readonly liquidated: number;
  /** Accounts below health 1 that nobody earns by liquidating. */
  readonly left: number;
  /** Accounts that an update or a sync made liquidatable, no price having moved. */
  readonly crossed: number;
  readonly failures: readonly string[];
};

/** A run over every moment. */
export type Played = {
  readonly timeline: readonly TimelineRow[];
  /** The last block of each moment. */
  readonly blocks: readonly bigint[];
  readonly firstBlock: bigint;
  /** USDC that each borrower took, raw, by index. */
  readonly borrowed: ReadonlyMap<number, bigint>;
  readonly updates: number;
  readonly syncs: number;
  readonly arrivals: readonly Arrival[];
  /** Markets that the impact gate held, and why. */
  readonly held: readonly string[];
  /** Borrowers in the books that the keeper read, summed over its reads, and those who owed by the lenders' own reads then. */
  readonly books: { readonly read: number; readonly owing: number };
  /** Liquidations in the order of the chain. */
  readonly liquidated: readonly LiquidationNote[];
  /** Debt that each lender had written off when the run began, USDC raw. */
  readonly writtenOffBefore: Readonly<Record<string, bigint>>;
};

/** Circumstances of a liquidation that its event does not tell. */
type LiquidationNote = {
  readonly index: number;
  readonly moment: number;
  /** Whether the thresholds of the beginning would have left the account healthy. */
  readonly broughtForward: boolean;
};

/** Swaps are dated before the moment, as in the demonstration: the keeper then reads a block of the moment itself. */
const SWAPS_BEFORE = 30;
/** Feed, liquidations, lower price, feed: at most so often within a moment. */
const MOST_ROUNDS = 8;

/**
 * Plays the moments in order: arbitrage brings the pools to the path's prices by swaps, newcomers borrow, the keeper acts where
 * there is one, the feeds follow the pools with their lag, liquidators act until it does not pay, and what they sold lowers
 * the pools' prices, which the feeds see again.
 * @param protection null: nobody moves the lenders' parameters
 */
export async function play(
  stage: Stage,
  moments: readonly Moment[],
  settings: PlaySettings,
  protection: Protection | null,
  progress: Progress,
): Promise<Played> {
  const { chain } = stage;
  const run = new Run(stage, settings, protection);
  const firstBlock = (await chain.client.getBlockNumber()) + 1n;
  const writtenOffBefore: Record<string, bigint> = {};
  for (const lender of stage.lenders) writtenOffBefore[lender.id] = await lender.writtenOff();
  const [timeline, blocks]: [TimelineRow[], bigint[]] = [[], []];
  for (const [at, moment] of moments.entries()) {
    stage.signal.throwIfAborted();
    timeline.push(await run.moment(moment, at, (moments[0] as Moment).time));
    blocks.push(await chain.client.getBlockNumber());
    progress(at + 1, moments.length, protection === null ? "without Tonsor" : "with Tonsor");
  }
  const { borrowed, updates, syncs, held, books, liquidated } = run;
  const arrivals = run.arrivals.end();
  return {
    timeline,
    blocks,
    firstBlock,
    borrowed,
    updates,
    syncs,
    arrivals,
    held,
    books,
    liquidated,
    writtenOffBefore,
  };
}

type Limits = Pick<TimelineRow, "thresholdBps" | "ltvBps">;

/** What changes while a run goes on. */
class Run {
  readonly borrowed: Map<number, bigint>;
  updates = 0;
  syncs = 0;
  readonly arrivals: Arrivals;
  readonly held: string[] = [];
  books: Played["books"] = { read: 0, owing: 0 };
  readonly liquidated: LiquidationNote[] = [];
  /** The lenders' limits as last read, and thresholds at the beginning, by "lender collateral". */
  private limits: Limits = { thresholdBps: {}, ltvBps: {} };
  private start: Limits["thresholdBps"] = {};
  private readonly watch: Watch;
  private readonly stage: Stage;
  private readonly settings: PlaySettings;
  private readonly protection: Protection | null;
  private readonly rounds: Partial<Record<CollateralName, Round>> = {};
  /** What the last sales left the pools below the path, a share, and when. */
  private drops: { readonly time: number; readonly WETH: number; readonly WBTC: number } = {
    time: 0,
    WETH: 0,
    WBTC: 0,
  };

  constructor(stage: Stage, settings: PlaySettings, protection: Protection | null) {
    this.stage = stage;
    this.settings = settings;
    this.protection = protection;
    this.borrowed = new Map(stage.borrowed);
    this.watch = new Watch(stage.lenders);
    this.arrivals = new Arrivals(stage);
  }

  async moment(moment: Moment, at: number, start: number): Promise<TimelineRow> {
    const { chain, borrowers } = this.stage;
    const { time, prices } = moment;
    if (at === 0) {
      this.limits = await this.readLimits();
      this.start = this.limits.thresholdBps;
      for (const name of COLLATERALS) this.rounds[name] = { price: prices[name], time: 0 };
    }
    await chain.setTime(time - SWAPS_BEFORE);
    await this.arbitrage(prices, time);
    await chain.setTime(time);
    const due = borrowers.filter(
      ({ index, opensAfter }) => opensAfter !== null && !this.borrowed.has(index) && start + opensAfter <= time,
    );
    for (const [index, usdc] of await openLoans(this.stage, due, prices)) this.borrowed.set(index, usdc);
    const acted = await this.protect(moment);
    const { liquidated, left } = await this.liquidations(prices, time, at);
    return { ...{ time, board: moment.board, price: prices, liquidated, left }, ...acted, ...(await this.state()) };
  }

  /** Moves the pools to the path's prices less what is still missing of the last sales. */
  private async arbitrage(prices: UsdPrices, time: number): Promise<void> {
    const share = 2 ** (-(time - this.drops.time) / this.settings.refillSeconds);
    const wanted = (name: CollateralName) => prices[name] * (1 - this.drops[name] * share);
    const { chain } = this.stage;
    await movePools(chain.client, chain.accounts.trader.address, { WETH: wanted("WETH"), WBTC: wanted("WBTC") });
  }

  /** The keeper's cycle, its drive of the lenders included; counts who becomes liquidatable by it. */
  private async protect({ time, board }: Moment): Promise<{ crossed: number; failures: readonly string[] }> {
    if (this.protection === null) return { crossed: 0, failures: [] };
    const open = this.open();
    const before = await this.watch.healths(open, this.conditions());
    const note = await this.protection.cycle(time);
    await this.arrivals.after(note);
    if (note.batch !== null) this.updates += 1;
    this.syncs += note.syncs;
    this.held.push(...note.held);
    // At boards only: with many borrowers it is much to read.
    if (board && note.borrowers !== undefined) await this.compareBooks(note.borrowers, open);
    this.limits = await this.readLimits();
    const after = await this.watch.healths(open, this.conditions());
    const crossed = after.filter((health, i) => health < 1 && (before[i] ?? 0) >= 1).length;
    return { crossed, failures: note.failures };
  }

  private async compareBooks(read: number | null, open: readonly Borrower[]): Promise<void> {
    let { owing } = this.books;
    for (const lender of this.stage.lenders) {
      const accounts = await lender.accounts(open.filter((one) => one.lender === lender.id));
      owing += accounts.filter(({ debtUsd }) => debtUsd > 0).length;
    }
    this.books = { read: this.books.read + (read ?? 0), owing };
  }

  private async liquidations(
    prices: UsdPrices,
    time: number,
    moment: number,
  ): Promise<{ liquidated: number; left: number }> {
    const { chain, lenders } = this.stage;
    const { feed, liquidators } = this.settings;
    let [liquidated, left, at] = [0, 0, Math.max(time, await chain.time())];
    for (let round = 0; round < MOST_ROUNDS; round++) {
      at = Math.max(at, await chain.time());
      const answered = await this.report(at);
      if (round > 0 && !answered) break;
      at += feed.delaySeconds;
      const pass = await liquidate(chain, lenders, await this.due(), {
        ...liquidators,
        ethUsd: prices.WETH,
        turn: this.liquidated.length,
      });
      for (const { borrower, health } of pass.liquidated) {
        const key = `${borrower.lender} ${borrower.collateral}`;
        const broughtForward = (health * (this.start[key] ?? 0)) / (this.limits.thresholdBps[key] ?? 1) >= 1;
        this.liquidated.push({ index: borrower.index, moment, broughtForward });
      }
      liquidated += pass.liquidated.length;
      left = pass.left;
      if (pass.liquidated.length === 0) break;
      const sold = await pricesOf(chain.client);
      const drop = (name: CollateralName) => Math.max(0, 1 - sold[name] / prices[name]);
      this.drops = { time: at, WETH: drop("WETH"), WBTC: drop("WBTC") };
    }
    return { liquidated, left };
  }

  /** Accounts below health 1. */
  private async due(): Promise<readonly Due[]> {
    const open = this.open();
    const healths = await this.watch.healths(open, this.conditions());
    return open.flatMap((borrower, i) => {
      const health = healths[i] as number;
      return health < 1 ? [{ borrower, health, debtUsd: this.watch.debtUsd(borrower) }] : [];
    });
  }

  /** Starts the rounds that are due with what the pools say now, and waits until they are in a block. */
  private async report(time: number): Promise<boolean> {
    const { chain } = this.stage;
    const { abi } = ownArtifact("test/mocks/MockPriceFeed");
    const seen = await pricesOf(chain.client);
    const due = COLLATERALS.filter((name) => roundIsDue(this.rounds[name], seen[name], time, this.settings.feed));
    if (due.length === 0) return false;
    await chain.setTime(time + this.settings.feed.delaySeconds);
    for (const name of due) {
      const args = [scaledUsd(seen[name])];
      await chain.send(chain.accounts.trader.address, AT.feeds[name], abi, "setAnswer", args);
      this.rounds[name] = { price: seen[name], time };
    }
    return true;
  }

  private open(): readonly Borrower[] {
    return this.stage.borrowers.filter(({ index }) => (this.borrowed.get(index) ?? 0n) > 0n);
  }

  private conditions(): Conditions {
    const feed = { WETH: this.rounds.WETH?.price ?? 1, WBTC: this.rounds.WBTC?.price ?? 1 };
    return { feed, thresholdBps: this.limits.thresholdBps };
  }

  /** Thresholds and LTVs of the lenders now, by "lender collateral". */
  private async readLimits(): Promise<Limits> {
    const [thresholdBps, ltvBps]: [Record<string, number>, Record<string, number>] = [{}, {}];
    for (const lender of this.stage.lenders) {
      const limits = await lender.limits();
      for (const name of COLLATERALS) {
        thresholdBps[`${lender.id} ${name}`] = limits[name].thresholdBps;
        ltvBps[`${lender.id} ${name}`] = limits[name].ltvBps;
      }
    }
    return { thresholdBps, ltvBps };
  }

  private async state(): Promise<Limits & Pick<TimelineRow, "feed" | "initialBps">> {
    const haircuts = (await this.protection?.haircuts()) ?? null;
    const initialBps = haircuts === null ? null : { WETH: haircuts.WETH.initialBps, WBTC: haircuts.WBTC.initialBps };
    return { feed: this.conditions().feed, ...this.limits, initialBps };
  }
}
