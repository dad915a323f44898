import type { ContractLimits } from "../../keeper/domain/contract.ts";
import type { Certificate } from "../../keeper/protocols/deployment.ts";
import { type Damage, mostLoosened, windowsIn, worstOf } from "./worstCase.ts";

/** An hour, a day, and the thirty days of the notice. */
const SPANS = [1, 24, 720];
/** Notches that double an exposure limit. */
const DOUBLING = 1_024;

type Classes = readonly { readonly id: number; readonly limits: ContractLimits }[];
type Named = readonly { readonly id: number; readonly name: string; readonly limits: ContractLimits }[];
type Budget = { readonly aggregateBps: number };

/**
 * Returns the most a stolen hot key, and a stolen quorum, can do in an hour, a day and 30 days: the closed form that an
 * adversary reaches and never exceeds, on the model and on the contract (test/lab/contractModel/thief.prop.test.ts,
 * test/differential/contract/thief.test.ts).
 */
export function certificateOf(plan: {
  readonly classes: Classes;
  readonly markets: readonly { readonly classId: number }[];
  readonly budgets: { readonly hot: Budget; readonly quorum: Budget };
}): Certificate {
  const { classes, markets, budgets } = plan;
  const worst = (hours: number, { limits }: Classes[number], quorum: boolean) =>
    worstOf(hours, limits, quorum, (quorum ? budgets.quorum : budgets.hot).aggregateBps);
  const everywhere = (hours: number, quorum: boolean) => {
    const alone = markets.map(({ classId }) => classes.find(({ id }) => id === classId));
    const summed = alone.reduce((sum, each) => sum + (each ? worst(hours, each, quorum).loosenedBps : 0), 0);
    return Math.min(summed, windowsIn(hours) * (quorum ? budgets.quorum : budgets.hot).aggregateBps);
  };
  const spans = (each: Classes[number], quorum: boolean) => SPANS.map((hours) => worst(hours, each, quorum));
  return {
    classes: classes.map((each) => ({ id: each.id, hotKey: spans(each, false), quorum: spans(each, true) })),
    allMarkets: SPANS.map((hours) => ({
      hours,
      hotKeyBps: everywhere(hours, false),
      quorumBps: everywhere(hours, true),
    })),
  };
}

/** Returns the certificate as lines of text, with what a key does by tightening or by silence, and how long it takes to undo. */
export function certificateLines({ classes, allMarkets }: Certificate, named: Named): string[] {
  const lines = ["The most a stolen key can do in 1 h / 24 h / 30 days to one market, in basis points:"];
  for (const { id, hotKey, quorum } of classes) {
    const found = named.find((one) => one.id === id);
    const name = `  class ${id} ${found?.name ?? ""}`.trimEnd();
    lines.push(damageLine(`${name}, hot key`, hotKey), damageLine(`${name}, quorum`, quorum));
    if (found !== undefined) lines.push(...undoLines(name, found.limits));
  }
  const all = (key: "hotKeyBps" | "quorumBps") => allMarkets.map((span) => span[key]).join(" / ");
  return [
    ...lines,
    `  all markets together: initial by the hot key ${all("hotKeyBps")}, by the quorum ${all("quorumBps")}`,
    "  loosening and calm numbers restated as fresh: undone by any other writer's tightening, at once",
    "  a guardian: closes markets, halts the hot key, holds classes, 72 of 96 h; it lapses, and governance ends it",
  ];
}

function damageLine(who: string, spans: readonly Damage[]): string {
  const each = (key: Exclude<keyof Damage, "hours">) => spans.map((span) => span[key]).join(" / ");
  const factors = spans
    .map(({ raisedNotches }) => `x${Number((2 ** (raisedNotches / DOUBLING)).toPrecision(3))}`)
    .join(" / ");
  return (
    `${who}: loosens initial ${each("loosenedBps")}; raises the exposure limit ${factors}, to its highest at most; ` +
    `maintenance up ${each("maintenanceUpBps")}, down ${each("maintenanceDownBps")}`
  );
}

/** Tightening, which is at once, and silence. */
function undoLines(name: string, limits: ContractLimits): string[] {
  const { minInitialBps, maxInitialBps, ttlHours, decayHours, staleInitialCapBps, hotBudgetBps, hotStepBps } = limits;
  const range = maxInitialBps - minInitialBps;
  const days = mostLoosened(24, hotBudgetBps, hotStepBps);
  // Of four windows that a day can touch three lie in it.
  const back = days === 0 ? "never" : `in ${Math.ceil(range / ((days * 3) / 4))} days`;
  return [
    `${name}, tightened: initial up by ${range} and the limit to its lowest at once; undone by setManually after the ` +
      `timelock's delay, or by a hot key ${back}`,
    `${name}, silent: stale after ${ttlHours} h, initial at ${staleInitialCapBps} and no more exposure after ` +
      `${ttlHours + decayHours} h; maintenance never moves; undone by one update`,
  ];
}
