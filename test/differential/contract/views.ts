import { timeOf } from "../../../keeper/domain/calendar.ts";
import { MODES, NEVER_LAPSES, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../../keeper/protocols/abi.ts";
import { checkUpdate, type MarketUpdate } from "../../../scripts/lab/contractModel/checkUpdate.ts";
import { asOfOf, readHaircuts } from "../../../scripts/lab/contractModel/effective.ts";
import {
  type ContractState,
  limitsOf,
  locate,
  marketCount,
  profileOf,
} from "../../../scripts/lab/contractModel/state.ts";
import { answers } from "../../lab/contractModel/calls.ts";
import type { ParametersWorld } from "./parametersWorld.ts";

/** An update asked about, and through which door. */
export type Question = { readonly update: MarketUpdate; readonly quorum: boolean };

/** Everything the views say at one block, of all markets, a few ids never listed, and the questions. */
export type Views = {
  readonly door: object;
  readonly count: readonly [number, number];
  readonly soft: readonly (readonly [boolean, object])[];
  readonly strict: readonly object[];
  readonly states: readonly object[];
  readonly limits: readonly (readonly [object, object])[];
  readonly previews: readonly (readonly [number, number, number])[];
};

const STRANGERS = [0, 65_535];

export function idsOf(state: ContractState): number[] {
  const ids = Array.from({ length: marketCount(state) }, (_, index) => index + 1);
  return ids.filter((id) => locate(state, id) !== null);
}

/** What the model says. */
export function modelViews(state: ContractState, now: number, questions: readonly Question[]): Views {
  const ids = idsOf(state);
  const read = (id: number) => {
    const { known, mode, ...values } = readHaircuts(state, id, now);
    return [known, { ...values, mode: MODES.indexOf(mode) }] as const;
  };
  return {
    door: state.door,
    count: [marketCount(state), state.groups.length],
    soft: [...ids, ...STRANGERS, marketCount(state) + 1].map(read),
    strict: ids.map((id) => read(id)[1]),
    states: ids.map((id) => storedState(state, id)),
    limits: state.groups.map(({ classId }) => [limitsOf(state, classId), profileOf(state, classId)] as const),
    previews: questions.map(({ update, quorum }) => {
      const { reason, given, allowed } = checkUpdate(state, update, { now, quorum, mayLoosen: answers(state) });
      return [SKIP_REASONS.indexOf(reason), given, allowed] as const;
    }),
  };
}

/** The model's `marketState`. */
export function storedState(state: ContractState, marketId: number): object {
  const found = locate(state, marketId);
  if (!found) throw new RangeError(`market ${marketId} is not listed`);
  const { group, market } = found;
  const { modeUntilHour, ownAsOfMinute: _, ...values } = market;
  return {
    ...values,
    mode: MODES.indexOf(market.mode),
    modeUntil: lapse(modeUntilHour),
    asOf: timeOf(asOfOf(group, market)),
    maintenanceTime: timeOf(group.settledMinute),
    spentBps: group.spentBps,
    classId: group.classId,
  };
}

function lapse(hour: number): number {
  if (hour === Number.POSITIVE_INFINITY) return NEVER_LAPSES;
  return hour === 0 ? 0 : timeOf(hour * 60);
}

/** What the chain says. */
export async function chainViews(
  world: ParametersWorld,
  state: ContractState,
  questions: readonly Question[],
): Promise<Views> {
  const ids = idsOf(state);
  const { address } = world;
  const of = (functionName: string, ...args: readonly unknown[]) => ({ address, abi, functionName, args });
  const soft = [...ids, ...STRANGERS, marketCount(state) + 1];
  const firsts = state.groups.map((_, at) => at * 5 + 1);
  const contracts = [
    ...[of("door"), of("marketCount"), of("groupCount"), of("haircutsMany", ids)],
    ...soft.map((id) => of("tryHaircuts", id)),
    ...ids.map((id) => of("marketState", id)),
    ...firsts.map((id) => of("limitsOf", id)),
    ...questions.map(({ update, quorum }) => of("previewUpdate", update, quorum)),
  ];
  // In parts: what one call without a deployed helper returns may be no longer than a contract's code.
  const said = (await world.client.multicall({
    ...{ contracts: contracts as never, deployless: true, allowFailure: false, batchSize: 1_536 },
    blockNumber: await world.blockNumber(),
  })) as unknown[];
  const take = (count: number) => said.splice(0, count);
  const [door, markets, groups, strict] = take(4);
  return {
    door: plain(door) as object,
    count: [Number(markets), Number(groups)],
    soft: take(soft.length) as Views["soft"],
    strict: strict as object[],
    states: (take(ids.length) as Record<string, unknown>[]).map(lowercased),
    limits: take(firsts.length) as Views["limits"],
    previews: (take(questions.length) as unknown[][]).map(
      ([reason, given, allowed]) => [Number(reason), Number(given), Number(allowed)] as const,
    ),
  };
}

function lowercased(state: Record<string, unknown>): object {
  return { ...state, collateral: String(state["collateral"]).toLowerCase(), debt: String(state["debt"]).toLowerCase() };
}

/** Big integers as numbers. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
