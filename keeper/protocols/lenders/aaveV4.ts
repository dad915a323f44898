import type { Hex } from "../../domain/contract.ts";
import type { LenderReading } from "../../domain/lender.ts";
import type { Call, CallResult } from "../../io/rpc.ts";
import {
  type Agent,
  type AgentReader,
  type Answers,
  answersOf,
  ask,
  BPS_ONE,
  capIn,
  type Driven,
  faulty,
  MOST_SECONDS,
  numberIn,
  placeOf,
  previewIn,
  uintsIn,
  unreadable,
  within,
  wordsIn,
} from "./agent.ts";

/** Older configurations that are looked through in one look; with more of them each look takes the next page. */
const PAGE_KEYS = 256;
/** What looking at one takes, gas, amply. */
const GAS_OF_A_KEY = 20_000;

/** Where a market is in Aave, as it was last seen: each is asked for by the one before it; and where its next page begins. */
type Known = { readonly assetId: bigint; readonly reserveId: bigint; readonly newest: number; readonly from: number };

const VIEWS = [
  ...["getAssetId", "getReserveId", "getReserve", "getSpokeConfig", "getDynamicReserveConfig"],
  ...["stepSeconds", "preview", "previewSupplyCap", "lowerable"],
] as const;
type View = (typeof VIEWS)[number];

/**
 * Reads an AaveV4Agent's markets: the spoke's newest configuration and its add cap at the hub beside what the agent would set.
 * Numbers of asset, reserve and newest configuration are guessed to be those of the last look, and asked for with all that hangs
 * on them: one turn where that is true, and again until it is.
 */
export function aaveV4Agent({ spoke, hub }: { readonly spoke: Hex; readonly hub: Hex }, agent: Agent): AgentReader {
  const known = new Map<Hex, Known>();
  const knownOf = ({ asset }: Driven) => known.get(asset) ?? { assetId: 0n, reserveId: 0n, newest: 0, from: 0 };
  return async (rpc, block, signal) => {
    const answers = new Map<Driven, Answers<View>>();
    let open = agent.markets;
    // Asset, reserve, configuration: after three looks each has been asked for by what is true.
    for (let turn = 0; turn < 4 && open.length > 0; turn += 1) {
      const calls = open.flatMap((market) => callsOf(market.asset, knownOf(market)));
      const given = await rpc.calls(calls, block, signal);
      open = open.filter((market, at) => {
        const said = answersOf(VIEWS, given.slice(VIEWS.length * at));
        answers.set(market, said);
        const [before, now] = [knownOf(market), placesIn(said)];
        known.set(market.asset, { ...now, from: before.from });
        return before.assetId !== now.assetId || before.reserveId !== now.reserveId || before.newest !== now.newest;
      });
    }
    return agent.markets.map((market) => {
      const { from, ...places } = knownOf(market);
      const next = from + PAGE_KEYS;
      // Each market has pages of its own: one with very many keeps no other's from being looked at.
      known.set(market.asset, { ...places, from: next < places.newest ? next : 0 });
      if (open.includes(market))
        return faulty(agent, market, { state: "UNREADABLE", detail: "its reserve changes place" });
      return readingOf(agent, market, hub, from, answers.get(market) as Answers<View>);
    });
  };

  function callsOf(asset: Hex, { assetId, reserveId, newest, from }: Known): readonly Call[] {
    const own = agent.agent;
    return [
      ask(hub, "getAssetId", asset),
      ask(spoke, "getReserveId", hub, assetId),
      ask(spoke, "getReserve", reserveId),
      ask(hub, "getSpokeConfig", assetId, spoke),
      ask(spoke, "getDynamicReserveConfig", reserveId, newest),
      ask(own, "stepSeconds"),
      ask(own, "preview", asset),
      ask(own, "previewSupplyCap", asset),
      { ...ask(own, "lowerable", asset, from, from + PAGE_KEYS), gas: PAGE_KEYS * GAS_OF_A_KEY },
    ];
  }
}

