import { resolve } from "node:path";
import { keccak256 } from "viem";
import type { BatchEntry, BatchPlan, CycleReport, GatedPlan } from "../domain/cycle.ts";
import type { Assessment, Decision, OnChainMarket } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import type { BookState, MarketBook, PositionBook, PositionSums } from "../domain/position.ts";
import { assess, fitDue } from "../pipeline.ts";
import { type ImpactBudget, impactOf, landingBps, overBudget } from "./impact.ts";
import { LenderFault } from "./lenders/lenderFault.ts";
import type { LendersSeen } from "./lenders/lenders.ts";
import { readPositionsFile } from "./positions.ts";
import { type CheckedMarket, type ImpactFacts, writeImpact } from "./report.ts";

/** Budget, and where positions are read. Names are those of the configuration file. */
type ImpactSettings = ImpactBudget & {
  readonly positionsFile: string | null;
  readonly positionsMaxAgeSeconds: number;
};

/** What is checked of a market on its way to the chain. */
type Candidate = {
  readonly input: {
    readonly market: { readonly name: string; readonly quality?: { readonly maxPriceDisagreement: number } };
    readonly onChain: OnChainMarket;
  };
  readonly assessment: {
    readonly decision: Pick<Decision, "maintenanceTargetBps">;
    readonly readings: Pick<Assessment["readings"], "priceUsd">;
  };
};
type Candidates = Pick<BatchPlan, "now"> & {
  readonly chain: Pick<BatchPlan["chain"], "blockNumber" | "blockTime">;
  readonly entries: readonly Candidate[];
};

/** What is used here of the lenders' books. */
type LendersRead = Pick<LendersSeen, "books" | "markets" | "states">;

export type ImpactParts = {
  readonly settings: ImpactSettings;
  readonly folder: string;
  readonly deadlineSeconds: number;
  /** Reads the books of the lenders that the deployment's record names; null: it names none. */
  readonly lenders: ((block: { readonly number: bigint; readonly timestamp: number }) => Promise<LendersRead>) | null;
};

/**
 * The last check before anything is signed: what each market's update makes liquidatable, by the positions of every
 * source configured, at the block that it was decided on. A market above the budget is taken out of the batch, with a
 * named reason; so is one that raises its maintenance target while a source of its positions cannot be read. The others go on.
 * With no source configured nothing is held.
 */
export function impactGate(parts: ImpactParts): (plan: BatchPlan) => Promise<GatedPlan> {
  return async (plan) => {
    // What raises no maintenance waits for no lender: nothing that one says could hold it.
    const reads = parts.lenders != null && plan.entries.some(raisesMaintenance);
    const { books, problems, checked, held, weighed } = await check(plan, reads ? parts : { ...parts, lenders: null });
    const kept = plan.entries.filter(({ input }) => !held.some(({ market }) => market === input.market.name));
    return {
      plan: held.length === 0 ? plan : { ...plan, ...refitted(kept) },
      held,
      ...(reads || parts.lenders == null ? { weighed } : {}),
      async report(sent, tick) {
        if (books.length === 0 && problems.length === 0) return;
        const facts: ImpactFacts = {
          evidence: sent?.evidence ?? null,
          calldataHash: sent === null ? null : keccak256(sent.calldata),
          ...{ time: plan.now, blockNumber: plan.chain.blockNumber, budget: parts.settings, books, markets: checked },
          problems: problems.map(({ words }) => words),
        };
        await writeImpact(parts.folder, sent?.evidence ?? `tick-${tick}`, facts);
      },
    };
  };
}

/** What the gate would hold of some markets, and why; nothing is written. */
export async function heldByImpact(candidates: Candidates, parts: ImpactParts): Promise<GatedPlan["held"]> {
  const reads = candidates.entries.some(raisesMaintenance);
  return (await check(candidates, reads ? parts : { ...parts, lenders: null })).held;
}

type Weighed = Pick<CycleReport, "weighed" | "books">;

/** Books that were read are as good as new for so long, seconds: nobody waits for them but who looks at the page. */
const FRESH_SECONDS = 600;

/**
 * Returns what reads the lenders' books after a cycle, so that page, metrics and `explain` have them when nothing is sent:
 * every ten minutes, and in each cycle while one of them cannot be read. Empty where the record names no lender, or none was
 * due. What fails is a fault of its lender, and never of the cycle.
 */
export function weighing(parts: ImpactParts): (report: CycleReport) => Promise<Weighed> {
  const { lenders } = parts;
  let readAt = Number.NEGATIVE_INFINITY;
  let known: readonly BookState[] = [];
  return async ({ now, blockNumber, blockTime, entries }): Promise<Weighed> => {
    if (lenders === null || entries.length === 0) return {};
    const isWell = known.every(({ fault }) => fault === null);
    if (isWell && now - readAt < FRESH_SECONDS && now >= readAt) return {};
    const [{ states }, { weighed }] = await Promise.all([
      lenders({ number: blockNumber, timestamp: blockTime }),
      check({ chain: { blockNumber, blockTime }, now, entries }, parts),
    ]);
    [readAt, known] = [now, states];
    return { weighed, books: states };
  };
}

async function check(candidates: Candidates, parts: ImpactParts) {
  const { books, problems, markets } = await readBooks(candidates, parts);
  const positions = books.flatMap((book) => book.positions);
  const wrongWith = (marketId: number) =>
    problems.flatMap(({ markets: ids, words }) => (ids === null || ids.includes(marketId) ? [words] : []));
  const checked = candidates.entries.map((entry) =>
    checkMarket(entry, positions, wrongWith(entry.input.onChain.marketId), parts),
  );
  const held = checked.flatMap(({ market, held: reason }) => (reason === null ? [] : [{ market, reason }]));
  const weighed = checked.map((one) => sumsOf(one, books, wrongWith(one.impact.move.marketId), markets));
  return { books, problems, checked, held, weighed };
}

