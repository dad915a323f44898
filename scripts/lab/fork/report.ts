import { createHash } from "node:crypto";
import type { Hex } from "viem";
import { MAINNET_ADDRESSES as AT, TOKEN_DECIMALS } from "../replica/addresses.ts";
import { type Arrival, arrivalSums } from "./arrivals.ts";
import type { ForkSettings } from "./fork.ts";
import { type Transaction, transactionsOf } from "./ledger.ts";
import type { Equation, Lender } from "./lender.ts";
import { liquidatorAccounts } from "./liquidators.ts";
import type { Played, TimelineRow } from "./play.ts";
import type { Moment } from "./pricePath.ts";
import type { Stage } from "./stage.ts";

/** One liquidation of a run. */
export type LiquidationRow = {
  readonly time: number;
  readonly block: number;
  readonly lender: string;
  readonly collateral: string;
  readonly borrower: number;
  readonly liquidator: string;
  readonly repaidUsd: number;
  readonly seizedTokens: number;
  /** At the path's price. */
  readonly seizedUsd: number;
  readonly badDebtUsd: number;
  /** Thresholds of the beginning would have left it healthy. */
  readonly broughtForward: boolean;
};

/** What became of one lender. */
export type LenderOutcome = {
  readonly lender: string;
  readonly loans: number;
  readonly refused: number;
  readonly borrowedUsd: number;
  readonly liquidations: number;
  readonly accountsLiquidated: number;
  readonly repaidUsd: number;
  /** What borrowers lost by liquidations: seized at the path's price less repaid. */
  readonly borrowersLostUsd: number;
  /** By the lender's own books. */
  readonly writtenOffUsd: number;
  /** Debt above collateral of accounts still open, by the lender's own reads. */
  readonly underWaterUsd: number;
  readonly debtAtEndUsd: number;
  readonly broughtForward: number;
};

/** An equation as it came out. */
type Checked = { readonly what: string; readonly left: string; readonly right: string; readonly holds: boolean };

/** One of the two runs. */
export type RunReport = {
  readonly lenders: readonly LenderOutcome[];
  readonly liquidators: readonly { readonly liquidator: string; readonly earnedUsd: number }[];
  readonly updates: number;
  readonly syncs: number;
  /** Of each batch at each lender. */
  readonly arrivals: readonly Arrival[];
  /** Markets that the impact gate held, and why. */
  readonly held: readonly string[];
  /** Accounts made liquidatable by an update or sync at an unmoved price. */
  readonly crossed: number;
  readonly failures: readonly string[];
  readonly gasUsed: Readonly<Record<string, number>>;
  readonly liquidations: readonly LiquidationRow[];
  readonly timeline: readonly TimelineRow[];
  readonly checks: readonly Checked[];
  readonly transactions: readonly Transaction[];
};

/** Both runs from one snapshot. */
export type ForkReport = {
  readonly assumptions: Readonly<Record<string, string | number>>;
  /** In words, where the lenders came from and who governs them. */
  readonly origins: readonly string[];
  readonly before: readonly Checked[];
  readonly without: RunReport;
  readonly with: RunReport;
  /** sha256 of everything above. */
  readonly hash: string;
};

const usd = (raw: bigint): number => Number(raw) / 1e6;
const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0);

