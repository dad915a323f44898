import type { ContractLimits, Hex, Power } from "../../../keeper/domain/contract.ts";
import { freshUntil, modeAt } from "../../../scripts/lab/contractModel/follow.ts";
import { windowed } from "../../../scripts/lab/contractModel/publishBatch.ts";
import {
  accountOf,
  type ContractBatch,
  type ContractState,
  listedMarket,
  type ManualOverride,
  type MarketListing,
  type MarketSetting,
  marketOf,
  storedMarket,
  ZERO,
} from "../../../scripts/lab/contractModel/state.ts";
import { CLASS_LIMITS } from "../../support/classLimits.ts";
import { ACCOUNTS, type AccountName, type Call, NO_CONTRACT, PROBES, type Step } from "./calls.ts";
import { COLLATERAL, debtOf, GENESIS, HIGHEST_LIMIT, LIMIT, LOWEST_LIMIT } from "./genesis.ts";
import type { Random } from "./random.ts";
import { clamp, entryFor, numbersFor } from "./randomEntry.ts";

/** Stretches of one kind: `steady` are honest batches of every market; `mixed` is everything by everybody. */
export type Stretch = "steady" | "mixed";

const EVIDENCE: Hex = `0x${"e".repeat(64)}`;
const NAMES = Object.keys(ACCOUNTS) as AccountName[];
const CLASSES = [0, 0, 1, 63, 2];

/** A next step that fits the state: legal more often than not, and near a bound when it is not. */
export function randomStep(random: Random, state: ContractState, last: number, stretch: Stretch): Step {
  if (stretch === "steady") return steadyStep(random, state, last);
  const seconds = random.pick([
    ...[random.between(1, 600), random.between(1, 600), random.between(1, 7_200)],
    random.chance(0.15) ? random.between(3_600, 500_000) : random.between(1, 30_000),
  ]);
  const usual = random.weighted<Call["kind"]>({
    ...{ publishBatch: 70, wait: 6, setMode: 9, setManually: 6, setLimits: 4, admit: 4, haltWriter: 1.5 },
    ...{ holdClass: 1.5, changeMarket: 10, listMarket: 5, delistMarket: 1.5 },
  });
  const isStopped = stoppedOf(state) !== undefined && random.chance(0.5);
  const kind = isStopped ? random.pick(["setMode", "changeMarket"] as const) : usual;
  const by = usualCaller(random, kind);
  const call = callOf(random, state, last + seconds, kind, by);
  return { call, by: random.chance(0.03) ? random.pick(NAMES) : by, seconds };
}

function usualCaller(random: Random, kind: Call["kind"]): AccountName {
  if (kind === "publishBatch") return random.pick(["keeper", "keeper", "second", "quorum"]);
  if (kind === "listMarket") return random.pick(["lister", "governance"]);
  if (kind === "setMode") return random.pick(["governance", "governance", "guardian", "guardian", "challenger"]);
  if (kind === "haltWriter" || kind === "holdClass") return "guardian";
  return "governance";
}

/** Batches of every market, with closed markets opened and tripped writers admitted anew first. */
function steadyStep(random: Random, state: ContractState, last: number): Step {
  const seconds = random.chance(0.02) ? random.between(600, 40_000) : random.between(61, 900);
  const now = last + seconds;
  const by = random.pick(["keeper", "second", "quorum"] as const);
  const admitted = GENESIS.accounts.find(({ account }) => account === ACCOUNTS[by]);
  const writer = accountOf(state, ACCOUNTS[by]);
  if (admitted && (writer.tightenOnly || writer.power !== admitted.power || writer.haltedUntil > now)) {
    return { call: { kind: "admit", setting: admitted }, by: "governance", seconds };
  }
  const ids = idsOf(state).filter((id) => listedMarket(state, id) !== null);
  const closed = ids.find((id) => modeAt(storedMarket(state, id) as never, now) !== "NORMAL");
  if (closed !== undefined) {
    return { call: { kind: "setMode", marketId: closed, mode: "NORMAL" }, by: "governance", seconds };
  }
  const style = { writer: windowed(writer, now), roughness: random.chance(0.15) ? 0.1 : 0 };
  const entries = ids.map((id) => ({
    ...entryFor(random, state, id, now, style),
    asOf: now - ((now - 1_420_070_400) % 60),
  }));
  return { call: { kind: "publishBatch", batch: batchOf(state, by, now, entries), cutBytes: 0 }, by, seconds };
}