const MOST_KEY = (1n << 32n) - 1n;
/** An add cap that is none; 0 lets nothing be added, as Aave does it in an emergency. */
const NO_CAP = (1n << 40n) - 1n;

function placesIn({ getAssetId, getReserveId, getReserve }: Answers<View>): Omit<Known, "from"> {
  return {
    assetId: uintsIn(getAssetId, 1)?.[0] ?? 0n,
    reserveId: uintsIn(getReserveId, 1)?.[0] ?? 0n,
    newest: within(uintsIn(getReserve, 7)?.[6], 0n, MOST_KEY) ?? 0,
  };
}

function readingOf(agent: Agent, market: Driven, hub: Hex, from: number, said: Answers<View>): LenderReading {
  const fault = (view: View) => faulty(agent, market, unreadable(view, said[view]));
  if (uintsIn(said.getAssetId, 1) === undefined) return fault("getAssetId");
  if (uintsIn(said.getReserveId, 1) === undefined) return fault("getReserveId");
  const [underlying, home, , , , flags = 0n, key] = uintsIn(said.getReserve, 7) ?? [];
  const newest = within(key, 0n, MOST_KEY);
  if (underlying !== BigInt(market.asset) || home !== BigInt(hub) || newest === undefined) return fault("getReserve");
  const [addCap, , , active, halted] = uintsIn(said.getSpokeConfig, 5) ?? [];
  const supplyCap = within(addCap, 0n, NO_CAP);
  if (supplyCap === undefined) return fault("getSpokeConfig");
  const [factor, bonus] = uintsIn(said.getDynamicReserveConfig, 3) ?? [];
  const ltvBps = within(factor, 0n, BPS_ONE - 1n);
  const bonusBps = within(bonus, BPS_ONE, MOST_KEY);
  if (ltvBps === undefined || bonusBps === undefined) return fault("getDynamicReserveConfig");
  const stepSeconds = numberIn(said.stepSeconds, 1n, MOST_SECONDS);
  if (stepSeconds === undefined) return fault("stepSeconds");
  const preview = previewIn(said.preview);
  const cap = capIn(said.previewSupplyCap, 0n, NO_CAP);
  const due = keysIn(said.lowerable, from, newest);
  const frozen = (flags & (PAUSED | FROZEN)) !== 0n || halted !== 0n || active !== 1n;
  return {
    ...placeOf(agent, market),
    has: { ltvBps, thresholdBps: ltvBps, supplyCap: supplyCap === Number(NO_CAP) ? null : supplyCap, bonusBps, frozen },
    collateral: preview && { ltvBps: preview[0], thresholdBps: preview[0], changes: preview[2] },
    ...{ cap, due: due ?? [], stepFrom: 0, stepSeconds, stepBps: 0 },
    fault:
      (preview === null && whyRefused(ltvBps, said.preview)) ||
      (cap === null && unreadable("previewSupplyCap", said.previewSupplyCap)) ||
      (due === null && unreadable("lowerable", said.lowerable)) ||
      null,
  };
}

const PAUSED = 1n;
const FROZEN = 2n;

/** A newest factor of 0 that the agent did not set is what it refuses. */
function whyRefused(ltvBps: number, preview: CallResult | undefined): NonNullable<LenderReading["fault"]> {
  const fault = unreadable("preview", preview);
  return preview?.ok === false && ltvBps === 0 ? { ...fault, state: "CLOSED_BY_OTHERS" } : fault;
}

/** Rising numbers of configurations that are older than the newest, on the page that was asked for; null: nonsense. */
function keysIn(result: CallResult | undefined, from: number, newest: number): readonly number[] | null {
  const [offset, count, ...keys] = wordsIn(result) ?? [];
  if (offset !== 32n || count !== BigInt(keys.length)) return null;
  const to = Math.min(from + PAGE_KEYS, newest);
  const sound = keys.every(
    (key, at) => key > (keys[at - 1] ?? -1n) && within(key, BigInt(from), BigInt(to - 1)) !== undefined,
  );
  return sound ? keys.map(Number) : null;
}
