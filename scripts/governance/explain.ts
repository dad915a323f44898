import { type ContractLimits, limitOf, tokensOf } from "../../keeper/domain/contract.ts";
import type { Action, ActionOf } from "./actionSchema.ts";
import { changedMarket, endedOf, marketOf } from "./actions.ts";
import { explainLimits, figure, noticeOf, OPPOSITE } from "./explainLimits.ts";
import type { Facts } from "./facts.ts";

const MODES = {
  NORMAL: "looser: new loans are possible again",
  NO_NEW_RISK: "tighter: no new loans; repaying and liquidating go on",
  FROZEN: "tighter: no new loans, and maintenance does not fall",
};

/** Returns what an action changes, in words: one line a change, then who is affected. */
export function explainAction(action: Action, facts: Facts): string[] {
  switch (action.action) {
    case "setLimits":
      return explainLimits(action, facts);
    case "changeMarket":
      return explainChange(action, facts);
    case "delistMarket": {
      const { name, id, maintenanceBps } = marketOf(facts, action.market);
      return [
        `ends ${name} (${id}) for ever: no new loans`,
        `  open positions: maintenance stays at ${maintenanceBps} bp, and no writer and no mode moves it`,
      ];
    }
    case "setMode": {
      const { name, id, mode } = marketOf(facts, action.market);
      return [
        `mode of ${name} (${id}): ${mode} -> ${action.mode}, until governance changes it`,
        `  ${MODES[action.mode]}`,
      ];
    }
    case "setManually":
      return action.values.flatMap((value) => explainValues(value, facts));
    case "admit":
      return explainAdmission(action, facts);
    case "setFeeds":
      return [
        `feeds of ${action.market} in Challenge: ${action.feeds.first} and ${action.feeds.second}`,
        `  closes it for 6 h when they differ by more than ${action.feeds.maxDivergenceBps} bp, or the first has moved by ` +
          `more than ${action.feeds.maxMoveBps} bp (0: never)`,
      ];
    case "listMarket": {
      const ended = endedOf(facts, action);
      const maintenance = ended?.maintenanceBps ?? action.maintenanceBps;
      return [
        `lists ${action.collateral} against ${action.debt} in class ${action.class}`,
        `  at initial ${action.initialBps} bp, maintenance ${maintenance} bp, exposure limit ${action.limitTokens} ` +
          `tokens, within ${action.lowestLimitTokens} and ${action.highestLimitTokens}`,
        ...(ended
          ? [
              `  in place of ${ended.name} (${ended.id}), which governance ended, and with its maintenance; no token is probed`,
            ]
          : []),
      ];
    }
    case "call":
      return [`calls ${action.function} of ${action.to} with ${action.args.join(", ")}: what it does is in its source`];
    case "updateDelay":
      return [figure("delay of the timelock", facts.delaySeconds, action.seconds, "s", "tighter")];
  }
}

function explainChange(action: ActionOf<"changeMarket">, facts: Facts): string[] {
  const { previous, next } = changedMarket(facts, action);
  const name = `${previous.name} (${previous.id})`;
  const lines: string[] = [];
  if (next.classId !== previous.classId) {
    lines.push(`${name}: class ${previous.classId} -> ${next.classId}; updates made before do not apply any more`);
    const [from, to] = [previous.classId, next.classId].map((id) => facts.classes.get(id));
    lines.push(...(from === undefined || to === undefined ? [] : comparison(from, to)));
  }
  for (const key of ["lowestLimit", "highestLimit"] as const) {
    if (next[key] !== previous[key]) lines.push(limitFigure(`${name}, ${key}`, previous[key], next[key]));
  }
  if (next.probe !== previous.probe) {
    lines.push(`${name}, probe: ${previous.probe} -> ${next.probe}, asked before initial loosens (zero: none)`);
  }
  return lines.length === 0 ? [`${name}: nothing changes`] : [...lines, "  no value moves in this transaction"];
}

/** What of two classes a market in the one feels when it moves to the other, indented. */
function comparison(from: ContractLimits, to: ContractLimits): string[] {
  const fields = [
    ["least room between initial and maintenance", "minGapBps", "bp", "tighter"],
    ["maintenance rises at most", "tightenSpeedBpsPer30Days", "bp in 30 days", "tighter for open positions"],
    ["maintenance falls at most", "loosenSpeedBpsPer30Days", "bp in 30 days", "looser for open positions"],
    ["age of the data from which it is stale", "ttlHours", "h", "looser"],
  ] as const;
  const figures = fields.map(([what, key, unit, higher]) => figure(what, from[key], to[key], unit, higher));
  return [...figures.map((line) => `  ${line}`), ...noticeOf(from, to)];
}

function explainValues(value: ActionOf<"setManually">["values"][number], facts: Facts): string[] {
  const market = marketOf(facts, value.market);
  const { classId, maintenanceBps: at } = market;
  const name = `${market.name} (${market.id})`;
  const limits = facts.classes.get(classId);
  const apart = value.maintenanceTargetBps - at;
  const speed = (apart > 0 ? limits?.tightenSpeedBpsPer30Days : limits?.loosenSpeedBpsPer30Days) ?? 0;
  const days =
    apart === 0 ? "in no time" : speed === 0 ? "never" : `in ${((Math.abs(apart) / speed) * 30).toFixed(1)} days`;
  const held = new Date(value.until * 1000).toISOString().slice(0, 16);
  return [
    figure(`${name}, initial haircut`, market.initialBps, value.initialBps, "bp", "tighter"),
    figure(
      `${name}, maintenance target`,
      market.maintenanceTargetBps,
      value.maintenanceTargetBps,
      "bp",
      "tighter for open positions",
    ),
    limitFigure(`${name}, exposure limit`, market.limit, limitOf(BigInt(value.limitTokens))),
    `  new loans: in the same block; open positions: maintenance is at ${at} and gets there ${days}`,
    value.until === 0 ? "  any writer may change it at once" : `  until ${held}Z writers can only tighten it`,
  ];
}

function limitFigure(what: string, from: number, to: number): string {
  const sense = from === to ? "unchanged" : to > from ? OPPOSITE.tighter : "tighter";
  return `${what}: ${tokensOf(from)} -> ${tokensOf(to)} tokens, ${sense}`;
}

const POWERS = {
  NONE: "may do nothing",
  HOT: "sends updates within the hot key's limits",
  QUORUM: "sends updates within the signer quorum's limits",
  GUARDIAN: "closes and freezes markets, halts hot keys, stops loosening of a class, each for 72 h",
  CHALLENGER: "closes a market to new loans for 6 h",
  LISTER: "lists markets",
};

function explainAdmission({ account, power, aggregateBps, tripBps }: ActionOf<"admit">, facts: Facts): string[] {
  const before = facts.accounts.get(account);
  const lines = [`${account}: ${before?.power ?? "NONE"} -> ${power}: ${POWERS[power]}`];
  if (power === "HOT" || power === "QUORUM") {
    const was = before?.power === "NONE" ? undefined : before;
    lines.push(
      `  ${figure("it loosens in 8 h, summed over markets", was?.aggregateBps, aggregateBps, "bp", "looser")}`,
      `  ${figure("asked for in 8 h, past which it only tightens (0: never)", was?.tripBps, tripBps, "bp", "looser")}`,
    );
    if (aggregateBps === 0) lines.push("  with a budget of 0 it cannot loosen anything");
  }
  if (before?.tightenOnly) lines.push("  looser: it has tripped and only tightens; this ends that");
  if ((before?.haltedUntil ?? 0) > facts.time) lines.push("  looser: a guardian has halted it; this ends that");
  return lines;
}
