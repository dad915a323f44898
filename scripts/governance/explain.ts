import { type ContractLimits, NO_SEQUENCER } from "../../keeper/domain/contract.ts";
import { mostLoosened } from "../deploy/worstCase.ts";
import type { Action } from "./actionSchema.ts";
import { changedLimits, marketOf } from "./actions.ts";
import type { Facts, MarketFacts } from "./facts.ts";

type Direction = "tighter" | "looser" | "tighter for open positions" | "looser for open positions" | "neither";

/** What a higher value of each limit means, and whom it reaches. */
const FIELDS: Record<Exclude<keyof ContractLimits, "probed">, { readonly what: string; readonly higher: Direction }> = {
  minInitialBps: { what: "lowest initial haircut", higher: "tighter" },
  maxInitialBps: { what: "highest initial haircut", higher: "tighter" },
  minMaintenanceBps: { what: "lowest maintenance target", higher: "tighter for open positions" },
  maxMaintenanceBps: { what: "highest maintenance target", higher: "tighter for open positions" },
  minGapBps: { what: "least room between initial and maintenance", higher: "tighter" },
  liquidationBonusBps: { what: "bonus that a liquidation must be able to pay", higher: "neither" },
  maxLooseningStepBps: { what: "greatest loosening in one update, hot key", higher: "looser" },
  looseningBudgetBpsPerDay: { what: "loosening in 24 h, hot key", higher: "looser" },
  quorumLooseningStepBps: { what: "greatest loosening in one update, quorum", higher: "looser" },
  quorumLooseningBudgetBpsPerDay: { what: "loosening in 24 h, quorum", higher: "looser" },
  maxAgeSeconds: { what: "oldest data accepted", higher: "looser" },
};
const OPPOSITE: Record<Direction, Direction> = {
  tighter: "looser",
  looser: "tighter",
  "tighter for open positions": "looser for open positions",
  "looser for open positions": "tighter for open positions",
  neither: "neither",
};

/** Returns what an action changes, in words: one line a change, then who is affected. */
export function explainAction(action: Action, facts: Facts): string[] {
  switch (action.action) {
    case "setLimits":
      return explainLimits(action, facts);
    case "setClass":
      return explainClass(action, facts);
    case "setAggregateBudget": {
      const { hotBps, quorumBps } = facts.aggregate;
      return [
        figure("loosening of all markets in 8 h, hot key", hotBps, action.hotBps, "bp", "looser"),
        figure("loosening of all markets in 8 h, quorum", quorumBps, action.quorumBps, "bp", "looser"),
        ...(action.hotBps === 0 ? ["  with a budget of 0 the hot key cannot loosen anything"] : []),
      ];
    }
    case "resetBreaker":
      return [`tighten-only mode: ${facts.aggregate.tripped ? "on" : "off"} -> off: looser, values may loosen`];
    case "setMode": {
      const { name, id, mode } = marketOf(facts, action.market);
      return [
        `mode of ${name} (${id}): ${mode} -> ${action.mode}, until governance changes it`,
        `  ${MODES[action.mode]}`,
      ];
    }
    case "setProbe":
      return [`probe of ${action.market} -> ${action.probe}: asked before initial of this market loosens`];
    case "overrideMarkets":
      return action.values.flatMap((value) => explainOverride(value, facts));
    case "grantRole":
      return [`${action.role} is given to ${action.account}`];
    case "revokeRole":
      return [`${action.role} is taken from ${action.account}`];
    case "setFeeds":
      return [
        `feeds of ${action.market} in Challenge: ${action.feeds.first} and ${action.feeds.second}`,
        `  closes it for 6 h when they differ by more than ${action.feeds.maxDivergenceBps} bp, or the first has moved by ` +
          `more than ${action.feeds.maxMoveBps} bp (0: never)`,
      ];
    case "list":
      return [
        `lists ${action.collateral} against ${action.debt} in class ${action.class}, group ${action.group}`,
        `  at initial ${action.initialBps} bp, maintenance ${action.maintenanceBps} bp; batches signed before are void`,
      ];
    case "updateDelay":
      return [figure("delay of the timelock", facts.delaySeconds, action.seconds, "s", "tighter")];
  }
}

const MODES = {
  NORMAL: "looser: new loans are possible again",
  NO_NEW_RISK: "tighter: no new loans; repaying and liquidating go on",
  FROZEN: "tighter: no new loans, and maintenance holds still",
};

