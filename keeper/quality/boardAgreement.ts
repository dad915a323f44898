import { type Fault, fault } from "../domain/fault.ts";
import { percent } from "../domain/format.ts";
import { upperMedian } from "../domain/numbers.ts";
import type { OptionBoard } from "../domain/observation.ts";
import type { QualityParameters } from "../domain/parameters.ts";
import type { Estimates } from "../model/estimates.ts";
import { impliedVolatility } from "../model/options/surface.ts";
import { agree, MAJORITY } from "./agreement.ts";

/** Further from the median of the venues, a board's 30-day volatility is wrong (MODEL.md section 1). */
const MAX_VOLATILITY_DISTANCE = 0.05;
const MONTH_YEARS = 30 / 365;

/** The boards that agree with each other, in the order given, and one fault for each that does not. */
type AgreedBoards = {
  readonly accepted: readonly OptionBoard[];
  /** Of the accepted the one whose 30-day volatility is the median, the higher of two; null without any. */
  readonly middle: OptionBoard | null;
  readonly faults: readonly Fault[];
};

/**
 * Holds boards of one currency from several venues against each other, by spot index and by 30-day volatility at the money. A
 * board from which no volatility can be read is TOO_FEW and set aside while another is left. One further from the median than
 * its limit is DISAGREES: of three and more it is set aside; of two both are named and kept, and the model takes the tighter.
 */
export function agreeBoards(
  boards: readonly OptionBoard[],
  quality: QualityParameters,
  estimates: Estimates,
): AgreedBoards {
  if (boards.length <= 1) return { accepted: boards, middle: boards[0] ?? null, faults: [] };
  const volOf = (board: OptionBoard) => impliedVolatility(estimates.surface(board, quality), MONTH_YEARS);
  const all = boards.map((board) => ({ board, vol: volOf(board) }));
  const usable = all.filter((one): one is Measured => one.vol !== null);
  const unread = all
    .filter(({ vol }) => vol === null)
    .map(({ board }) => fault("TOO_FEW", board.source, "no 30-day volatility can be read from its quotes"));
  if (usable.length === 0) return { accepted: boards.slice(0, 1), middle: boards[0] ?? null, faults: unread };

  const prices = usable.map(({ board }) => ({ source: board.source, price: board.indexUsd }));
  const against = [...agree(prices, quality.maxPriceDisagreement).faults, ...volatilityFaults(usable)];
  const accused = new Set(against.map((found) => found.source));
  const agreeing = usable.length < MAJORITY ? usable : usable.filter(({ board }) => !accused.has(board.source));
  // Each is somebody's outlier: nothing to choose by, so all stay and the medians decide.
  const kept = agreeing.length === 0 ? usable : agreeing;
  const middleVol = upperMedian(kept.map(({ vol }) => vol));
  return {
    accepted: kept.map(({ board }) => board),
    middle: kept.find(({ vol }) => vol === middleVol)?.board ?? null,
    faults: [...unread, ...against],
  };
}

type Measured = { readonly board: OptionBoard; readonly vol: number };

function volatilityFaults(measured: readonly Measured[]): readonly Fault[] {
  const middle = upperMedian(measured.map(({ vol }) => vol)) ?? Number.NaN;
  return measured.flatMap(({ board, vol }) => {
    const distance = Math.abs(vol / middle - 1);
    if (distance <= MAX_VOLATILITY_DISTANCE) return [];
    const seen = `30-day volatility ${percent(vol, 1)}, median of the venues ${percent(middle, 1)}`;
    return [fault("DISAGREES", board.source, `${seen}, limit ${100 * MAX_VOLATILITY_DISTANCE} %`)];
  });
}
