import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { AssessInput } from "../../../keeper/domain/decision.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Position, PositionBook } from "../../../keeper/domain/position.ts";
import { isLiquidatable } from "../../../keeper/impact/impact.ts";
import { readPositionsFile } from "../../../keeper/impact/positions.ts";
import { configuredMarkets } from "../../markets.ts";
import { type Borrower, type Cascade, type CascadeAssumptions, cascade } from "../stress/cascade.ts";
import { type LeastShock, leastShock, measureOf } from "../stress/reverse.ts";
import { type Scenario, type Shock, shockOf } from "../stress/scenario.ts";
import type { Stressed } from "../stress/stress.ts";
import { madeBook, observedSubject, recordedSubject, type Subject } from "../stress/subject.ts";
import { ASSETS } from "../validation/backtest/assets.ts";
import { recordingsFolder } from "../validation/recordings.ts";

/** A loss to look for: a share of all debt, or USD. */
export type Loss = { readonly share: number } | { readonly usd: number };

/** Prices further apart are not of one moment. */
const MOST_APART_SECONDS = 2 * DAY_SECONDS;

/** Some positions, counted. */
type Counted = { readonly positions: number; readonly debtUsd: number };

/** Positions of one market that can be liquidated at the scenario's price, each by itself, by the values on chain then. */
type Liquidatable = {
  /** With present maintenance: what the price alone does. */
  readonly byPrice: Counted;
  readonly afterHour: Counted;
  readonly afterDay: Counted;
  /** When maintenance has reached its target. */
  readonly atTarget: Counted;
};

/** What a scenario does to one market; the keeper's part is null for a recorded asset. */
export type StressedRow = {
  readonly shock: Shock;
  readonly keeper: (Stressed & { readonly liquidatable: Liquidatable | null }) | null;
};

/** Markets under scenarios. */
export type StressReport = {
  readonly subjects: readonly Subject[];
  /** Hash of the evidence the inputs come from, or null: they are recorded or present ones. */
  readonly evidence: string | null;
  readonly book: PositionBook | null;
  readonly assumed: CascadeAssumptions;
  readonly scenarios: readonly {
    readonly scenario: Scenario;
    /** By market, in the order of the subjects. */
    readonly rows: readonly StressedRow[];
    readonly cascade: Cascade;
    readonly reverse: Reverse | null;
  }[];
};

/** The least size of a scenario that costs a loss. */
export type Reverse = LeastShock & {
  readonly wantedUsd: number;
  /** The market whose fall `bps` counts; null: `bps` are of the scenario's size. */
  readonly market: string | null;
  readonly size: number | null;
  /** Fall of each market there, fractions. */
  readonly falls: readonly number[];
};

/**
 * Markets together under scenarios: what the keeper decides of each, and what becomes of the borrowers. Nothing is sent and
 * nothing written.
 * @throws TonsorError BAD_FILE for a book or scenario that cannot be used
 */
export async function stressReport(
  subjects: readonly Subject[],
  scenarios: readonly Scenario[],
  options: CascadeAssumptions & {
    readonly evidence: string | null;
    readonly bookFile: string | null;
    readonly reverse: Loss | null;
    /** Called as the search goes on. */
    progress(done: number, of: number, what: string): void;
  },
): Promise<StressReport> {
  for (const scenario of scenarios) requireKnown(scenario, subjects);
  const { evidence, impactShare, capitalUsd } = options;
  const book = options.bookFile === null ? null : await bookOf(options.bookFile, subjects);
  const borrowers = book === null ? madeBook(subjects) : borrowersOf(book, subjects);
  const assumed = { impactShare, capitalUsd };
  return {
    ...{ subjects, evidence, book, assumed },
    scenarios: scenarios.map((scenario, at) => {
      const shocks = subjects.map(({ name }) => shockOf(scenario, name));
      const after = subjects.map((subject, i) => subject.after(shocks[i] as Shock));
      const played = cascade(
        after.map(({ market }) => market),
        borrowers,
        assumed,
      );
      const { debtUsd } = played.total;
      const wanted = options.reverse;
      const wantedUsd = wanted === null ? null : "usd" in wanted ? wanted.usd : wanted.share * debtUsd;
      return {
        scenario,
        rows: after.map(({ keeper }, i) => ({
          shock: shocks[i] as Shock,
          keeper: withPositions(keeper, i, subjects, book, shocks),
        })),
        cascade: played,
        reverse:
          wantedUsd === null || isStill(scenario, subjects)
            ? null
            : reverseOf(scenario, subjects, borrowers, assumed, wantedUsd, (share) =>
                options.progress(at + share, scenarios.length, scenario.name),
              ),
      };
    }),
  };
}

function reverseOf(
  scenario: Scenario,
  subjects: readonly Subject[],
  borrowers: readonly Borrower[],
  assumed: CascadeAssumptions,
  wantedUsd: number,
  progress: (share: number) => void,
): Reverse {
  const names = subjects.map(({ name }) => name);
  const { market, most, sizeAt } = measureOf(scenario, names);
  const lossAt = (bps: number) => {
    const shocked = subjects.map((subject) => subject.after(shockOf(scenario, subject.name, sizeAt(bps))).market);
    return cascade(shocked, borrowers, assumed).total.badDebtUsd;
  };
  const least = leastShock(lossAt, most, wantedUsd, (bps) => progress(bps / most));
  progress(1);
  const size = least.bps === null ? null : sizeAt(least.bps);
  const falls = size === null ? [] : names.map((name) => 1 - shockOf(scenario, name, size).priceFactor);
  return { ...least, wantedUsd, market, size, falls };
}

