import { zeroAddress } from "viem";
import { minuteOf, timeOf } from "../../../keeper/domain/calendar.ts";
import type { ContractLimits, Entry, EntryLane, Hex } from "../../../keeper/domain/contract.ts";
import { asOfOf, modeAt } from "../../../scripts/lab/contractModel/effective.ts";
import { type ContractState, type Group, limitsOf, marketCount } from "../../../scripts/lab/contractModel/state.ts";
import { type Account, type Call, PROBES, type Step } from "./calls.ts";
import { COLLATERAL, debtOf } from "./genesis.ts";
import type { Random } from "./random.ts";
import { clamp, laneOf } from "./randomLane.ts";

/** Stretches of one kind: `steady` are full groups, all fresh, small moves; `mixed` is everything by everybody. */
export type Stretch = "steady" | "mixed";

const EVIDENCE: Hex = `0x${"e".repeat(64)}`;

/** A next step that fits the state: legal more often than not, and near a bound when it is not. */
export function randomStep(random: Random, state: ContractState, last: number, stretch: Stretch): Step {
  if (stretch === "steady") return steadyStep(random, state, last);
  const seconds = random.pick([
    random.between(1, 600),
    random.between(1, 600),
    random.between(1, 7_200),
    longWait(random),
  ]);
  const now = last + seconds;
  const kind = random.weighted<Call["kind"]>({
    ...{ update: 50, updateByQuorum: 20, wait: 8, setMode: 8, overrideMarkets: 5, setClass: 2, setLimits: 3 },
    ...{ setAggregateBudget: 2, resetBreaker: 3, setProbe: 2, listMarket: 0.6 },
  });
  const call = callOf(random, state, now, kind);
  return { call, by: random.chance(0.04) ? random.pick(ACCOUNTS) : usualCaller(random, kind), seconds };
}

const ACCOUNTS: readonly Account[] = ["governance", "keeper", "quorum", "guardian", "challenger", "lister", "stranger"];

function longWait(random: Random): number {
  return random.chance(0.15) ? random.between(3_600, 500_000) : random.between(1, 30_000);
}

function usualCaller(random: Random, kind: Call["kind"]): Account {
  if (kind === "update") return "keeper";
  if (kind === "updateByQuorum") return "quorum";
  if (kind === "listMarket") return "lister";
  if (kind === "setMode") return random.pick(["governance", "governance", "guardian", "guardian", "challenger"]);
  if (kind === "setLimits" || kind === "setAggregateBudget")
    return random.pick(["governance", "governance", "guardian"]);
  return "governance";
}

/** Whole groups, now and then with the breaker reset, budgets renewed and closed markets opened first. */
function steadyStep(random: Random, state: ContractState, last: number): Step {
  const seconds = random.chance(0.02) ? random.between(600, 40_000) : random.between(61, 900);
  const now = last + seconds;
  if (state.door.tightenOnly) return { call: { kind: "resetBreaker" }, by: "governance", seconds };
  if (state.door.aggregateBps < 3_000) {
    const call = { kind: "setAggregateBudget", hotBps: 4_000, quorumBps: 9_000 } as const;
    return { call, by: "governance", seconds };
  }
  const closed = state.groups.flatMap((group, at) =>
    group.markets.flatMap((market, lane) =>
      market && modeAt(market, minuteOf(now)) !== "NORMAL" ? [at * 5 + lane + 1] : [],
    ),
  );
  const [first] = closed;
  if (first !== undefined)
    return { call: { kind: "setMode", marketId: first, mode: "NORMAL" }, by: "governance", seconds };
  const quorum = random.chance(0.3);
  const withQuality = random.chance(0.2);
  const asOf = now - random.between(0, 60);
  const rough = random.chance(0.15);
  const entries = state.groups.map((group, at): Entry => {
    const lanes = group.markets.map((_, lane): EntryLane | null =>
      group.markets[lane] ? laneOf(random, state, group, lane, now, quorum, rough ? 0.1 : 0) : null,
    );
    return { group: at, asOf, lanes: withQuality ? lanes : lanes.map(bare), withQuality };
  });
  const call = { kind: quorum ? "updateByQuorum" : "update", batch: batchOf(state, now, entries) } as const;
  return { call, by: quorum ? "quorum" : "keeper", seconds };
}

