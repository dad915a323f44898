import { percent } from "../../../../keeper/domain/format.ts";
import { count } from "../../page/format.ts";
import { type Cell, paragraph, section, table } from "../../page/html.ts";
import type { PositionStudy } from "../studies/positionBooks.ts";

/** Recorded books of borrowers: what falls due, what size that makes, and how far a cascade can run. */
export function positionSection(studies: readonly PositionStudy[]): string {
  if (studies.length === 0)
    return section("positions", "Positions", paragraph("No book of positions was recorded here."));
  const falls = studies.flatMap(({ name, falls: rows }) =>
    rows.map(([fall, sold, fitted, assumed]): readonly Cell[] => [
      `${name}, price falls by ${percent(fall, 0)}`,
      percent(sold, 1),
      percent(fitted, 1),
      { text: percent(assumed, 1), mark: assumed < sold ? "bad" : "good" },
    ]),
  );
  const cascades = studies.map(({ name, cascade }): readonly Cell[] => [
    name,
    percent(cascade.shock, 1),
    cascade.gain.toFixed(2),
    Number.isFinite(cascade.bound) ? cascade.bound.toFixed(2) : "none",
    cascade.simulated.toFixed(2),
  ]);
  return section(
    "positions",
    "Positions, size and cascades",
    paragraph(
      `${studies.map(({ name, borrowers, collateralUsd }) => `${name}: ${count(borrowers)} borrowers, ${millions(collateralUsd)}`).join("; ")}. ` +
        "Borrowers of stable coins only: the debt of the others falls with their collateral. The whole collateral of an account is taken to fall together.",
    ),
    table(
      ["what falls due, share of the collateral", "sold, borrower by borrower", "fitted profile", "default shape"],
      falls,
      "The profile is fitted from above (scripts/lab/baselines/positionBook.ts). Red: the default shape of modelDefaults.ts lies below what these borrowers would sell.",
    ),
    table(
      ["cascade after the shock and a further 5 points", "shock", "loop gain", "bound on amplification", "simulated"],
      cascades,
      "The gain takes the steepest sales of the book beyond the shock, so 1 / (1 - gain) bounds the simulation; from 1 on nothing bounds it. Depth is never refilled here and every sale lowers the price for good: a worst case, not a forecast.",
    ),
  );
}

function millions(usd: number): string {
  return `${(usd / 1e6).toFixed(1)} million USD`;
}