export function idsOf(state: ContractState): number[] {
  return state.markets.map((_, index) => index + 1);
}

function batchOf(state: ContractState, by: AccountName, now: number, entries: ContractBatch["entries"]): ContractBatch {
  const { sequence } = accountOf(state, ACCOUNTS[by]);
  return { sequence: sequence + 1, deadline: now + 60, modelVersion: 1, evidence: EVIDENCE, entries };
}

function callOf(random: Random, state: ContractState, now: number, kind: Call["kind"], by: AccountName): Call {
  const anyId = random.chance(0.02) ? random.between(0, 70) : random.pick(idsOf(state));
  const marketId = random.chance(0.3) ? (stoppedOf(state) ?? anyId) : anyId;
  switch (kind) {
    case "wait":
      return { kind };
    case "publishBatch":
      return {
        kind,
        batch: randomBatch(random, state, now, by),
        cutBytes: random.chance(0.01) ? random.between(1, 13) : 0,
      };
    case "setMode": {
      // Now and then a market whose mode has lapsed: a guardian may have to cool down.
      const mode = random.pick(["NORMAL", "NO_NEW_RISK", "NO_NEW_RISK", "FROZEN"] as const);
      return { kind, marketId: random.chance(0.4) ? (lapsedAt(state, now) ?? marketId) : marketId, mode };
    }
    case "haltWriter":
      return { kind, holder: ACCOUNTS[random.pick(["keeper", "second", "second", "quorum", "stranger"] as const)] };
    case "holdClass":
      return { kind, classId: random.pick(CLASSES) };
    case "admit":
      return { kind, setting: randomSetting(random) };
    case "setLimits": {
      const classId = random.pick([...CLASSES, 64]);
      return { kind, classId, limits: randomLimits(random, state.classes.get(classId)?.limits ?? CLASS_LIMITS) };
    }
    case "listMarket":
      return { kind, listing: randomListing(random, state) };
    case "delistMarket":
      return { kind, marketId };
    case "changeMarket":
      return { kind, marketId, setting: randomMarketSetting(random, state, marketId) };
    case "setManually":
      return { kind, values: Array.from({ length: random.between(0, 3) }, () => randomOverride(random, state, now)) };
  }
}

/** A market that a shorter ttl has stopped before it was settled. */
function stoppedOf(state: ContractState): number | undefined {
  const at = state.markets.findIndex((market) => market.generation !== 0 && market.settled > freshUntil(market));
  return at < 0 ? undefined : at + 1;
}

/** The market whose guardian's mode lapsed last. */
function lapsedAt(state: ContractState, now: number): number | undefined {
  const lapsed = state.markets.flatMap((market, index) => {
    const isLapsed = market.mode !== "NORMAL" && !market.challenged && modeAt(market, now) === "NORMAL";
    return isLapsed ? [{ id: index + 1, until: market.modeUntil }] : [];
  });
  return lapsed.sort((one, other) => other.until - one.until)[0]?.id;
}

function randomSetting(random: Random) {
  const usual = random.pick(GENESIS.accounts);
  if (random.chance(0.6)) return usual;
  const aggregateBps = random.pick([0, 10, 20, 100, 300, 20_000]);
  const power = random.pick<Power>([usual.power, usual.power, "HOT", "NONE"]);
  const account = random.chance(0.05) ? ZERO : usual.account;
  return { account, power, aggregateBps, tripBps: random.pick([0, aggregateBps, 2 * aggregateBps, 15, 60]) };
}

function randomListing(random: Random, state: ContractState): MarketListing {
  const delisted = state.markets.findIndex(({ debt }) => {
    return storedMarket(state, marketOf(state, COLLATERAL, debt))?.generation === 0;
  });
  const index = random.between(0, 12);
  const again = delisted >= 0 && random.chance(0.6) ? state.markets[delisted] : undefined;
  const old = again ?? state.markets.findLast(({ debt }) => debt === debtOf(index));
  const classId = old && random.chance(0.8) ? old.classId : random.pick(CLASSES);
  const initialBps = random.pick([2_500, 3_000, 3_000, (old?.maintenanceBps ?? 2_000) + 400, 900, 9_500, 20_000]);
  return {
    collateral: random.chance(0.03) ? NO_CONTRACT : COLLATERAL,
    debt: random.chance(0.03) ? NO_CONTRACT : (again?.debt ?? debtOf(index)),
    ...{ classId, initialBps, maintenanceBps: random.chance(0.05) ? 9_000 : initialBps - random.between(180, 700) },
    ...{ limit: random.pick([LIMIT, LIMIT, LIMIT, LOWEST_LIMIT - 1, HIGHEST_LIMIT + 1]) },
    ...{ lowestLimit: random.pick([LOWEST_LIMIT, LOWEST_LIMIT, LOWEST_LIMIT, 0]), highestLimit: HIGHEST_LIMIT },
  };
}

