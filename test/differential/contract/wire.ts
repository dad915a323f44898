import {
  type Abi,
  decodeErrorResult,
  decodeEventLog,
  encodeFunctionData,
  prepareEncodeFunctionData,
  toEventSelector,
  type Hex as ViemHex,
} from "viem";
import { type Hex, MODES, POWERS, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { headFields } from "../../../keeper/protocols/collateralParameters.ts";
import { decodeEntries, encodeEntries } from "../../../keeper/protocols/words.ts";
import type { ContractEventBody } from "../../../scripts/lab/contractModel/events.ts";
import type { AccountSetting, Refusal } from "../../../scripts/lab/contractModel/state.ts";
import type { Call, PROBES } from "../../lab/contractModel/calls.ts";

/** A log as a node gives it. */
export type Log = { readonly data: ViemHex; readonly topics: [ViemHex, ...ViemHex[]] };

/** What a chain made of a call. */
export type Result = { readonly events: readonly ContractEventBody[] } | { readonly refused: Refusal };

/** Bytecodes of the probes: return (to & 1) ^ 1; revert; return 2; return 1 and a word more; return 100 000 zeros. */
export const PROBE_CODE = {
  even: "0x60016044356001161860005260206000f3",
  silent: "0x60006000fd",
  two: "0x600260005260206000f3",
  long: "0x600160005260406000f3",
  bomb: "0x620186a06000f3",
} as const satisfies Record<keyof typeof PROBES, string>;

/** An account setting as the contract takes it. */
export function numbered({ account, power, aggregateBps, tripBps }: AccountSetting) {
  return { account, power: POWERS.indexOf(power), aggregateBps, tripBps };
}

/** Calldata of a call. */
export function dataOf(abi: Abi, call: Exclude<Call, { kind: "wait" }>): ViemHex {
  const data = (...args: readonly unknown[]) => encodeFunctionData({ ...functionOf(abi, call.kind), args });
  switch (call.kind) {
    case "publishBatch": {
      const { entries, sequence, deadline, modelVersion, evidence } = call.batch;
      const head = BigInt(sequence) | (BigInt(deadline) << 64n) | (BigInt(modelVersion) << 104n);
      const bytes = entries.length === 0 ? "0x" : encodeEntries(entries);
      return data(head, evidence, call.cutBytes === 0 ? bytes : bytes.slice(0, -2 * call.cutBytes));
    }
    case "setMode":
      return data(call.marketId, MODES.indexOf(call.mode));
    case "haltWriter":
      return data(call.holder);
    case "holdClass":
      return data(call.classId);
    case "admit":
      return data(numbered(call.setting));
    case "setLimits":
      return data(call.classId, call.limits);
    case "listMarket":
      return data(call.listing);
    case "delistMarket":
      return data(call.marketId);
    case "changeMarket":
      return data(call.marketId, call.setting);
    case "setManually":
      return data(call.values);
  }
}

/** What a log says, in the model's words. */
export function saidBy(abi: Abi, log: Log): ContractEventBody {
  const { eventName: name, args } = decodeEventLog({ abi: eventOf(abi, log.topics[0]), ...log }) as unknown as {
    eventName: string;
    args: Fields;
  };
  const { setting, listing, values, head: _, ...rest } = plain(args) as Fields & Partial<Record<string, Fields>>;
  const spread: unknown = { name, ...rest, ...setting, ...listing, ...values, ...inWords(setting ?? rest, args) };
  return spread as ContractEventBody;
}

type Fields = { readonly [name: string]: unknown };

/** Fields that the contract has as numbers, and the model by their names; a batch with its head and entries spelled out. */
function inWords({ reason, power, mode }: Fields, { head, entries }: Fields): Fields {
  const named = {
    ...(reason === undefined ? {} : { reason: SKIP_REASONS[Number(reason)] }),
    ...(power === undefined ? {} : { power: POWERS[Number(power)] }),
    ...(mode === undefined ? {} : { mode: MODES[Number(mode)] }),
  };
  if (head === undefined) return named;
  const { sequence, ...fields } = headFields(BigInt(head as bigint));
  return { ...fields, sequence: Number(sequence), entries: decodeEntries(entries as Hex) };
}

/** Big integers as numbers: none of the contract's passes 2^53 but the head of a batch. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** What the data of a revert says, in the model's words. */
export function refusalOf(abi: Abi, data: ViemHex): Refusal {
  const { errorName, args } = decodeErrorResult({ abi, data });
  return { error: errorName, args: (args ?? []).map((arg) => (typeof arg === "string" ? arg : Number(arg))) };
}

/** Hashing the signatures of an ABI costs more than a call does: each is looked up once. */
const functions = new Map<string, Prepared>();
const eventsOf = new Map<string, Abi>();

/** A function as `encodeFunctionData` takes it. */
type Prepared = { readonly abi: Abi; readonly functionName: string };

export function functionOf(abi: Abi, functionName: string): Prepared {
  const found =
    functions.get(functionName) ?? (prepareEncodeFunctionData({ abi, functionName }) as unknown as Prepared);
  functions.set(functionName, found);
  return found;
}

function eventOf(abi: Abi, topic: ViemHex): Abi {
  const isIt = (one: Abi[number]) => one.type === "event" && toEventSelector(one) === topic;
  const found = eventsOf.get(topic) ?? abi.filter(isIt);
  eventsOf.set(topic, found);
  return found;
}
