import { encodeFunctionData, getAddress, parseAbi } from "viem";
import type { Hex } from "../domain/contract.ts";
import type { LenderReading } from "../domain/lender.ts";
import type { CallResult, Rpc } from "../io/rpc.ts";
import { AGENT_ABI } from "./agentCalls.ts";
import type { Deployment } from "./deployment.ts";

const AAVE_ABI = parseAbi([
  "function getPool() view returns (address)",
  "function getConfiguration(address asset) view returns (uint256 word)",
]);

/** One market that an agent drives, by the record. */
type Driven = { readonly market: string; readonly asset: Hex };

/** One agent, by the record. */
type Agent = {
  readonly lender: string;
  readonly agent: Hex;
  readonly provider: Hex;
  readonly pool: Hex;
  readonly markets: readonly Driven[];
};

/** Reads what every lender with an agent has and would be set to, all at one block; empty where the record names none. */
export type LenderReader = (block: bigint, signal?: AbortSignal) => Promise<readonly LenderReading[]>;

/**
 * Makes a reader of the record's agents. Its calls are of one turn, so that they travel with a cycle's other reads. What a
 * lender answers wrongly, and a node that does not answer, is a reading with a fault; it never throws.
 */
export function lenderReader({
  rpc,
  deployment,
}: {
  readonly rpc: Pick<Rpc, "calls">;
  readonly deployment: Deployment;
}): LenderReader {
  const agents = agentsOf(deployment);
  return async (block, signal) => {
    const read = agents.map((agent) =>
      readAgent(rpc, agent, block, signal).catch((error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error);
        return agent.markets.map((market) => faulty(agent, market, { state: "UNREADABLE", detail }));
      }),
    );
    return (await Promise.all(read)).flat();
  };
}

function agentsOf({ lenders = [], markets }: Deployment): readonly Agent[] {
  return lenders.flatMap((lender) => {
    if (lender.kind !== "aave-v3" || lender.agent === null) return [];
    const driven = markets.filter(({ id }) => lender.markets.includes(id));
    const { provider, pool, agent } = lender;
    return [
      {
        lender: lender.name,
        agent: agent.address,
        provider,
        pool,
        markets: driven.map(({ name, collateral }) => ({ market: name, asset: collateral })),
      },
    ];
  });
}

async function readAgent(
  rpc: Pick<Rpc, "calls">,
  agent: Agent,
  block: bigint,
  signal?: AbortSignal,
): Promise<readonly LenderReading[]> {
  const ask = (functionName: AgentView, ...args: readonly unknown[]) => {
    return { to: agent.agent, data: encodeFunctionData({ abi: AGENT_ABI, functionName, args } as never) };
  };
  const aave = (to: Hex, functionName: "getPool" | "getConfiguration", ...args: readonly unknown[]) => {
    return { to, data: encodeFunctionData({ abi: AAVE_ABI, functionName, args } as never) };
  };
  const calls = agent.markets.flatMap(({ asset }) => [
    ask("preview", asset),
    ask("previewSupplyCap", asset),
    ask("progressOf", asset),
    aave(agent.pool, "getConfiguration", asset),
  ]);
  const [pool, pace, most, ...answers] = await rpc.calls(
    [aave(agent.provider, "getPool"), ask("stepSeconds"), ask("maxThresholdStepBps"), ...calls],
    block,
    signal,
  );
  const named = uintsIn(pool, 1)?.[0];
  return agent.markets.map((market, at) => {
    if (named !== BigInt(agent.pool)) {
      const given = named === undefined ? saidBy(pool) : addressIn(named);
      return faulty(agent, market, { state: "POOL_REPLACED", detail: `given ${given}, the record has ${agent.pool}` });
    }
    return readingOf(agent, market, { pace, most }, answers.slice(4 * at, 4 * at + 4));
  });
}

type AgentView = "preview" | "previewSupplyCap" | "progressOf" | "stepSeconds" | "maxThresholdStepBps";

/** Bits of a reserve's configuration (Aave v3, ReserveConfiguration.sol). */
const BITS = { ltv: 0n, threshold: 16n, bonus: 32n, frozen: 57n, supplyCap: 116n } as const;
const FIELD = 0xffffn;
const MOST_CAP = (1n << 36n) - 1n;
const BPS_ONE = 10_000n;
/** A uint32 and a uint40 of the agent's. */
const MOST_SECONDS = (1n << 32n) - 1n;
const MOST_TIME = (1n << 40n) - 1n;

