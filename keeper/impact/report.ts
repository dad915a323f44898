import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PositionBook } from "../domain/position.ts";
import { asStateError, replaceFile } from "../journal/files.ts";
import type { Exposed, ImpactBudget, MarketImpact } from "./impact.ts";

/** Positions listed by name in a report, the largest debts first; the sums are of all. */
const LISTED = 100;

/** One market of a report: what its update does, and why it is held, or null. */
export type CheckedMarket = { readonly market: string; readonly impact: MarketImpact; readonly held: string | null };

/** Reports kept of batches that sent nothing: one a minute for as long as governance thinks would fill the disk. */
const MOST_HELD = 100;

/** Everything in a report. */
export type ImpactFacts = {
  /** Evidence of the batch that was sent, or null when nothing was. */
  readonly evidence: string | null;
  /** keccak256 of the calldata, or null when nothing was sent. */
  readonly calldataHash: string | null;
  readonly time: number;
  readonly blockNumber: bigint;
  readonly budget: ImpactBudget;
  readonly books: readonly PositionBook[];
  /** Why a source of positions could not be read, in words. */
  readonly problems: readonly string[];
  readonly markets: readonly CheckedMarket[];
};

/** Writes a report as JSON and Markdown, each complete under its name or not at all. @throws TonsorError DISK_FULL */
export async function writeImpact(folder: string, name: string, facts: ImpactFacts): Promise<void> {
  const files = [
    [`${name}.json`, `${JSON.stringify(impactJson(facts), null, 2)}\n`],
    [`${name}.md`, impactMarkdown(facts)],
  ] as const;
  try {
    await mkdir(folder, { recursive: true });
    for (const [file, text] of files) {
      await replaceFile(join(folder, file), (aside) => writeFile(aside, text));
    }
  } catch (error) {
    throw asStateError(error, folder);
  }
  await dropHeld(folder);
}

/** Removes the reports that are older than `before` (Unix seconds of the disk's clock); says how many files. */
export async function pruneImpact(folder: string, before: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    if ((await stat(join(folder, name))).mtimeMs >= before * 1_000) continue;
    await rm(join(folder, name), { force: true });
    removed += 1;
  }
  return removed;
}

async function dropHeld(folder: string): Promise<void> {
  const ticks = (await readdir(folder)).flatMap((name) => /^tick-(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number);
  for (const tick of ticks.toSorted((a, b) => b - a).slice(MOST_HELD)) {
    for (const ending of ["json", "md"]) await rm(join(folder, `tick-${tick}.${ending}`), { force: true });
  }
}

/** The report as JSON (`tonsor.impact.v1`): dollars in the fields that say so, basis points, Unix seconds. */
function impactJson(facts: ImpactFacts) {
  const { evidence, calldataHash, time, blockNumber, budget, books, problems, markets } = facts;
  return {
    schema: "tonsor.impact.v1",
    evidence,
    calldataHash,
    time,
    blockNumber: blockNumber.toString(),
    budget,
    sources: books.map(({ source, time: at, positions }) => ({ source, time: at, positions: positions.length })),
    problems,
    markets: markets.map(({ market, impact, held }) => ({
      market,
      held,
      maintenance: impact.move,
      all: sums(impact.all),
      already: sums(impact.already),
      now: { ...sums(impact.now), listed: impact.now.positions.slice(0, LISTED) },
      end: { ...sums(impact.end), listed: impact.end.positions.slice(0, LISTED) },
      added: sums(impact.added),
    })),
  };
}

/** The same for people. */
function impactMarkdown(facts: ImpactFacts): string {
  const { evidence, time, blockNumber, budget, books, problems, markets } = facts;
  const usd = (value: number) => Math.round(value).toLocaleString("en-US");
  const cell = ({ positions, debtUsd }: Exposed) => `${positions.length} (${usd(debtUsd)})`;
  const rows = markets.map(({ market, impact, held }) => {
    const { effectiveBps, targetBps, newTargetBps } = impact.move;
    const move = `${effectiveBps} -> ${newTargetBps} (was ${targetBps})`;
    return `| ${market} | ${move} | ${cell(impact.all)} | ${cell(impact.already)} | ${cell(impact.now)} | ${cell(impact.end)} | ${held === null ? "sent" : "held"} |`;
  });
  const largest = markets.flatMap(({ market, impact }) =>
    impact.end.positions
      .slice(0, 10)
      .map(
        (one) => `| ${market} | ${one.protocol} | ${one.account} | ${usd(one.collateralUsd)} | ${usd(one.debtUsd)} |`,
      ),
  );
  const sources = books.map(
    (book) => `- ${book.source}: ${book.positions.length} positions, ${new Date(book.time * 1000).toISOString()}`,
  );
  return [
    `# Impact at block ${blockNumber}`,
    "",
    `${new Date(time * 1000).toISOString()}. ${evidence === null ? "Nothing was sent." : `Evidence ${evidence}.`}`,
    `Allowed a market: ${usd(budget.maxDebtUsd)} USD of debt, ${budget.maxDebtPercent} % of all.`,
    "",
    "| market | maintenance, bp | positions (USD of debt) | liquidatable already | at landing | by the end of the ramp | |",
    "|---|---|---|---|---|---|---|",
    ...rows,
    "",
    ...markets.flatMap(({ market, held }) => (held === null ? [] : [`**${market} is held.** ${held}.`, ""])),
    ...(largest.length === 0
      ? []
      : ["| market | protocol | account | collateral, USD | debt, USD |", "|---|---|---|--:|--:|", ...largest, ""]),
    "Sources of positions, at present prices:",
    ...(sources.length === 0 ? ["- none"] : sources),
    ...problems.map((problem) => `- not read: ${problem}`),
    "",
  ].join("\n");
}

function sums({ positions, collateralUsd, debtUsd }: Exposed) {
  return { count: positions.length, collateralUsd, debtUsd };
}