function batchOf(state: ContractState, now: number, entries: readonly Entry[]) {
  const { sequence, generation } = state.door;
  const place = { sequence: sequence + 1, generation, deadline: now + 60 };
  return { ...place, modelVersion: 1, evidence: EVIDENCE, entries };
}

const bare = (lane: EntryLane | null): EntryLane | null => lane && { ...lane, confidence: 0, sources: 0 };

function callOf(random: Random, state: ContractState, now: number, kind: Call["kind"]): Call {
  const marketId = random.chance(0.02) ? random.between(0, 70) : random.between(1, marketCount(state));
  switch (kind) {
    case "wait":
    case "resetBreaker":
      return { kind };
    case "update":
    case "updateByQuorum":
      return { kind, batch: randomBatch(random, state, now, kind === "updateByQuorum") };
    case "setMode":
      // Now and then a market whose mode has lapsed: a guardian may have to cool down.
      return {
        kind,
        marketId: random.chance(0.5) ? (lapsedAt(state, now) ?? marketId) : marketId,
        mode: random.pick(["NORMAL", "NO_NEW_RISK", "NO_NEW_RISK", "FROZEN"]),
      };
    case "setProbe":
      return {
        kind,
        marketId: random.pick([marketId, 16, 17, 18]),
        probe: random.pick<Hex>([...Object.values(PROBES), zeroAddress]),
      };
    case "setClass":
      return { kind, group: random.between(0, state.groups.length), classId: random.pick([0, 0, 1, 6, 63, 2]) };
    case "setAggregateBudget": {
      const hotBps = random.pick([0, 100, 300, 1_000, 20_000]);
      return { kind, hotBps, quorumBps: random.pick([hotBps, 2 * hotBps, 400]) };
    }
    case "setLimits": {
      const classId = random.pick([0, 1, 6, 63, 2]);
      return { kind, classId, limits: randomLimits(random, state.classes.get(classId) ?? limitsOf(state, 0)) };
    }
    case "listMarket":
      return { kind, listing: randomListing(random, state) };
    case "overrideMarkets": {
      const values = Array.from({ length: random.between(1, 3) }, () => randomOverride(random, state, now));
      return { kind, values };
    }
  }
}

/** The market whose guardian's mode lapsed last. */
function lapsedAt(state: ContractState, now: number): number | undefined {
  const lapsed = state.groups.flatMap((group, at) =>
    group.markets.flatMap((market, lane) => {
      if (!market || market.mode === "NORMAL" || market.challenged) return [];
      const id = at * 5 + lane + 1;
      return modeAt(market, minuteOf(now)) === "NORMAL" ? [{ id, hour: market.modeUntilHour }] : [];
    }),
  );
  return lapsed.sort((one, other) => other.hour - one.hour)[0]?.id;
}

function randomListing(random: Random, state: ContractState) {
  const index = random.between(0, 24);
  const group = random.between(0, Math.min(4, state.groups.length + 1));
  const classId = state.groups[group]?.classId ?? random.pick([0, 1, 6, 2]);
  const initialBps = random.pick([2_500, 3_000, 900, 9_500]);
  const debt = debtOf(index);
  return {
    collateral: COLLATERAL,
    debt,
    classId,
    group,
    initialBps,
    maintenanceBps: initialBps - random.between(90, 700),
  };
}

function randomOverride(random: Random, state: ContractState, now: number) {
  const at = random.between(0, state.groups.length - 1);
  const group = state.groups[at] as Group;
  const lane = Math.max(0, random.between(0, 4));
  const values = group.markets[lane] ? laneOf(random, state, group, lane, now, true, 0.3) : null;
  const { initialBps, maintenanceTargetBps } = values ?? { initialBps: 2_500, maintenanceTargetBps: 1_500 };
  if (random.chance(0.3))
    return { marketId: at * 5 + lane + 1, initialBps: 2_300, maintenanceTargetBps: 1_800, until: now };
  const loosened = random.chance(0.3) ? random.between(0, 400) : 0;
  const until = now + random.pick([0, 1, 3_600, 40_000, 200_000, 30 * 86_400, 30 * 86_400 + 1, -1]);
  return { marketId: at * 5 + lane + 1, initialBps: clamp(initialBps - loosened, 14), maintenanceTargetBps, until };
}

