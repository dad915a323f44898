import { NEVER_LAPSES } from "../../../keeper/domain/contract.ts";
import type { ContractEvent, ContractEventBody } from "./events.ts";
import { settle } from "./follow.ts";
import { admitted, changed, defined, delisted, overridden } from "./govern.ts";
import { challenged } from "./guard.ts";
import { firstMarket } from "./listMarket.ts";
import { publishBatch } from "./publishBatch.ts";
import {
  accountOf,
  type Caller,
  type ContractState,
  EMPTY_STATE,
  type Market,
  type Of,
  storedMarket,
  withAccount,
  withClass,
  withMarket,
} from "./state.ts";

/** Markets that a batch did not take, or not whole. */
type Skip = Extract<ContractEventBody, { readonly reason: unknown }>;

/**
 * Returns the contract's whole state from its events alone, in chain order from its first block on: what an auditor
 * without an archive node needs. A batch is judged again by the rules of the model; only what a probe answered is taken from
 * the events.
 * @throws RangeError when a batch did something else than its events say
 */
export function rebuildFromEvents(events: readonly ContractEvent[]): ContractState {
  let state = EMPTY_STATE;
  let skips: Skip[] = [];
  for (const event of events) {
    if ("reason" in event) skips.push(event);
    else if (event.name === "BatchApplied") {
      state = batchApplied(state, event, skips, event.time);
      skips = [];
    } else state = afterEvent(state, event, event.time);
  }
  return state;
}

function afterEvent(
  state: ContractState,
  event: Exclude<ContractEventBody, Skip | Of<"BatchApplied">>,
  time: number,
): ContractState {
  switch (event.name) {
    case "OwnershipTransferred":
      return { ...state, owner: event.newOwner };
    // A pending owner has no power, and a trip is part of the batch that it comes before.
    case "OwnershipTransferStarted":
    case "WriterTripped":
      return state;
    case "AccountChanged":
      return admitted(state, event);
    case "WriterHalted":
      return withAccount(state, event.account, { ...accountOf(state, event.account), haltedUntil: event.until });
    case "ClassChanged":
      return defined(state, event.classId, event.limits);
    case "ClassHeld":
      return classHeld(state, event);
    case "MarketListed":
      return marketListed(state, event, time);
    default:
      return withMarket(state, event.marketId, afterChange(state, event, marketOfEvent(state, event), time));
  }
}

type Change = Of<"MarketDelisted" | "MarketChanged" | "MarketOverridden" | "ModeChanged">;

function afterChange(state: ContractState, event: Change, market: Market, time: number): Market {
  switch (event.name) {
    case "MarketDelisted":
      return delisted(market, time);
    case "MarketChanged":
      return changed(state, market, event, time);
    case "MarketOverridden":
      return overridden(state, market, event, time);
    case "ModeChanged": {
      const byChallenger = event.until !== NEVER_LAPSES && accountOf(state, event.by).power === "CHALLENGER";
      const marked = byChallenger ? challenged(market) : { challenged: false };
      return { ...settle(market, time), mode: event.mode, modeUntil: event.until, ...marked };
    }
  }
}

function classHeld(state: ContractState, { classId, until }: Of<"ClassHeld">): ContractState {
  const found = state.classes.get(classId);
  if (found === undefined) throw new RangeError(`class ${classId} is held and was never defined`);
  return withClass(state, classId, { ...found, heldUntil: until });
}

function marketListed(state: ContractState, event: Of<"MarketListed">, time: number): ContractState {
  const found = state.classes.get(event.classId);
  if (found === undefined) throw new RangeError(`market ${event.marketId} is of class ${event.classId}, never defined`);
  return withMarket(state, event.marketId, firstMarket(state, event, found, time));
}

function marketOfEvent(state: ContractState, { name, marketId }: Change): Market {
  const market = storedMarket(state, marketId);
  if (market === null) throw new RangeError(`${name} of market ${marketId}, which was never listed`);
  return market;
}

/** What a batch did, by the rules; skips of overrides that were not applied may stand before its own. */
function batchApplied(
  state: ContractState,
  { name: _, writer, ...batch }: Of<"BatchApplied">,
  skips: readonly Skip[],
  now: number,
): ContractState {
  const mayLoosen: Caller["mayLoosen"] = (marketId, from, to) =>
    !skips.some((skip) => {
      const isSame = skip.marketId === marketId && skip.given === to && skip.allowed === from;
      return isSame && skip.reason === "PROBE_REFUSED";
    });
  const outcome = publishBatch(state, batch, { address: writer, now, mayLoosen, hasCode: () => true });
  const where = `batch ${batch.sequence} of ${writer}`;
  if ("refused" in outcome) throw new RangeError(`${where}: the rules refuse it with ${outcome.refused.error}`);
  const judged = outcome.events.filter((event) => "reason" in event);
  const said = judged.length === 0 ? [] : skips.slice(-judged.length);
  const text = (skip: Skip | undefined) =>
    skip && `${skip.name} ${skip.marketId} ${skip.reason} ${skip.given} ${skip.allowed}`;
  const wrong = judged.findIndex((skip, index) => text(skip) !== text(said[index]));
  if (wrong >= 0)
    throw new RangeError(`${where}: ${text(said[wrong]) ?? "nothing"} where the rules say ${text(judged[wrong])}`);
  return outcome.state;
}