function explainLimits(action: Extract<Action, { action: "setLimits" }>, facts: Facts): string[] {
  const { previous, next } = changedLimits(facts, action);
  const lines: string[] = [];
  for (const [key, { what, higher }] of Object.entries(FIELDS)) {
    const [from, to] = [previous?.[key as keyof typeof FIELDS], next[key as keyof typeof FIELDS]];
    const unit = key === "maxAgeSeconds" ? "s" : "bp";
    if (from !== to) lines.push(figure(`class ${action.class}, ${what} (${key})`, from, to, unit, higher));
  }
  if ((previous?.probed ?? false) !== next.probed) {
    lines.push(`class ${action.class}, markets may have a probe: ${next.probed ? "tighter" : "looser"}`);
  }
  if (lines.length === 0) return [`class ${action.class}: nothing changes`];
  const before = previous === undefined ? 0 : damage(previous);
  lines.push(`  the most a stolen hot key loosens of a market in 24 h: ${before} -> ${damage(next)} bp`);
  lines.push("  no value moves in this transaction; affected:");
  const members = facts.markets.filter(({ classId }) => classId === action.class);
  if (members.length === 0) lines.push("    no market is in this class");
  return [...lines, ...members.map((market) => `    ${affected(market, next)}`)];
}

function damage(limits: ContractLimits): number {
  return mostLoosened(24, limits.looseningBudgetBpsPerDay, limits.maxLooseningStepBps);
}

/** What new bounds mean for one market as it is now. */
function affected({ name, id, initialBps, maintenanceTargetBps: target }: MarketFacts, limits: ContractLimits): string {
  const notes: string[] = [];
  if (initialBps < limits.minInitialBps)
    notes.push(`new loans: the next update must raise initial to ${limits.minInitialBps}`);
  if (initialBps > limits.maxInitialBps)
    notes.push(`new loans: the next update must lower initial to ${limits.maxInitialBps}`);
  if (target < limits.minMaintenanceBps) {
    notes.push(
      `open positions: the next update must raise the target to ${limits.minMaintenanceBps}, which maintenance follows at its speed`,
    );
  }
  if (target > limits.maxMaintenanceBps)
    notes.push(`open positions: the next update must lower the target to ${limits.maxMaintenanceBps}`);
  const now = `${name} (${id}), initial ${initialBps}, maintenance target ${target}`;
  return notes.length === 0 ? `${now}: inside the new bounds` : `${now}: ${notes.join("; ")}`;
}

function explainClass(action: Extract<Action, { action: "setClass" }>, facts: Facts): string[] {
  const members = facts.markets.filter(({ group }) => group === action.group);
  const old = members[0]?.classId;
  const [from, to] = [old, action.class].map((id) => (id === undefined ? undefined : facts.profiles[id % 4]));
  const lines = [`group ${action.group}: class ${old ?? "none"} -> ${action.class}`];
  if (from !== undefined && to !== undefined) {
    const speed = "tightenSpeedBpsPerDay";
    lines.push(
      `  ${figure("maintenance tightens at most", from[speed], to[speed], "bp a day", "tighter for open positions")}`,
    );
  }
  lines.push(...outages(facts));
  lines.push(`  affected: ${members.map(({ name, id }) => `${name} (${id})`).join(", ") || "no market"}`);
  return lines;
}

function explainOverride(
  value: Extract<Action, { action: "overrideMarkets" }>["values"][number],
  facts: Facts,
): string[] {
  const market = marketOf(facts, value.market);
  const { name, id, classId, maintenanceBps } = market;
  const profile = facts.profiles[classId % 4];
  const apart = value.maintenanceTargetBps - maintenanceBps;
  const speed = (apart > 0 ? profile?.tightenSpeedBpsPerDay : profile?.loosenSpeedBpsPerDay) ?? 0;
  const days = speed === 0 ? "never" : `${(Math.abs(apart) / speed).toFixed(1)} days`;
  return [
    figure(`${name} (${id}), initial haircut`, market.initialBps, value.initialBps, "bp", "tighter"),
    figure(
      `${name} (${id}), maintenance target`,
      market.maintenanceTargetBps,
      value.maintenanceTargetBps,
      "bp",
      "tighter for open positions",
    ),
    `  new loans: in the same block; open positions: maintenance is at ${maintenanceBps} and gets there in ${apart === 0 ? "no time" : days}`,
    ...outages(facts),
    `  held against the keeper until ${new Date(value.until * 1000).toISOString().slice(0, 16)}Z`,
  ];
}

/** What stops maintenance on a rollup. */
function outages({ sequencer: { feed, graceSeconds } }: Facts): string[] {
  if (feed === NO_SEQUENCER.feed) return [];
  return [`  maintenance does not move while the feed ${feed} reports the sequencer down, and ${graceSeconds} s after`];
}

function figure(what: string, from: number | undefined, to: number, unit: string, higher: Direction): string {
  const sense = from === undefined ? "new" : from === to ? "unchanged" : to > from ? higher : OPPOSITE[higher];
  return `${what}: ${from ?? "none"} -> ${to} ${unit}, ${sense}`;
}
