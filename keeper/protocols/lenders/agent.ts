import { encodeFunctionData, parseAbi } from "viem";
import type { Hex } from "../../domain/contract.ts";
import type { LenderReading } from "../../domain/lender.ts";
import type { Call, CallResult, Rpc } from "../../io/rpc.ts";
import { AGENT_ABI } from "../agentCalls.ts";

/** One market that an agent drives, by the record. */
export type Driven = { readonly market: string; readonly asset: Hex };

/** One agent, by the record. */
export type Agent = { readonly lender: string; readonly agent: Hex; readonly markets: readonly Driven[] };

/** Reads every market of one agent at a block; throws what the node does not answer. */
export type AgentReader = (
  rpc: Pick<Rpc, "calls">,
  block: bigint,
  signal?: AbortSignal,
) => Promise<readonly LenderReading[]>;

/** Aave's own: of v3's provider and pool, of v4's hub and spoke (structs of words only, which are read as words). */
const AAVE_ABI = parseAbi([
  "function getPool() view returns (address)",
  "function getConfiguration(address asset) view returns (uint256 word)",
  "function getAssetId(address underlying) view returns (uint256)",
  "function getReserveId(address hub, uint256 assetId) view returns (uint256)",
  "function getReserve(uint256 reserveId) view",
  "function getSpokeConfig(uint256 assetId, address spoke) view",
  "function getDynamicReserveConfig(uint256 reserveId, uint32 key) view",
]);
const ABI = [...AGENT_ABI, ...AAVE_ABI] as const;

type ViewName = Extract<(typeof ABI)[number], { readonly stateMutability: "view" }>["name"];

/** One view of an agent or of Aave. */
export function ask(to: Hex, functionName: ViewName, ...args: readonly unknown[]): Call {
  return { to, data: encodeFunctionData({ abi: ABI, functionName, args } as never) };
}

/** What each view answered. */
export type Answers<View extends ViewName> = Readonly<Record<View, CallResult | undefined>>;

/** Answers in the order of the views, by their names. */
export function answersOf<View extends ViewName>(views: readonly View[], given: readonly CallResult[]): Answers<View> {
  return Object.fromEntries(views.map((view, at) => [view, given[at]])) as Answers<View>;
}

type Fault = NonNullable<LenderReading["fault"]>;

/** A reading of which nothing is known but why. */
export function faulty(agent: Agent, market: Driven, fault: Fault): LenderReading {
  const none = { has: null, collateral: null, cap: null, due: [], stepFrom: 0, stepSeconds: 0, stepBps: 0 };
  return { ...placeOf(agent, market), ...none, fault };
}

export const unreadable = (view: string, result: CallResult | undefined): Fault => {
  return { state: "UNREADABLE", detail: `${view}: ${saidBy(result)}` };
};

export const placeOf = ({ lender, agent }: Agent, { market, asset }: Driven) => ({ lender, market, agent, asset });

/** What `preview` says: two numbers in bp, of which the first is what may be lent, and whether it would change; null: nonsense. */
export function previewIn(
  result: CallResult | undefined,
): readonly [bps: number, other: number, changes: boolean] | null {
  const [first = -1n, second = -1n, changes] = uintsIn(result, 3) ?? [];
  const sound = within(first, 0n, BPS_ONE) !== undefined && within(second, 0n, BPS_ONE) !== undefined;
  return sound && (changes ?? 2n) <= 1n ? [Number(first), Number(second), changes === 1n] : null;
}

/** What `previewSupplyCap` says, whole tokens between both; null: nonsense. */
export function capIn(result: CallResult | undefined, least: bigint, most: bigint): LenderReading["cap"] {
  const [word, changes] = uintsIn(result, 2) ?? [];
  const supplyCap = within(word, least, most);
  return supplyCap === undefined || (changes ?? 2n) > 1n ? null : { supplyCap, changes: changes === 1n };
}

export const BPS_ONE = 10_000n;
/** A uint32 of an agent's. */
export const MOST_SECONDS = (1n << 32n) - 1n;

/** The words of an answer that is exactly so many; a longer or shorter one is no answer. */
export function uintsIn(result: CallResult | undefined, count: number): readonly bigint[] | undefined {
  const words = wordsIn(result);
  return words?.length === count ? words : undefined;
}

/** The words of an answer that is whole ones. */
export function wordsIn(result: CallResult | undefined): readonly bigint[] | undefined {
  if (result?.ok !== true || result.data.length % 64 !== 2) return undefined;
  const count = (result.data.length - 2) / 64;
  return Array.from({ length: count }, (_, i) => BigInt(`0x${result.data.slice(2 + 64 * i, 66 + 64 * i)}`));
}

/** The number that an answer of one word is, where it lies within both, else undefined. */
export function numberIn(result: CallResult | undefined, least: bigint, most: bigint): number | undefined {
  return within(uintsIn(result, 1)?.[0], least, most);
}

/** The number where it lies within both, else undefined. */
export function within(word: bigint | undefined, least: bigint, most: bigint): number | undefined {
  return word === undefined || word < least || word > most ? undefined : Number(word);
}

export function saidBy(result: CallResult | undefined): string {
  if (result === undefined) return "no answer";
  return result.ok ? `answered ${result.data.slice(0, 80)}${result.data.length > 80 ? "..." : ""}` : result.reason;
}
