import { encodeFunctionData, getAddress, parseAbi } from "viem";
import type { Hex } from "../../domain/contract.ts";
import type { LenderReading } from "../../domain/lender.ts";
import type { CallResult } from "../../io/rpc.ts";
import {
  type Agent,
  type AgentReader,
  ask,
  BPS_ONE,
  capIn,
  type Driven,
  faulty,
  MOST_SECONDS,
  placeOf,
  previewIn,
  saidBy,
  uintsIn,
  unreadable,
  within,
} from "./agent.ts";

const AAVE_ABI = parseAbi([
  "function getPool() view returns (address)",
  "function getConfiguration(address asset) view returns (uint256 word)",
]);

/** Reads an AaveV3Agent's markets, its pool's reserves beside what the agent would set. */
export function aaveV3Agent(
  { provider, pool }: { readonly provider: Hex; readonly pool: Hex },
  agent: Agent,
): AgentReader {
  return async (rpc, block, signal) => {
    const aave = (to: Hex, functionName: "getPool" | "getConfiguration", ...args: readonly unknown[]) => {
      return { to, data: encodeFunctionData({ abi: AAVE_ABI, functionName, args } as never) };
    };
    const calls = agent.markets.flatMap(({ asset }) => [
      ask(agent, "preview", asset),
      ask(agent, "previewSupplyCap", asset),
      ask(agent, "progressOf", asset),
      aave(pool, "getConfiguration", asset),
    ]);
    const [named, pace, most, ...answers] = await rpc.calls(
      [aave(provider, "getPool"), ask(agent, "stepSeconds"), ask(agent, "maxThresholdStepBps"), ...calls],
      block,
      signal,
    );
    const word = uintsIn(named, 1)?.[0];
    return agent.markets.map((market, at) => {
      if (word !== BigInt(pool)) {
        const given = word === undefined ? saidBy(named) : addressIn(word);
        return faulty(agent, market, { state: "POOL_REPLACED", detail: `given ${given}, the record has ${pool}` });
      }
      return readingOf(agent, market, { pace, most }, answers.slice(4 * at, 4 * at + 4));
    });
  };
}

/** Bits of a reserve's configuration (Aave v3, ReserveConfiguration.sol). */
const BITS = { ltv: 0n, threshold: 16n, bonus: 32n, frozen: 57n, paused: 60n, supplyCap: 116n } as const;
const FIELD = 0xffffn;
const MOST_CAP = (1n << 36n) - 1n;
/** A uint40 of the agent's. */
const MOST_TIME = (1n << 40n) - 1n;

function readingOf(
  agent: Agent,
  market: Driven,
  step: { readonly pace: CallResult | undefined; readonly most: CallResult | undefined },
  answers: readonly CallResult[],
): LenderReading {
  const [preview, previewCap, progress, configuration] = answers;
  const word = uintsIn(configuration, 1)?.[0];
  if (word === undefined) return faulty(agent, market, unreadable("getConfiguration", configuration));
  const stepSeconds = within(uintsIn(step.pace, 1)?.[0], 1n, MOST_SECONDS);
  if (stepSeconds === undefined) return faulty(agent, market, unreadable("stepSeconds", step.pace));
  const stepBps = within(uintsIn(step.most, 1)?.[0], 1n, BPS_ONE);
  if (stepBps === undefined) return faulty(agent, market, unreadable("maxThresholdStepBps", step.most));
  const movedAt = within(uintsIn(progress, 2)?.[0], 0n, MOST_TIME);
  if (movedAt === undefined) return faulty(agent, market, unreadable("progressOf", progress));
  const bits = (at: bigint, mask = FIELD) => Number((word >> at) & mask);
  const has = {
    ltvBps: bits(BITS.ltv),
    thresholdBps: bits(BITS.threshold),
    // 0 is none in v3.
    supplyCap: bits(BITS.supplyCap, MOST_CAP) || null,
    bonusBps: bits(BITS.bonus),
    frozen: bits(BITS.frozen, 1n) === 1 || bits(BITS.paused, 1n) === 1,
  };
  const [ltvBps, thresholdBps, changes] = previewIn(preview) ?? [1, 0, false];
  const sound = ltvBps <= thresholdBps;
  const cap = capIn(previewCap, 1n, MOST_CAP);
  const capFault = cap === null ? unreadable("previewSupplyCap", previewCap) : null;
  return {
    ...placeOf(agent, market),
    ...{ has, cap, due: [] },
    collateral: sound ? { ltvBps, thresholdBps, changes } : null,
    ...{ stepFrom: movedAt + stepSeconds, stepSeconds, stepBps },
    fault: sound ? capFault : whyRefused(has, preview),
  };
}

/** Why there is no preview: the agent refuses for these two reasons, and for a pair that the contract does not know. */
function whyRefused(
  has: NonNullable<LenderReading["has"]>,
  preview: CallResult | undefined,
): NonNullable<LenderReading["fault"]> {
  const fault = unreadable("preview", preview);
  if (preview?.ok !== false) return fault;
  if (has.thresholdBps === 0) return { ...fault, state: "NOT_COLLATERAL" };
  return has.ltvBps === 0 ? { ...fault, state: "CLOSED_BY_OTHERS" } : fault;
}

const addressIn = (word: bigint): string => getAddress(`0x${word.toString(16).padStart(64, "0").slice(24)}`);
