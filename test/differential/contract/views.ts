import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { type Abi, encodeErrorResult, encodeFunctionData, type Hex as ViemHex } from "viem";
import { type Entry, type Hex, MODES, SKIP_REASONS } from "../../../keeper/domain/contract.ts";
import { encodeEntry, storedAccountOf, storedClassOf, storedMarketOf } from "../../../keeper/protocols/words.ts";
import { preview } from "../../../scripts/lab/contractModel/publishBatch.ts";
import { readExposureLimit, readHaircuts } from "../../../scripts/lab/contractModel/read.ts";
import {
  accountOf,
  type ContractState,
  type Market,
  marketOf,
  storedMarket,
  ZERO,
} from "../../../scripts/lab/contractModel/state.ts";
import { ACCOUNTS, callerOf } from "../../lab/contractModel/calls.ts";
import { COLLATERAL, debtOf } from "../../lab/contractModel/genesis.ts";

/** An entry asked about, and of which account. */
export type Question = { readonly entry: Entry; readonly holder: Hex };

/** A read, and what the model answers (hexadecimal, without 0x). */
type Answer = { readonly call: ViemHex; readonly wanted: string };
/** A read of words of storage, which are compared field by field with what the model stores. */
type Stored = {
  readonly call: ViemHex;
  /** The same object for as long as the model stores the same. */
  readonly stored: object;
  readonly digits: number;
  readonly meaning: (answer: string, stored: object) => unknown;
};
export type Views = {
  /** The same calls after most steps. */
  readonly answered: readonly Answer[];
  readonly askedOnce: readonly Answer[];
  readonly stored: readonly Stored[];
};

const STRANGE_IDS = [0, 4_096, 65_535];
const STRANGE_PAIR = debtOf(99);
const NOTHING: Market = {
  ...storedMarketOf(0n),
  limit: 0xffff,
  collateral: ZERO,
  debt: ZERO,
  probe: ZERO,
  cooledAt: 0,
};
const NO_CLASS = storedClassOf(0n);
const CLASSES = [0, 1, 2, 63, 64, 255];

const word = (value: number | bigint | boolean) => {
  return (typeof value === "boolean" ? Number(value) : value).toString(16).padStart(64, "0");
};
const words = (...values: readonly (number | bigint | boolean)[]) => values.map(word).join("");
const part = (answer: string, index: number) => BigInt(`0x${answer.slice(64 * index, 64 + 64 * index)}`);
const address = (answer: string, index: number) => `0x${part(answer, index).toString(16).padStart(40, "0")}`;

/** Every view of the contract, of all markets, a few ids never listed, all pairs, accounts and classes, and the questions. */
export function viewsOf(abi: Abi, state: ContractState, now: number, questions: readonly Question[]): Views {
  const count = state.markets.length;
  const ids = Array.from({ length: count }, (_, index) => index + 1);
  const asked = [...ids, ...STRANGE_IDS, count + 1];
  const call = (name: string, ...args: readonly unknown[]) => callOf(abi, name, args);
  const error = (name: string, ...args: readonly unknown[]) => errorOf(abi, name, args);
  const read = new Map<number, string>();
  const numbers = (id: number): string => {
    const known = read.get(id);
    if (known !== undefined) return known;
    const { initialBps, maintenanceBps, asOf, mode } = readHaircuts(state, id, now);
    const found = words(initialBps, maintenanceBps, asOf, MODES.indexOf(mode));
    read.set(id, found);
    return found;
  };
  const ofId = (id: number): Answer[] => {
    const isStored = storedMarket(state, id) !== null;
    const { tokens, mayGrow } = readExposureLimit(state, id, now);
    return [
      { call: call("haircuts(uint16)", id), wanted: isStored ? numbers(id) : error("UnknownMarket", id) },
      { call: call("tryHaircuts(uint16)", id), wanted: word(isStored) + numbers(id) },
      { call: call("exposureLimit", id), wanted: words(tokens, mayGrow) },
    ];
  };
  const ofPair = (debt: Hex): Answer[] => {
    const id = marketOf(state, COLLATERAL, debt);
    const pair = [COLLATERAL, debt];
    const strict = id === 0 ? error("UnknownPair", ...pair) : numbers(id);
    return [
      { call: call("marketOf", ...pair), wanted: word(id) },
      { call: call("haircuts(address,address)", ...pair), wanted: strict },
      { call: call("tryHaircuts(address,address)", ...pair), wanted: word(id !== 0) + numbers(id) },
    ];
  };
  const ofQuestion = ({ entry, holder }: Question): Answer => {
    const { reason, given, allowed, numbers } = preview(state, holder, entry, callerOf(state, holder, now));
    const selector = call("preview", ZERO, `0x${"0".repeat(28)}`).slice(0, 10);
    const data: ViemHex = `0x${selector.slice(2)}${word(BigInt(holder))}${encodeEntry(entry).slice(2).padEnd(64, "0")}`;
    return { call: data, wanted: words(SKIP_REASONS.indexOf(reason), given, allowed, numbers) };
  };
  return {
    answered: [
      ...asked.flatMap(ofId),
      ...[...new Set([...state.markets.map(({ debt }) => debt), STRANGE_PAIR])].flatMap(ofPair),
      { call: call("haircutsMany", ids), wanted: words(32, count) + ids.map(numbers).join("") },
      { call: call("haircutsMany", [1, 0]), wanted: error("UnknownMarket", 0) },
      { call: call("marketCount"), wanted: word(count) },
      { call: call("owner"), wanted: word(BigInt(state.owner)) },
    ],
    askedOnce: questions.map(ofQuestion),
    stored: [
      ...asked.map((id) => {
        const stored = storedMarket(state, id) ?? NOTHING;
        return { call: call("storedMarket", id), stored, digits: 256, meaning: meantMarket };
      }),
      ...CLASSES.map((id) => {
        return {
          call: call("storedClass", id),
          stored: state.classes.get(id) ?? NO_CLASS,
          ...ONE,
          meaning: meantClass,
        };
      }),
      ...Object.values(ACCOUNTS).map((holder) => {
        return { call: call("storedWriter", holder), stored: accountOf(state, holder), ...ONE, meaning: meantAccount };
      }),
    ],
  };
}