/** Puts together what a run left on the chain. */
export async function runReportOf(
  stage: Stage,
  moments: readonly Moment[],
  played: Played,
  equations: readonly Equation[],
): Promise<RunReport> {
  const { chain, lenders } = stage;
  const names = namesOf(stage);
  const liquidations = await liquidationsOf(stage, moments, played, names);
  const outcomes: LenderOutcome[] = [];
  const own: Equation[] = [];
  for (const lender of lenders) {
    const rows = liquidations.filter((one) => one.lender === lender.name);
    const writtenOff = (await lender.writtenOff()) - (played.writtenOffBefore[lender.id] ?? 0n);
    const events = await lender.liquidations(played.firstBlock);
    const right = events.reduce((total, { badDebt }) => total + badDebt, 0n);
    own.push({ what: `${lender.name}: bad debt in its books = bad debt of its liquidations`, left: writtenOff, right });
    outcomes.push({ ...(await outcomeOf(stage, lender, played, rows)), writtenOffUsd: usd(writtenOff) });
  }
  const accounts = liquidatorAccounts(stage.liquidators);
  const balances = await chain.read(
    accounts.map((account) => ({ to: AT.tokens.USDC, abi: BALANCE, name: "balanceOf", args: [account] })),
  );
  const transactions = await transactionsOf(chain, played.firstBlock, played.blocks.at(-1) ?? 0n, names);
  const gasUsed: Record<string, number> = {};
  for (const { from, gasUsed: gas } of transactions) {
    const role = from.replace(/ \d+$/, "");
    gasUsed[role] = (gasUsed[role] ?? 0) + gas;
  }
  return {
    lenders: outcomes,
    liquidators: balances.map((balance, i) => ({
      liquidator: `liquidator ${i}`,
      earnedUsd: usd(balance) - stage.liquidators.capitalUsd,
    })),
    ...{ updates: played.updates, syncs: played.syncs, arrivals: played.arrivals, held: played.held },
    ...{ liquidations, timeline: played.timeline, transactions, gasUsed },
    crossed: sum(played.timeline.map(({ crossed }) => crossed)),
    failures: played.timeline.flatMap(({ failures }) => failures),
    checks: checked([...equations, ...own, ...(await keeperEquations(stage, played, transactions))]),
  };
}

const NO_BATCH = { batches: 0, withinOneTick: 0 };

/** What must be equal of the keeper's doing. */
async function keeperEquations(
  { chain, contracts, lenders }: Stage,
  { arrivals, books, firstBlock }: Played,
  transactions: readonly Transaction[],
): Promise<readonly Equation[]> {
  const driven = lenders.find(({ id }) => id === "aave")?.name;
  const { batches, withinOneTick } = arrivalSums({ arrivals }).find(({ lender }) => lender === driven) ?? NO_BATCH;
  const changes = await chain.client.getLogs({ address: contracts.aave.configurator, fromBlock: firstBlock });
  const drive = new Set(
    transactions.filter(({ from, to }) => from === "keeper" && to === "AaveV3Agent").map(({ hash }) => hash),
  );
  const equation = (what: string, left: number, right: number) => ({ what, left: BigInt(left), right: BigInt(right) });
  return [
    equation(`${driven}: batches in force there within one tick = batches`, withinOneTick, batches),
    equation(
      `${driven}: changes of its reserves by the keeper through the agent = changes of its reserves`,
      changes.filter(({ transactionHash }) => transactionHash !== null && drive.has(transactionHash)).length,
      changes.length,
    ),
    equation("Borrowers in the books that the keeper read = accounts that owed then", books.read, books.owing),
  ];
}

const BALANCE = [
  {
    type: "function",
    name: "balanceOf",
    stateMutability: "view",
    inputs: [{ type: "address" }],
    outputs: [{ type: "uint256" }],
  },
] as const;

async function outcomeOf(
  { borrowers }: Stage,
  lender: Lender,
  { borrowed }: Played,
  rows: readonly LiquidationRow[],
): Promise<Omit<LenderOutcome, "writtenOffUsd">> {
  const own = borrowers.filter((one) => one.lender === lender.id && borrowed.has(one.index));
  const taken = own.map(({ index }) => usd(borrowed.get(index) ?? 0n));
  const accounts = await lender.accounts(own);
  return {
    lender: lender.name,
    loans: taken.filter((one) => one > 0).length,
    refused: taken.filter((one) => one === 0).length,
    borrowedUsd: sum(taken),
    liquidations: rows.length,
    accountsLiquidated: new Set(rows.map(({ borrower }) => borrower)).size,
    repaidUsd: sum(rows.map(({ repaidUsd }) => repaidUsd)),
    borrowersLostUsd: sum(rows.map(({ seizedUsd, repaidUsd }) => seizedUsd - repaidUsd)),
    underWaterUsd: sum(accounts.map(({ debtUsd, collateralUsd }) => Math.max(0, debtUsd - collateralUsd))),
    debtAtEndUsd: sum(accounts.map(({ debtUsd }) => debtUsd)),
    broughtForward: rows.filter(({ broughtForward }) => broughtForward).length,
  };
}

