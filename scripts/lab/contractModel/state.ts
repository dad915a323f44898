import type { Account, Entry, Hex, ListingValues, Power } from "../../../keeper/domain/contract.ts";
import type { StoredMarket, storedClassOf } from "../../../keeper/protocols/words.ts";
import type { ContractEventBody } from "./events.ts";

/** One market as the contract stores it. Times are Unix seconds, `settled` and `asOf` whole minutes, the others whole hours. */
export type Market = StoredMarket & {
  readonly collateral: Hex;
  readonly debt: Hex;
  /** The zero address: none. */
  readonly probe: Hex;
  /** When a guardian may set a mode again; counts while the mode is one that a challenge set. */
  readonly cooledAt: number;
};

/** Limits of a class, and until when a guardian lets nothing loosen in it; 0: never. */
export type RiskClass = ReturnType<typeof storedClassOf>;

/** The three numbers of a market; the limit as the contract writes it (keeper/domain/contract.ts). */
export type MarketNumbers = Pick<Entry, "initialBps" | "maintenanceTargetBps" | "limit">;

/** Everything the contract stores. Addresses are keys in lower case. */
export type ContractState = {
  /** Governance. */
  readonly owner: Hex;
  /** By id, the first is 1. */
  readonly markets: readonly Market[];
  readonly classes: ReadonlyMap<number, RiskClass>;
  readonly accounts: ReadonlyMap<string, Account>;
};

export type Of<Name extends ContractEventBody["name"]> = Extract<ContractEventBody, { readonly name: Name }>;
type Named<Name extends ContractEventBody["name"]> = Omit<Of<Name>, "name">;

/** A batch with its entries spelled out; names of IParameters, like those below. */
export type ContractBatch = Omit<Named<"BatchApplied">, "writer">;
export type MarketListing = ListingValues & { readonly collateral: Hex; readonly debt: Hex };
export type AccountSetting = Named<"AccountChanged">;
export type MarketSetting = Omit<Named<"MarketChanged">, "marketId" | "generation">;
export type ManualOverride = Named<"MarketOverridden">;

/** Who calls, when (Unix seconds), and what other contracts answer in that block. */
export type Caller = {
  readonly address: Hex;
  readonly now: number;
  /** What the market's probe says to a loosening of initial; asked only where there is one. */
  readonly mayLoosen: (marketId: number, fromBps: number, toBps: number) => boolean;
  /** Whether an asset or a probe is a contract. */
  readonly hasCode: (address: Hex) => boolean;
};

/** A call that the contract refuses as a whole: the name of its error and the arguments, enums as numbers. */
export type Refusal = { readonly error: string; readonly args: readonly (string | number | bigint)[] };

/** What a call does: the next state and what it says, or why it is refused. */
export type Outcome =
  | { readonly state: ContractState; readonly events: readonly ContractEventBody[] }
  | { readonly refused: Refusal };

export const ZERO: Hex = `0x${"0".repeat(40)}`;
export const EMPTY_STATE: ContractState = { owner: ZERO, markets: [], classes: new Map(), accounts: new Map() };
const MAX_CLASSES = 64;

const NOBODY: Account = {
  ...{ power: "NONE", sequence: 0, window: 0, spentBps: 0, refusedBps: 0 },
  ...{ aggregateBps: 0, tripBps: 0, tightenOnly: false, haltedUntil: 0 },
};

export function refuse(error: string, ...args: Refusal["args"]): { readonly refused: Refusal } {
  return { refused: { error, args } };
}

/** The account of an address, without any power when governance never admitted it. */
export function accountOf(state: ContractState, holder: Hex): Account {
  return state.accounts.get(holder.toLowerCase()) ?? NOBODY;
}

export function isSame(one: Hex, other: Hex): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The refusal of a caller without the power, null when it has it. */
export function lacks(state: ContractState, { address }: Caller, power: Power): { readonly refused: Refusal } | null {
  return accountOf(state, address).power === power ? null : refuse("NotAllowed", address);
}

/** The refusal of a caller that is not governance, null when it is. */
export function lacksOwnership(state: ContractState, { address }: Caller): { readonly refused: Refusal } | null {
  return isSame(state.owner, address) ? null : refuse("OwnableUnauthorizedAccount", address);
}

/** A market ever listed, delisted ones included; null for other ids. */
export function storedMarket(state: ContractState, marketId: number): Market | null {
  return state.markets[marketId - 1] ?? null;
}

/** A market that is listed and not delisted, null otherwise. */
export function listedMarket(state: ContractState, marketId: number): Market | null {
  const market = storedMarket(state, marketId);
  return market === null || market.generation === 0 ? null : market;
}

/** A defined class, or the refusal of any other number. */
export function definedClass(state: ContractState, classId: number): RiskClass | { readonly refused: Refusal } {
  return state.classes.get(classId) ?? refuse("UnknownClass", classId);
}

/** Whether a class can have this number. */
export function isClassNumber(classId: number): boolean {
  return classId < MAX_CLASSES;
}

/** The class of a stored market. */
export function classOf(state: ContractState, { classId }: Market): RiskClass {
  const found = state.classes.get(classId);
  if (found === undefined) throw new RangeError(`class ${classId} was never defined`);
  return found;
}

/** Id last listed for a pair, 0 when there is none. */
export function marketOf(state: ContractState, collateral: Hex, debt: Hex): number {
  return state.markets.findLastIndex((one) => isSame(one.collateral, collateral) && isSame(one.debt, debt)) + 1;
}

export function withMarket(state: ContractState, marketId: number, market: Market): ContractState {
  const markets = [...state.markets];
  markets[marketId - 1] = market;
  return { ...state, markets };
}

export function withAccount(state: ContractState, holder: Hex, account: Account): ContractState {
  return { ...state, accounts: new Map(state.accounts).set(holder.toLowerCase(), account) };
}

export function withClass(state: ContractState, classId: number, riskClass: RiskClass): ContractState {
  return { ...state, classes: new Map(state.classes).set(classId, riskClass) };
}
