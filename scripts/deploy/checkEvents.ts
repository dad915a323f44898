import { storedAccountOf, storedClassOf, storedMarketOf } from "../../keeper/protocols/words.ts";
import type { ContractEvent } from "../lab/contractModel/events.ts";
import { RULES } from "../lab/contractModel/rules.ts";
import { type Asked, type Check, compare } from "./compare.ts";

/**
 * Returns the comparison of what the events say with what is stored, field by field of every market, class and account: a
 * storage write without its event, or an event without its write, shows here.
 */
export async function checkEvents(asked: Asked, events: readonly ContractEvent[]): Promise<Check[]> {
  const state = RULES.rebuild(events);
  const same = (what: string, own: object, stored: object) =>
    compare(`events rebuild ${what}`, fields(own, stored), fields(stored, stored));
  const checks = [compare("events rebuild the number of markets", state.markets.length, await asked("marketCount"))];
  for (const [index, market] of state.markets.entries()) {
    const [word, collateral, debt, probe] = (await asked("storedMarket", index + 1)) as [bigint, ...string[]];
    checks.push(same(`market ${index + 1}`, market, { ...storedMarketOf(word), collateral, debt, probe }));
  }
  for (const [id, own] of state.classes) {
    const { limits, heldUntil } = storedClassOf((await asked("storedClass", id)) as bigint);
    checks.push(same(`class ${id}`, { ...own.limits, heldUntil: own.heldUntil }, { ...limits, heldUntil }));
  }
  for (const [account, own] of state.accounts) {
    const word = (await asked("storedWriter", account)) as bigint;
    checks.push(same(`account ${account}`, own, storedAccountOf(word)));
  }
  return checks;
}

/** The fields that `like` has. */
function fields(values: object, like: object): string {
  const named = values as Record<string, unknown>;
  return Object.keys(like)
    .sort()
    .map((key) => `${key} ${named[key]}`)
    .join(", ");
}