/** Limits a little different from those there are, which sometimes do not hold together. */
function randomLimits(random: Random, from: ContractLimits): ContractLimits {
  const keys = Object.keys(from).filter((key) => key !== "probed") as Exclude<keyof ContractLimits, "probed">[];
  const next: Record<string, number | boolean> = { ...from };
  for (let i = random.between(0, 3); i > 0; i--) {
    const key = random.pick(keys);
    const unit = key === "maxAgeSeconds" ? 60 : /Budget/.test(key) ? 4 : 1;
    const by = random.pick([-20, -3, -1, 1, 3, 20]) * unit;
    next[key] = Math.max(0, Number(next[key]) + by);
  }
  if (random.chance(0.2))
    Object.assign(next, { looseningBudgetBpsPerDay: 200, maxLooseningStepBps: 80, minGapBps: 100 });
  if (random.chance(0.2)) Object.assign(next, { quorumLooseningBudgetBpsPerDay: 1_020, quorumLooseningStepBps: 400 });
  if (random.chance(0.2)) Object.assign(next, { minInitialBps: 1_000, maxInitialBps: 9_000, minMaintenanceBps: 700 });
  if (random.chance(0.1)) next["probed"] = !from.probed;
  return next as ContractLimits;
}

function randomBatch(random: Random, state: ContractState, now: number, quorum: boolean) {
  const entries: Entry[] = [];
  const roughness = random.pick([0, 0, 0.1, 0.5]);
  for (const [at, group] of state.groups.entries()) {
    if (random.chance(0.35)) continue;
    entries.push(randomEntry(random, state, at, group, now, quorum, roughness));
    if (random.chance(0.12)) entries.push(randomEntry(random, state, at, group, now, quorum, roughness));
  }
  if (random.chance(0.02)) {
    const lane: EntryLane = { initialBps: 2_000, maintenanceTargetBps: 1_500, confidence: 0, sources: 0 };
    const group = random.pick([state.groups.length, 13_000]);
    entries.push({ group, asOf: now, lanes: [lane, null, null, null, lane], withQuality: false });
  }
  if (random.chance(0.3)) entries.reverse();
  const batch = batchOf(state, now, entries);
  if (random.chance(0.02)) return { ...batch, sequence: batch.sequence + random.pick([-1, 1, 2 ** 40]) };
  if (random.chance(0.02)) return { ...batch, generation: batch.generation + random.pick([-1, 1]) };
  if (random.chance(0.04)) return { ...batch, deadline: now + random.pick([-1, 0]) };
  return batch;
}

function randomEntry(
  random: Random,
  state: ContractState,
  at: number,
  group: Group,
  now: number,
  quorum: boolean,
  roughness: number,
): Entry {
  const full = random.chance(0.5);
  const withQuality = random.chance(0.3);
  const lanes = group.markets.map((market, lane): EntryLane | null => {
    if (market ? !full && random.chance(0.4) : random.chance(0.98)) return null;
    const values = laneOf(random, state, group, lane, now, quorum, roughness);
    return withQuality ? values : bare(values);
  });
  if (!lanes.some((lane) => lane !== null)) lanes[0] = bare(laneOf(random, state, group, 0, now, quorum, roughness));
  return { group: at, asOf: randomAsOf(random, state, group, now), lanes, withQuality };
}

function randomAsOf(random: Random, state: ContractState, group: Group, now: number): number {
  if (random.chance(0.75)) return now - random.between(0, 120);
  const { maxAgeSeconds } = limitsOf(state, group.classId);
  const stored = group.markets.flatMap((market) => (market ? [timeOf(asOfOf(group, market))] : []));
  const near = [now, now + 1, now - maxAgeSeconds, now - maxAgeSeconds - 1, now - random.between(0, maxAgeSeconds)];
  const beside = [-60, -1, 0, 59, 60].map((by) => random.pick(stored) + by);
  return clamp(random.pick([...near, ...beside]), 32);
}
