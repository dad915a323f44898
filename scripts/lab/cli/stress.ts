import { basename, dirname, resolve } from "node:path";
import { knownMarket } from "../../../keeper/cli/arguments.ts";
import type { Hex } from "../../../keeper/domain/contract.ts";
import type { AssessInput } from "../../../keeper/domain/decision.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import type { Position, PositionBook } from "../../../keeper/domain/position.ts";
import { decodeBundle } from "../../../keeper/evidence/bundle.ts";
import { isLiquidatable } from "../../../keeper/impact/impact.ts";
import { readPositionsFile } from "../../../keeper/impact/positions.ts";
import { evidenceFolder } from "../../../keeper/journal/files.ts";
import { assess } from "../../../keeper/pipeline.ts";
import { SCENARIOS, type ScenarioName } from "../stress/registry.ts";
import { type Stressed, stress } from "../stress/stress.ts";

/** Some positions, counted. */
type Counted = { readonly positions: number; readonly debtUsd: number };

/** Positions that can be liquidated at the scenario's price, by the values on chain then. */
type Liquidatable = {
  /** With present maintenance: what the price alone does. */
  readonly byPrice: Counted;
  readonly afterHour: Counted;
  readonly afterDay: Counted;
  /** When maintenance has reached its target. */
  readonly atTarget: Counted;
};

/** One market under scenarios. */
export type StressReport = {
  readonly input: AssessInput;
  /** Hash of the evidence the inputs come from, or null: they are the present ones. */
  readonly evidence: string | null;
  readonly priceUsd: number | null;
  readonly book: PositionBook | null;
  readonly scenarios: readonly (Stressed & { readonly liquidatable: Liquidatable | null })[];
};

/**
 * A market under scenarios, with the positions of a book when one is given. Nothing is sent and nothing written.
 * @throws TonsorError BAD_FILE for a book that cannot be used
 */
export async function stressReport(
  input: AssessInput,
  names: readonly ScenarioName[],
  options: { readonly evidence: string | null; readonly bookFile: string | null },
): Promise<StressReport> {
  const { priceUsd } = assess(input).readings;
  const { marketId } = input.onChain;
  const valuation = new Map([[input.market.name, { marketId, priceUsd }]]);
  const book = options.bookFile === null ? null : await readPositionsFile(resolve(options.bookFile), valuation);
  if (book !== null && book.positions.length === 0) {
    const facts = { field: "--book", given: options.bookFile, expected: `positions of ${input.market.name}` };
    throw new TonsorError("BAD_FILE", "the book has no position of this market", facts);
  }
  const scenarios = names.map((name) => {
    const stressed = stress(input, name);
    return { ...stressed, liquidatable: book === null ? null : liquidatable(book.positions, stressed, input) };
  });
  return { input, evidence: options.evidence, priceUsd, book, scenarios };
}

/** Scenarios by names separated by commas; all of them when none is given. @throws BAD_ARGUMENT naming those there are */
export function scenariosNamed(text: string | undefined): readonly ScenarioName[] {
  const all = Object.keys(SCENARIOS) as ScenarioName[];
  if (text === undefined) return all;
  return text.split(",").map((given) => {
    const found = all.find((name) => name === given.trim());
    if (found !== undefined) return found;
    const facts = { field: "--scenario", given, expected: `some of ${all.join(", ")}` };
    throw new TonsorError("BAD_ARGUMENT", "unknown scenario", facts);
  });
}

/**
 * Inputs of a market from one stored batch, with the hash of its evidence.
 * @throws TonsorError BAD_ARGUMENT for a file of another name, EVIDENCE_MISSING, EVIDENCE_MISMATCH, UNKNOWN_MARKET
 */
export async function storedInput(file: string, market: string): Promise<{ input: AssessInput; evidence: string }> {
  const hash = /^(0x[0-9a-f]{64})\.json\.gz$/.exec(basename(file))?.[1];
  if (hash === undefined) {
    const facts = { field: "--evidence", given: file, expected: "a file <hash>.json.gz of a keeper's evidence folder" };
    throw new TonsorError("BAD_ARGUMENT", "not a file of evidence", facts);
  }
  const { now, markets } = decodeBundle(await evidenceFolder(dirname(resolve(file))).get(hash as Hex));
  const name = knownMarket(
    market,
    markets.map((one) => one.name),
  );
  const { parameters, observed, history, onChain } = markets.find((one) => one.name === name) as (typeof markets)[0];
  return { input: { now, market: parameters, observed, history, onChain }, evidence: hash };
}

function liquidatable(positions: readonly Position[], stressed: Stressed, { onChain }: AssessInput): Liquidatable {
  const { priceFactor, outlook } = stressed;
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