function readingOf(
  agent: Agent,
  market: Driven,
  step: { readonly pace: CallResult | undefined; readonly most: CallResult | undefined },
  answers: readonly CallResult[],
): LenderReading {
  const [preview, previewCap, progress, configuration] = answers;
  const word = uintsIn(configuration, 1)?.[0];
  const stepSeconds = within(uintsIn(step.pace, 1)?.[0], 1n, MOST_SECONDS);
  const stepBps = within(uintsIn(step.most, 1)?.[0], 1n, BPS_ONE);
  const movedAt = within(uintsIn(progress, 2)?.[0], 0n, MOST_TIME);
  if (word === undefined || stepSeconds === undefined || stepBps === undefined || movedAt === undefined) {
    const [name, said] =
      word === undefined
        ? ["getConfiguration", configuration]
        : stepSeconds === undefined
          ? ["stepSeconds", step.pace]
          : stepBps === undefined
            ? ["maxThresholdStepBps", step.most]
            : ["progressOf", progress];
    return faulty(agent, market, { state: "UNREADABLE", detail: `${name}: ${saidBy(said)}` });
  }
  const bits = (at: bigint, mask = FIELD) => Number((word >> at) & mask);
  const has = {
    ltvBps: bits(BITS.ltv),
    thresholdBps: bits(BITS.threshold),
    supplyCap: bits(BITS.supplyCap, MOST_CAP),
    bonusBps: bits(BITS.bonus),
    frozen: bits(BITS.frozen, 1n) === 1,
  };
  const [ltv, threshold, changes] = uintsIn(preview, 3) ?? [];
  const sound =
    ltv !== undefined && threshold !== undefined && ltv <= threshold && threshold <= BPS_ONE && (changes ?? 2n) <= 1n;
  const [supplyCap, capChanges] = uintsIn(previewCap, 2) ?? [];
  const capSound = supplyCap !== undefined && supplyCap >= 1n && supplyCap <= MOST_CAP && (capChanges ?? 2n) <= 1n;
  return {
    ...placeOf(agent, market),
    has,
    collateral: sound ? { ltvBps: Number(ltv), thresholdBps: Number(threshold), changes: changes === 1n } : null,
    cap: capSound ? { supplyCap: Number(supplyCap), changes: capChanges === 1n } : null,
    stepFrom: movedAt + stepSeconds,
    ...{ stepSeconds, stepBps },
    fault: sound
      ? capSound
        ? null
        : { state: "UNREADABLE", detail: `previewSupplyCap: ${saidBy(previewCap)}` }
      : whyRefused(has, preview),
  };
}

/** Why there is no preview: the agent refuses for these two reasons, and for a pair that the contract does not know. */
function whyRefused(
  has: NonNullable<LenderReading["has"]>,
  preview: CallResult | undefined,
): NonNullable<LenderReading["fault"]> {
  const detail = `preview: ${saidBy(preview)}`;
  if (preview?.ok !== false) return { state: "UNREADABLE", detail };
  if (has.thresholdBps === 0) return { state: "NOT_COLLATERAL", detail };
  return { state: has.ltvBps === 0 ? "CLOSED_BY_OTHERS" : "UNREADABLE", detail };
}

const placeOf = ({ lender, agent }: Agent, { market, asset }: Driven) => ({ lender, market, agent, asset });

function faulty(agent: Agent, market: Driven, fault: NonNullable<LenderReading["fault"]>): LenderReading {
  const none = { has: null, collateral: null, cap: null, stepFrom: 0, stepSeconds: 0, stepBps: 0 };
  return { ...placeOf(agent, market), ...none, fault };
}

/** The words of an answer that is exactly so many; a longer or shorter one is no answer. */
function uintsIn(result: CallResult | undefined, count: number): readonly bigint[] | undefined {
  if (result?.ok !== true || result.data.length !== 2 + 64 * count) return undefined;
  return Array.from({ length: count }, (_, i) => BigInt(`0x${result.data.slice(2 + 64 * i, 66 + 64 * i)}`));
}

/** The number where it lies within both, else undefined. */
function within(word: bigint | undefined, least: bigint, most: bigint): number | undefined {
  return word === undefined || word < least || word > most ? undefined : Number(word);
}

function saidBy(result: CallResult | undefined): string {
  if (result === undefined) return "no answer";
  return result.ok ? `answered ${result.data.slice(0, 80)}${result.data.length > 80 ? "..." : ""}` : result.reason;
}

const addressIn = (word: bigint): string => getAddress(`0x${word.toString(16).padStart(64, "0").slice(24)}`);