const ONE = { digits: 64 };
const meantClass = (answer: string) => storedClassOf(part(answer, 0));
const meantAccount = (answer: string) => storedAccountOf(part(answer, 0));
const meantMarket = (answer: string, stored: object) => ({
  ...storedMarketOf(part(answer, 0)),
  ...{ collateral: address(answer, 1), debt: address(answer, 2), probe: address(answer, 3) },
  // Behind no view: the calls compare it.
  cooledAt: (stored as Market).cooledAt,
});

/** SHA-256 of all answers wanted, one behind the other. */
export function hashOf({ answered, askedOnce }: Views): string {
  const wanted = [...answered, ...askedOnce].map((one) => one.wanted).join("");
  return createHash("sha256").update(wanted, "hex").digest("hex");
}

/** A call whose answer is another than the model's, and both. */
type Difference = { readonly call: ViemHex; readonly given: unknown; readonly wanted: unknown };

/** The first of the reads whose answer is another than the model's; null: none. */
export function answerDifference({ answered, askedOnce }: Views, answers: string): Difference | null {
  let at = 0;
  for (const { call, wanted } of [...answered, ...askedOnce]) {
    const given = answers.slice(at, at + wanted.length);
    if (given !== wanted) return { call, given, wanted };
    at += given.length;
  }
  return null;
}

/** The answer that was found to mean what is stored, so that it is read field by field once. */
const proven = new WeakMap<object, string>();

/** The first of the words of storage that mean another thing than the model stores; null: none. */
export function storedDifference(views: readonly Stored[], answers: string): Difference | null {
  let at = 0;
  for (const { call, stored, digits, meaning } of views) {
    const answer = answers.slice(at, at + digits);
    at += digits;
    if (proven.get(stored) === answer) continue;
    const given = meaning(answer, stored);
    if (!isDeepStrictEqual(given, stored)) return { call, given, wanted: stored };
    proven.set(stored, answer);
  }
  return null;
}

/** Calldata of reads and data of errors, which are the same after every step. */
const known = new Map<string, ViemHex>();

function callOf(abi: Abi, name: string, args: readonly unknown[]): ViemHex {
  const key = `${name} ${args.join(" ")}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const [functionName = "", types] = name.split("(");
  const item = abi.filter((one) => {
    const isNamed = one.type === "function" && one.name === functionName;
    return isNamed && (types === undefined || `${one.inputs.map(({ type }) => type).join(",")})` === types);
  });
  const data = encodeFunctionData({ abi: item, functionName, args });
  known.set(key, data);
  return data;
}

function errorOf(abi: Abi, errorName: string, args: readonly unknown[]): string {
  const key = `error ${errorName} ${args.join(" ")}`;
  const data = known.get(key) ?? encodeErrorResult({ abi, errorName, args });
  known.set(key, data);
  return data.slice(2);
}
