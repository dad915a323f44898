import { encodeErrorResult, encodeFunctionData, type Hex as ViemHex } from "viem";
import { type Entry, type Hex, MODES, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { encodeEntry, storedAccountOf, storedClassOf, storedMarketOf } from "../../../keeper/protocols/words.ts";
import { preview } from "../../../scripts/lab/contractModel/publishBatch.ts";
import { readExposureLimit, readHaircuts } from "../../../scripts/lab/contractModel/read.ts";
import {
  accountOf,
  type ContractState,
  marketOf,
  storedMarket,
  ZERO,
} from "../../../scripts/lab/contractModel/state.ts";
import { ACCOUNTS, callerOf } from "../../lab/contractModel/calls.ts";
import { COLLATERAL, debtOf } from "../../lab/contractModel/genesis.ts";
import type { ParametersWorld } from "./parametersWorld.ts";

/** An entry asked about, and of which account. */
export type Question = { readonly entry: Entry; readonly holder: Hex };

/** One read: its calldata, and what the model answers; a word of storage is compared field by field. */
type View = {
  readonly what: string;
  readonly call: ViemHex;
  readonly wanted: unknown;
  /** What the answer means, in the form of `wanted`; absent: the bytes themselves. */
  readonly meaning?: (answer: ViemHex) => unknown;
};

const STRANGE_IDS = [0, 4_096, 65_535];
const STRANGE_PAIR = debtOf(99);
const NO_ASSETS = { collateral: ZERO, debt: ZERO, probe: ZERO };
const CLASSES = [0, 1, 2, 63, 64, 255];

const word = (value: number | bigint | boolean) => BigInt(value).toString(16).padStart(64, "0");
const words = (...values: readonly (number | bigint | boolean)[]): ViemHex => `0x${values.map(word).join("")}`;
const part = (answer: ViemHex, index: number) => BigInt(`0x${answer.slice(2 + 64 * index, 66 + 64 * index)}`);
const address = (answer: ViemHex, index: number) => `0x${part(answer, index).toString(16).padStart(40, "0")}`;

/** Every view of the contract, of all markets, a few ids never listed, all pairs, accounts and classes, and the questions. */
export function viewsOf(
  world: ParametersWorld,
  state: ContractState,
  now: number,
  questions: readonly Question[],
): readonly View[] {
  const { abi } = world;
  const count = state.markets.length;
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  const call = (name: string, ...args: readonly unknown[]) => callOf(world, name, args);
  const error = (errorName: string, ...args: readonly unknown[]) => encodeErrorResult({ abi, errorName, args });
  const numbers = (id: number) => {
    const { initialBps, maintenanceBps, asOf, mode } = readHaircuts(state, id, now);
    return [initialBps, maintenanceBps, asOf, MODES.indexOf(mode)] as const;
  };
  const ofId = (id: number): View[] => {
    const market = storedMarket(state, id);
    // Behind no view: the calls compare it.
    const { cooledAt: _, ...stored } = market ?? { ...storedMarketOf(0n), limit: 0xffff, ...NO_ASSETS, cooledAt: 0 };
    const strict = market === null ? error("UnknownMarket", id) : words(...numbers(id));
    const { tokens, mayGrow } = readExposureLimit(state, id, now);
    return [
      { what: `haircuts(${id})`, call: call("haircuts(uint16)", id), wanted: strict },
      {
        what: `tryHaircuts(${id})`,
        call: call("tryHaircuts(uint16)", id),
        wanted: words(market !== null, ...numbers(id)),
      },
      { what: `exposureLimit(${id})`, call: call("exposureLimit", id), wanted: words(tokens, mayGrow) },
      {
        ...{ what: `storedMarket(${id})`, call: call("storedMarket", id) },
        wanted: stored,
        meaning: (answer) => ({
          ...storedMarketOf(part(answer, 0)),
          ...{ collateral: address(answer, 1), debt: address(answer, 2), probe: address(answer, 3) },
        }),
      },
    ];
  };
  const ofPair = (debt: Hex): View[] => {
    const id = marketOf(state, COLLATERAL, debt);
    const strict = id === 0 ? error("UnknownPair", COLLATERAL, debt) : words(...numbers(id));
    const pair = [COLLATERAL, debt];
    return [
      { what: `marketOf(${debt})`, call: call("marketOf", ...pair), wanted: words(id) },
      { what: `haircuts(${debt})`, call: call("haircuts(address,address)", ...pair), wanted: strict },
      {
        what: `tryHaircuts(${debt})`,
        call: call("tryHaircuts(address,address)", ...pair),
        wanted: words(id !== 0, ...numbers(id)),
      },
    ];
  };
  const ofClass = (id: number): View => ({
    ...{ what: `storedClass(${id})`, call: call("storedClass", id) },
    wanted: state.classes.get(id) ?? storedClassOf(0n),
    meaning: (answer) => storedClassOf(part(answer, 0)),
  });
  const ofAccount = ([name, holder]: readonly [string, Hex]): View => ({
    ...{ what: `storedWriter(${name})`, call: call("storedWriter", holder), wanted: accountOf(state, holder) },
    meaning: (answer) => storedAccountOf(part(answer, 0)),
  });
  const ofQuestion = ({ entry, holder }: Question): View => {
    const { reason, given, allowed, numbers } = preview(state, holder, entry, callerOf(state, holder, now));
    const wanted = words(SKIP_REASONS.indexOf(reason), given, allowed, numbers);
    return { what: `preview(${JSON.stringify(entry)})`, call: call("preview", holder, encodeEntry(entry)), wanted };
  };
  return [
    ...[...ids, ...STRANGE_IDS, count + 1].flatMap(ofId),
    ...[...new Set([...state.markets.map(({ debt }) => debt), STRANGE_PAIR])].flatMap(ofPair),
    { what: "haircutsMany", call: call("haircutsMany", ids), wanted: words(32, count, ...ids.flatMap(numbers)) },
    { what: "haircutsMany", call: call("haircutsMany", [1, 0]), wanted: error("UnknownMarket", 0) },
    { what: "marketCount", call: call("marketCount"), wanted: words(count) },
    { what: "owner", call: call("owner"), wanted: words(BigInt(state.owner)) },
    ...CLASSES.map(ofClass),
    ...Object.entries(ACCOUNTS).map(ofAccount),
    ...questions.map(ofQuestion),
  ];
}

/** Calldata of reads, which are the same after every step. */
const known = new Map<string, ViemHex>();

function callOf({ abi }: ParametersWorld, name: string, args: readonly unknown[]): ViemHex {
  const key = `${name} ${args.join(" ")}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const [functionName = "", types] = name.split("(");
  const item = abi.filter((one) => {
    const isNamed = one.type === "function" && one.name === functionName;
    return isNamed && (types === undefined || `${one.inputs.map(({ type }) => type).join(",")})` === types);
  });
  const data = encodeFunctionData({ abi: item, functionName, args });
  if (functionName !== "preview") known.set(key, data);
  return data;
}