/** True for a scenario that changes nothing: it has no size to search. */
function isStill(scenario: Scenario, subjects: readonly Subject[]): boolean {
  return subjects.every(({ name }) => isDeepStrictEqual(shockOf(scenario, name, 0), shockOf(scenario, name)));
}

/** A scenario may speak of markets that are not stressed, but not of one that nobody knows. */
function requireKnown({ name, markets }: Scenario, subjects: readonly Subject[]): void {
  const known = new Set(
    [...subjects, ...ASSETS, ...configuredMarkets().map(({ parameters }) => parameters)].map((one) => one.name),
  );
  for (const given of Object.keys(markets)) {
    if (known.has(given)) continue;
    const facts = { field: `markets.${given}`, given, expected: `some of ${[...known].join(", ")}` };
    throw new TonsorError("BAD_FILE", `scenario ${name} names a market that there is not`, facts);
  }
}

/** Recorded assets by name, all of one day. @throws TonsorError UNKNOWN_MARKET, BAD_ARGUMENT */
export function recordedSubjects(
  names: readonly string[],
  folder: string | undefined,
  until: number,
): readonly Subject[] {
  const recordings = recordingsFolder(folder);
  const subjects = names.map((given) => {
    const asset = ASSETS.find(({ name }) => name === given.toUpperCase());
    if (asset !== undefined) return recordedSubject(asset, ASSETS, recordings, until);
    const expected = `some of ${ASSETS.map(({ name }) => name).join(", ")}; configured markets with --evidence or --present`;
    throw new TonsorError("UNKNOWN_MARKET", "nothing is recorded under that name", {
      field: "--markets",
      given,
      expected,
    });
  });
  const [oldest, newest] = [0, -1].map((at) => subjects.toSorted((a, b) => a.time - b.time).at(at) as Subject);
  if (oldest !== undefined && newest !== undefined && newest.time - oldest.time > MOST_APART_SECONDS) {
    const day = (time: number) => new Date(time * 1_000).toISOString().slice(0, 10);
    const given = `${oldest.name} of ${day(oldest.time)}, ${newest.name} of ${day(newest.time)}`;
    const facts = { field: "--at", given, expected: `prices of one day, for instance --at ${day(oldest.time)}` };
    throw new TonsorError("BAD_ARGUMENT", "the markets were not recorded together", facts);
  }
  return subjects;
}

/** Subjects of a keeper's inputs. */
export function observedSubjects(inputs: readonly AssessInput[]): readonly Subject[] {
  return inputs.map(observedSubject);
}

/** The positions of a file in the stressed markets; a market's id is its place among them. */
async function bookOf(file: string, subjects: readonly Subject[]): Promise<PositionBook> {
  const valuation = new Map(subjects.map(({ name, priceUsd }, marketId) => [name, { marketId, priceUsd }]));
  const book = await readPositionsFile(resolve(file), valuation, "--book");
  const refuse = (field: string, given: unknown, expected: string) => {
    throw new TonsorError("BAD_FILE", `the book ${file} cannot be stressed`, { field, given, expected });
  };
  const names = subjects.map(({ name }) => name).join(", ");
  if (book.positions.length === 0) refuse("positions", 0, `a position of ${names}`);
  for (const { account, collateralUsd, debtUsd } of accountsOf(book)) {
    if (debtUsd <= collateralUsd) continue;
    refuse(`debtUsd of ${account}`, debtUsd, `at most its collateral, ${collateralUsd} USD: it is under water already`);
  }
  return book;
}

/** Positions of one account at one protocol stand for each other. */
function accountsOf({ positions }: PositionBook) {
  const accounts = Map.groupBy(positions, ({ protocol, account }) => JSON.stringify([protocol, account]));
  return [...accounts.values()].map((own) => ({
    own,
    account: own[0]?.account ?? "",
    collateralUsd: own.reduce((sum, one) => sum + one.collateralUsd, 0),
    debtUsd: own.reduce((sum, one) => sum + one.debtUsd, 0),
  }));
}

function borrowersOf(book: PositionBook, subjects: readonly Subject[]): readonly Borrower[] {
  return accountsOf(book).map(({ own, debtUsd }) => {
    const collateralUsd = subjects.map(() => 0);
    for (const one of own) collateralUsd[one.marketId] = (collateralUsd[one.marketId] as number) + one.collateralUsd;
    return { collateralUsd, debtUsd };
  });
}

function withPositions(
  keeper: Stressed | null,
  market: number,
  subjects: readonly Subject[],
  book: PositionBook | null,
  shocks: readonly Shock[],
): StressedRow["keeper"] {
  if (keeper === null) return null;
  const input = subjects[market]?.input;
  const positions = book?.positions.filter(({ marketId }) => marketId === market) ?? [];
  const counted =
    positions.length === 0 || input === null || input === undefined
      ? null
      : liquidatable(positions, keeper, input, (shocks[market] as Shock).priceFactor);
  return { ...keeper, liquidatable: counted };
}

function liquidatable(
  positions: readonly Position[],
  { outlook }: Stressed,
  { onChain }: AssessInput,
  priceFactor: number,
): Liquidatable {
  const count = (maintenanceBps: number): Counted => {
    let [number, debtUsd] = [0, 0];
    for (const one of positions) {
      const fallen = { ...one, collateralUsd: one.collateralUsd * priceFactor };
      if (!isLiquidatable(fallen, maintenanceBps)) continue;
      number += 1;
      debtUsd += one.debtUsd;
    }
    return { positions: number, debtUsd };
  };
  return {
    byPrice: count(onChain.maintenanceBps),
    afterHour: count(outlook.afterHour.maintenanceBps),
    afterDay: count(outlook.afterDay.maintenanceBps),
    atTarget: count(outlook.maintenanceTargetBps),
  };
}
