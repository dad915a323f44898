/** @import { MarketStatus, SeriesPoint } from "../status.ts" */
/** @import { Bound } from "./annotations.js" */
/** @import { Line } from "./chartOptions.js" */
import { bpsPercent, price, tokens } from "./format.js";

/** @typedef {NonNullable<MarketStatus["onChain"]>["bounds"]} Bounds */
/**
 * One chart of the stack: its lines, each with what it takes of a point, and the bounds of its numbers.
 * @typedef {{ title: string, height: number, unit: (value: number) => string, lines: readonly (Line & { of: (point: SeriesPoint) => number | null })[], bounds?: (bounds: Bounds) => readonly Bound[] }} Chart
 */

/** @param {number} value */
const percentValue = (value) => `${value.toFixed(2)} %`;
/** @param {number} value */
const percentTick = (value) => `${Number(value.toFixed(2))} %`;
/** @param {number | null} bps */
const inPercent = (bps) => (bps === null ? null : bps / 100);
/** @param {number} value */
const wholeTokens = (value) => tokens(Math.round(value));

/** On chain and as a target. @param {string} label @param {string} colour @param {Line["style"]} style @param {(value: number) => string} format @param {(point: SeriesPoint) => number | null} onChain @param {(point: SeriesPoint) => number | null} target */
function both(label, colour, style, format, onChain, target) {
  return [
    { label: `${label}, on chain`, colour, style, format, of: onChain },
    { label: `${label}, target`, colour, style: /** @type {const} */ ("dashed"), format, of: target },
  ];
}

/** @type {readonly Chart[]} */
export const CHARTS = [
  {
    title: "Haircuts, % of value",
    height: 270,
    unit: percentTick,
    lines: [
      ...both(
        "Initial",
        "--initial",
        "step",
        percentValue,
        (point) => inPercent(point.onChainInitialBps),
        (point) => inPercent(point.targetInitialBps),
      ),
      ...both(
        "Maintenance",
        "--maintenance",
        "line",
        percentValue,
        (point) => inPercent(point.onChainMaintenanceBps),
        (point) => inPercent(point.targetMaintenanceBps),
      ),
    ],
    bounds: (b) => [
      { value: b.minInitialBps / 100, colour: "--initial", label: "lowest initial" },
      { value: b.maxInitialBps / 100, colour: "--initial", label: "highest initial" },
      { value: b.minMaintenanceBps / 100, colour: "--maintenance", label: "lowest maintenance" },
      { value: b.maxMaintenanceBps / 100, colour: "--maintenance", label: "highest maintenance" },
    ],
  },
  {
    title: "Exposure limit, tokens",
    height: 140,
    unit: wholeTokens,
    lines: both(
      "Limit",
      "--limit",
      "step",
      wholeTokens,
      (point) => point.onChainExposureLimitTokens,
      (point) => point.targetExposureLimitTokens,
    ),
    bounds: (b) => [
      { value: b.highestLimitTokens, colour: "--limit", label: "cap" },
      { value: b.lowestLimitTokens, colour: "--limit", label: "lowest" },
    ],
  },
  {
    title: "Volatility used, % a year",
    height: 120,
    unit: percentTick,
    lines: [
      {
        label: "Volatility",
        colour: "--volatility",
        style: "line",
        format: (value) => `${value.toFixed(1)} %`,
        of: (point) => point.volatility * 100,
      },
    ],
  },
  {
    title: "Price, USD",
    height: 120,
    unit: price,
    lines: [{ label: "Price", colour: "--price", style: "line", format: price, of: (point) => point.priceUsd }],
  },
];

/** Governance's bounds in a sentence, for they are drawn only where they are in view. @param {Bounds | null} bounds */
export function boundsWords(bounds) {
  if (bounds === null) return "";
  const { minInitialBps, maxInitialBps, minMaintenanceBps, maxMaintenanceBps } = bounds;
  return [
    `Governance bounds initial to ${bpsPercent(minInitialBps)} \u2013 ${bpsPercent(maxInitialBps)}`,
    `maintenance to ${bpsPercent(minMaintenanceBps)} \u2013 ${bpsPercent(maxMaintenanceBps)}`,
    `the limit to ${tokens(bounds.lowestLimitTokens)} \u2013 ${tokens(bounds.highestLimitTokens)} tokens; lines where they are in view.`,
  ].join(", ");
}