/** The batch without those held, as `verify` will compute it: from decisions that never knew of them. */
function refitted(kept: readonly BatchEntry[]): Pick<BatchPlan, "entries" | "contractEntries"> {
  const { due, contractEntries } = fitDue(kept.map(({ input }) => ({ input, assessment: assess(input) })));
  return { entries: due, contractEntries };
}

function checkMarket(
  { input, assessment }: Candidate,
  positions: readonly PositionBook["positions"][number][],
  problems: readonly string[],
  { settings, deadlineSeconds }: ImpactParts,
): CheckedMarket {
  const { marketId, maintenanceBps, maintenanceTargetBps, limits } = input.onChain;
  const newTargetBps = assessment.decision.maintenanceTargetBps;
  const impact = impactOf(
    {
      marketId,
      effectiveBps: maintenanceBps,
      targetBps: maintenanceTargetBps,
      newTargetBps,
      landingBps: landingBps(maintenanceBps, newTargetBps, limits.tightenSpeedBpsPer30Days, deadlineSeconds),
    },
    positions,
  );
  const blind =
    raisesMaintenance({ input, assessment }) && problems.length > 0 ? `IMPACT_UNKNOWN: ${problems.join("; ")}` : null;
  const over = overBudget(impact, settings);
  const held = over === null ? blind : `IMPACT_OVER_BUDGET: ${over}`;
  return { market: input.market.name, impact, held };
}

/** Whether a decision moves maintenance further up than it is on its way to. */
function raisesMaintenance({ input: { onChain }, assessment: { decision } }: Candidate): boolean {
  return decision.maintenanceTargetBps > Math.max(onChain.maintenanceTargetBps, onChain.maintenanceBps);
}

/** What the positions of a market came to, or why that is not known. */
function sumsOf(
  { market, impact: { move, all, already, end } }: CheckedMarket,
  books: readonly PositionBook[],
  problems: readonly string[],
  markets: LendersRead["markets"],
): PositionSums {
  const { marketId } = move;
  // Where a lender says what it holds of a collateral, that counts, and not what its borrowers have of it.
  const held = books.map(({ heldUsd, positions }) => {
    const own = positions.reduce((sum, one) => (one.marketId === marketId ? sum + one.collateralUsd : sum), 0);
    return heldUsd?.get(marketId) ?? own;
  });
  const collateralUsd = held.reduce((sum, one) => sum + one, 0);
  const atRiskUsd = already.debtUsd + end.debtUsd;
  const none = books.length === 0 ? "neither the record nor the impact settings name positions" : null;
  const why = problems.length > 0 ? `not read: ${problems.join("; ")}` : none;
  const book = markets.get(marketId);
  return { market, collateralUsd, debtUsd: all.debtUsd, atRiskUsd, why, ...(book === undefined ? {} : { book }) };
}

/** What is wrong with a source of positions, in words, and of which markets nothing is known for it; null: of all. */
type Problem = { readonly markets: readonly number[] | null; readonly words: string };

/** Every source that can be read, and why the others cannot. */
async function readBooks({ chain, entries, now }: Candidates, { settings, lenders }: ImpactParts) {
  const valuation = new Map(
    entries.map(({ input, assessment }) => [
      input.market.name,
      { marketId: input.onChain.marketId, priceUsd: assessment.readings.priceUsd },
    ]),
  );
  const block = { number: chain.blockNumber, timestamp: chain.blockTime };
  const { positionsFile, positionsMaxAgeSeconds } = settings;
  const books: PositionBook[] = [];
  const problems: Problem[] = [];
  if (positionsFile !== null) {
    try {
      books.push(fresh(await readPositionsFile(resolve(positionsFile), valuation), now, positionsMaxAgeSeconds));
    } catch (error) {
      problems.push({ markets: null, words: (error as Error).message });
    }
  }
  const seen = (await lenders?.(block)) ?? { books: [], markets: new Map<number, MarketBook>(), states: [] };
  for (const { lender, markets, fault: words } of seen.states) {
    if (words !== null) problems.push({ markets, words: `${lender}: ${words}` });
  }
  books.push(...seen.books);
  problems.push(...seen.books.flatMap((book) => entries.flatMap((entry) => otherPrice(book, entry))));
  return { books, problems, markets: seen.markets };
}

/** For whoever weighs without a market's file: what most of them allow. */
const USUAL_DISAGREEMENT = 0.05;

/** In words, that a lender values a market's collateral by another price than ours: then its positions say nothing. */
function otherPrice({ source, priceUsd }: PositionBook, { input, assessment }: Candidate): Problem[] {
  const [theirs, ours] = [priceUsd?.get(input.onChain.marketId), assessment.readings.priceUsd];
  if (theirs === undefined) return [];
  const most = input.market.quality?.maxPriceDisagreement ?? USUAL_DISAGREEMENT;
  if (ours !== null && Math.abs(theirs - ours) <= most * ours) return [];
  const words = `${theirs} USD for ${input.market.name}, ours is ${ours ?? "not known"}`;
  const { message } = new LenderFault("OTHER_PRICE", words);
  return [{ markets: [input.onChain.marketId], words: `${source}: ${message}` }];
}

function fresh(book: PositionBook, now: number, maxAgeSeconds: number): PositionBook {
  const age = now - book.time;
  if (age <= maxAgeSeconds && age >= -maxAgeSeconds) return book;
  const facts = { field: "impact.positionsFile", given: `${age} s`, expected: `<= ${maxAgeSeconds} s` };
  throw new TonsorError("BAD_FILE", "positions are too old", facts);
}