function randomMarketSetting(random: Random, state: ContractState, marketId: number): MarketSetting {
  const market = storedMarket(state, marketId);
  const probe = random.pick<Hex>([ZERO, ZERO, ZERO, PROBES.even, PROBES.even, ...Object.values(PROBES), NO_CONTRACT]);
  const near = (value: number) => clamp(value + random.pick([0, 0, 0, -300, 300, -2]), 16);
  return {
    classId: random.chance(0.5) ? (market?.classId ?? 0) : random.pick(CLASSES),
    lowestLimit: random.chance(0.05) ? 0 : near(market?.lowestLimit ?? LOWEST_LIMIT),
    highestLimit: random.chance(0.05) ? 5_000 : near(market?.highestLimit ?? HIGHEST_LIMIT),
    probe,
  };
}

function randomOverride(random: Random, state: ContractState, now: number): ManualOverride {
  const marketId = random.chance(0.02) ? 60 : random.pick(idsOf(state));
  const market = storedMarket(state, marketId);
  const numbers =
    market && numbersFor(random, state, market, now, { writer: accountOf(state, ACCOUNTS.quorum), roughness: 0.3 });
  const { initialBps, maintenanceTargetBps, limit } = numbers ?? {
    ...{ initialBps: 2_500, maintenanceTargetBps: 1_500, limit: LIMIT },
  };
  const loosened = random.chance(0.3) ? random.between(0, 400) : 0;
  const until = random.pick([
    0,
    now,
    now + 1,
    now + 3_600,
    now + 40_000,
    now + 200_000,
    now + 30 * 86_400,
    now + 30 * 86_400 + 1,
    now - 1,
  ]);
  const calm = random.chance(0.3) ? { initialBps: 2_300, maintenanceTargetBps: 1_800, limit: LIMIT } : {};
  const given = { initialBps: clamp(initialBps - loosened, 14), maintenanceTargetBps, limit };
  return { marketId, ...given, ...calm, until };
}

/** Limits a little different from those there are, which sometimes do not hold together. */
function randomLimits(random: Random, from: ContractLimits): ContractLimits {
  const keys = Object.keys(from) as (keyof ContractLimits)[];
  const next: Record<keyof ContractLimits, number> = { ...from };
  for (let i = random.between(0, 3); i > 0; i--) {
    const key = random.pick(keys);
    next[key] = Math.max(0, next[key] + random.pick([-20, -3, -1, 1, 3, 20]));
  }
  if (random.chance(0.1)) next[random.pick(keys)] = random.pick([0, 64, 256, 4_096, 8_192, 10_001]);
  if (random.chance(0.2)) Object.assign(next, { hotBudgetBps: 50, hotStepBps: 80, minGapBps: 200 });
  if (random.chance(0.2)) Object.assign(next, { minInitialBps: 1_000, maxInitialBps: 9_000, minMaintenanceBps: 700 });
  return next;
}

function randomBatch(random: Random, state: ContractState, now: number, by: AccountName): ContractBatch {
  const style = { writer: windowed(accountOf(state, ACCOUNTS[by]), now), roughness: random.pick([0, 0, 0.1, 0.5]) };
  const entries = idsOf(state).flatMap((id) => {
    if (random.chance(listedMarket(state, id) === null ? 0.95 : 0.4)) return [];
    const twice = random.chance(0.1) ? [entryFor(random, state, id, now, style)] : [];
    return [entryFor(random, state, id, now, style), ...twice];
  });
  if (random.chance(0.03)) entries.push(entryFor(random, state, random.pick([0, 60, 4_096, 65_535]), now, style));
  if (random.chance(0.3)) entries.reverse();
  const batch = batchOf(state, by, now, entries);
  if (random.chance(0.02)) return { ...batch, sequence: Math.max(0, batch.sequence + random.pick([-1, 1, 2 ** 40])) };
  if (random.chance(0.04)) return { ...batch, deadline: now + random.pick([-1, 0]) };
  return batch;
}