async function liquidationsOf(
  { lenders, borrowers }: Stage,
  moments: readonly Moment[],
  { firstBlock, blocks, liquidated }: Played,
  names: ReadonlyMap<string, string>,
): Promise<readonly LiquidationRow[]> {
  const events = (
    await Promise.all(
      lenders.map(async (lender) => (await lender.liquidations(firstBlock)).map((event) => ({ lender, event }))),
    )
  )
    .flat()
    .sort((a, b) => Number(a.event.block - b.event.block) || a.event.logIndex - b.event.logIndex);
  const indexOf = new Map(borrowers.map(({ address, index }) => [address.toLowerCase(), index]));
  return events.map(({ lender, event }, i) => {
    const moment = moments[blocks.findIndex((last) => event.block <= last)] as Moment;
    const seizedTokens = Number(event.seized) / 10 ** TOKEN_DECIMALS[event.collateral];
    const index = indexOf.get(event.borrower.toLowerCase()) ?? -1;
    return {
      ...{ time: moment.time, block: Number(event.block), lender: lender.name, collateral: event.collateral },
      ...{ borrower: index, liquidator: names.get(event.liquidator.toLowerCase()) ?? event.liquidator },
      ...{ repaidUsd: usd(event.repaid), seizedTokens, seizedUsd: seizedTokens * moment.prices[event.collateral] },
      ...{
        badDebtUsd: usd(event.badDebt),
        broughtForward: liquidated[i]?.index === index && liquidated[i].broughtForward,
      },
    };
  });
}

/** Everybody whom the simulation knows, by lower-case address. */
function namesOf({ chain, lenders, contracts, borrowers, liquidators }: Stage): ReadonlyMap<string, string> {
  const known: [string, string][] = [
    ...Object.entries(chain.accounts).map(([role, { address }]): [string, string] => [address, role]),
    ...Object.entries(AT.tokens).map(([name, address]): [string, string] => [address, name]),
    ...Object.entries(AT.feeds).map(([name, address]): [string, string] => [address, `${name} feed`]),
    [AT.router, "Uniswap router"],
    ...lenders.map(({ name, spender }): [string, string] => [spender, name]),
    ...[
      [contracts.deployment.contract.address, "Parameters"] as [string, string],
      [contracts.agent, "AaveV3Agent"] as [string, string],
    ],
    ...liquidatorAccounts(liquidators).map((address: Hex, i): [string, string] => [address, `liquidator ${i}`]),
    ...borrowers.map(({ address, index }): [string, string] => [address, `borrower ${index}`]),
  ];
  return new Map(known.map(([address, name]) => [address.toLowerCase(), name]));
}

function checked(equations: readonly Equation[]): readonly Checked[] {
  return equations.map(({ what, left, right }) => ({
    what,
    left: String(left),
    right: String(right),
    holds: left === right,
  }));
}

/** The report of both runs. */
export function reportOf(
  settings: ForkSettings,
  stage: Stage,
  before: readonly Equation[],
  without: RunReport,
  withUs: RunReport,
): ForkReport {
  const { moments, seed, source, play, lateShare, rows } = settings;
  const iso = (time: number | undefined) => (time === undefined ? "" : new Date(time * 1000).toISOString());
  const assumptions = {
    ...{ seed, data: source.name, borrowers: stage.borrowers.length },
    ...{ from: iso(moments[0]?.time), to: iso(moments.at(-1)?.time) },
    "moments, each a keeper's cycle": moments.length,
    "moments at which the venue has a new board": moments.filter(({ board }) => board).length,
    "shape of the book": rows === null ? "generated" : `${rows.length} recorded borrowers`,
    "share of borrowers who come later": lateShare,
    "feed: deviation": play.feed.deviation,
    "feed: heartbeat, seconds": play.feed.heartbeatSeconds,
    "feed: delay, seconds": play.feed.delaySeconds,
    liquidators: play.liquidators.count,
    "capital of each, $": play.liquidators.capitalUsd,
    "gas they reckon with, gwei": play.liquidators.gasGwei,
    "half of a sale's impact is gone after, seconds": play.refillSeconds,
  };
  const origins = [...stage.origins, `Risk admin given by: ${stage.governance}`];
  const body = { assumptions, origins, before: checked(before), without, with: withUs };
  return { ...body, hash: createHash("sha256").update(JSON.stringify(body)).digest("hex") };
}
