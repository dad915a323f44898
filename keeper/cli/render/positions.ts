import type { PositionsStatus } from "../../dashboard/status.ts";
import { shortPercent, usd } from "../../domain/format.ts";
import { WIDTH, wrap } from "./layout.ts";

/** What the books of a market's lenders show, or why that is not known; none where the record names no lender. */
export function positionLines({ book, why }: PositionsStatus, indent: number): string[] {
  if (why !== null) return wrap(`positions: ${why}`, WIDTH, indent);
  if (book === null) return [];
  const { borrowers, debtUsd, due, heldUsd, largestBorrowerUsd } = book;
  const falls = due.map(({ fall, collateralUsd }) => `${usd(collateralUsd)} at -${shortPercent(fall)}`);
  const lines = [
    `lenders hold ${usd(heldUsd)} of it; ${borrowers} borrowers owe ${usd(debtUsd)}, the largest has ${usd(largestBorrowerUsd)}`,
    `liquidatable after a fall of its price alone: ${falls.join(", ")}`,
  ];
  return lines.flatMap((text) => wrap(text, WIDTH, indent));
}
