import type { ModelParameters } from "../../domain/parameters.ts";
import type { Risk } from "../../domain/risk.ts";
import { target } from "../target.ts";
import { RISK_INPUTS, type RiskInput, type RiskPoint } from "./riskInputs.ts";

/** Size of the move that is asked about, basis points. */
export const REACH_BPS = 100;

/** How both haircuts answer to one input. */
export type Sensitivity = {
  readonly input: string;
  readonly value: number;
  readonly unit: string;
  /** Basis points of haircut per rise of the input by 1 % of itself. */
  readonly maintenanceBpsPerPercent: number;
  readonly initialBpsPerPercent: number;
};

/** Relative size of the bump on each side. */
const BUMP = 0.01;

/**
 * Change of both haircuts per 1 % change of each input (see `RISK_INPUTS`), by central difference with a bump of 1 %, in a
 * fixed order: where another term takes over a maximum, the average over the bump. An unknown or zero input is left out.
 * @example sensitivity(calmEth, DEFAULT_MODEL)[1].maintenanceBpsPerPercent // about 10.1, of long-run volatility
 */
export function sensitivity(risk: Risk, parameters: ModelParameters): readonly Sensitivity[] {
  const point = { risk, parameters };
  return Object.entries(RISK_INPUTS).flatMap(([input, { unit, read, write }]) => {
    const value = read(point);
    if (value === null || value === 0) return [];
    const at = (factor: number) => {
      const bumped = write(point, value * factor);
      return target(bumped.risk, bumped.parameters);
    };
    const [up, down] = [at(1 + BUMP), at(1 - BUMP)];
    const slope = (high: number, low: number) => ((high - low) * 10_000) / (200 * BUMP);
    return {
      input,
      value,
      unit,
      maintenanceBpsPerPercent: slope(up.maintenance, down.maintenance),
      initialBpsPerPercent: slope(up.initial, down.initial),
    };
  });
}

/** The values of one input, all else as it is, at which a haircut has moved; null where none in its range does it. */
export type Reach = {
  readonly input: string;
  readonly unit: RiskInput["unit"];
  readonly setBy: RiskInput["setBy"];
  /** Now, and the ends of the range that was searched. */
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly initialRises: number | null;
  readonly initialFalls: number | null;
  readonly maintenanceRises: number | null;
  readonly maintenanceFalls: number | null;
};

/** Steps from the value to each end of its range, and halvings of the step in which the haircut crosses. */
const STEPS = 24;
const HALVINGS = 40;

type Haircuts = { readonly initial: number; readonly maintenance: number };
type Side = keyof Haircuts;

/**
 * What would have to happen to each input for a haircut to move by `bps`: the value nearest to today's at which the model's
 * target, before limits and speeds, has risen or fallen by that much. Searched outwards over the input's range (`RISK_INPUTS`) in
 * 24 steps of equal ratio (equal size where the range begins at zero), then halved; at a jump, the value just beyond it.
 * @param bps basis points, > 0
 * @example whatWouldMove(calmEth, DEFAULT_MODEL)[1].maintenanceRises // 0.6599: long-run volatility from 60 to 66 %
 */
export function whatWouldMove(risk: Risk, parameters: ModelParameters, bps = 100): readonly Reach[] {
  const point: RiskPoint = { risk, parameters };
  const now = target(risk, parameters);
  return Object.entries(RISK_INPUTS).flatMap(([input, { unit, setBy, read, write, range }]) => {
    const value = read(point);
    if (value === null) return [];
    const [least, most] = range(value);
    const at = (x: number): Haircuts => {
      const moved = write(point, x);
      return target(moved.risk, moved.parameters);
    };
    const paths = [pathTo(value, least, at), pathTo(value, most, at)];
    const find = (side: Side, sign: 1 | -1): number | null => {
      const holds = (found: Haircuts) => sign * (found[side] - now[side]) >= bps / 10_000;
      const found = paths.flatMap((path) => path.first(holds) ?? []);
      return found.sort((left, right) => left.step - right.step)[0]?.value ?? null;
    };
    return {
      input,
      unit,
      setBy,
      value,
      least,
      most,
      initialRises: find("initial", 1),
      initialFalls: find("initial", -1),
      maintenanceRises: find("maintenance", 1),
      maintenanceFalls: find("maintenance", -1),
    };
  });
}

/** The way from `value` to `end`, with both haircuts at every step. */
function pathTo(value: number, end: number, at: (x: number) => Haircuts) {
  const place = (step: number): number => {
    const share = step / STEPS;
    return value > 0 && end > 0 ? value * (end / value) ** share : value + share * (end - value);
  };
  const haircuts = value === end ? [] : Array.from({ length: STEPS }, (_, i) => at(place(i + 1)));
  return {
    /** The first place on the way at which `holds` holds, with the steps taken to it. */
    first(holds: (found: Haircuts) => boolean): { readonly value: number; readonly step: number } | null {
      const index = haircuts.findIndex(holds);
      if (index < 0) return null;
      let [outside, inside] = [index, index + 1];
      for (let i = 0; i < HALVINGS; i++) {
        const middle = (outside + inside) / 2;
        if (holds(at(place(middle)))) inside = middle;
        else outside = middle;
      }
      return { value: place(inside), step: inside };
    },
  };
}
