import { getAddress } from "viem";
import type { Hex } from "../../domain/contract.ts";
import type { LenderReading } from "../../domain/lender.ts";
import type { CallResult } from "../../io/rpc.ts";
import {
  type Agent,
  type AgentReader,
  type Answers,
  answersOf,
  ask,
  BPS_ONE,
  capIn,
  type Driven,
  faulty,
  MOST_SECONDS,
  numberIn,
  placeOf,
  previewIn,
  saidBy,
  uintsIn,
  unreadable,
  within,
} from "./agent.ts";

const OF_ALL = ["getPool", "stepSeconds", "maxThresholdStepBps"] as const;
const OF_EACH = ["preview", "previewSupplyCap", "progressOf", "getConfiguration"] as const;
type View = (typeof OF_ALL)[number] | (typeof OF_EACH)[number];

/** Reads an AaveV3Agent's markets, its pool's reserves beside what the agent would set. */
export function aaveV3Agent(
  { provider, pool }: { readonly provider: Hex; readonly pool: Hex },
  agent: Agent,
): AgentReader {
  const own = agent.agent;
  return async (rpc, block, signal) => {
    const calls = agent.markets.flatMap(({ asset }) => [
      ...[ask(own, "preview", asset), ask(own, "previewSupplyCap", asset), ask(own, "progressOf", asset)],
      ask(pool, "getConfiguration", asset),
    ]);
    const given = await rpc.calls(
      [ask(provider, "getPool"), ask(own, "stepSeconds"), ask(own, "maxThresholdStepBps"), ...calls],
      block,
      signal,
    );
    const ofAll = answersOf(OF_ALL, given);
    const word = uintsIn(ofAll.getPool, 1)?.[0];
    return agent.markets.map((market, n) => {
      if (word !== BigInt(pool)) {
        const named = word === undefined ? saidBy(ofAll.getPool) : addressIn(word);
        return faulty(agent, market, { state: "POOL_REPLACED", detail: `given ${named}, the record has ${pool}` });
      }
      const at = OF_ALL.length + OF_EACH.length * n;
      return readingOf(agent, market, { ...ofAll, ...answersOf(OF_EACH, given.slice(at)) });
    });
  };
}

/** Bits of a reserve's configuration (Aave v3, ReserveConfiguration.sol). */
const BITS = { ltv: 0n, threshold: 16n, bonus: 32n, frozen: 57n, paused: 60n, supplyCap: 116n } as const;
const FIELD = 0xffffn;
const MOST_CAP = (1n << 36n) - 1n;
/** A uint40 of the agent's. */
const MOST_TIME = (1n << 40n) - 1n;

function readingOf(agent: Agent, market: Driven, said: Answers<View>): LenderReading {
  const fault = (view: View) => faulty(agent, market, unreadable(view, said[view]));
  const word = uintsIn(said.getConfiguration, 1)?.[0];
  if (word === undefined) return fault("getConfiguration");
  const stepSeconds = numberIn(said.stepSeconds, 1n, MOST_SECONDS);
  if (stepSeconds === undefined) return fault("stepSeconds");
  const stepBps = numberIn(said.maxThresholdStepBps, 1n, BPS_ONE);
  if (stepBps === undefined) return fault("maxThresholdStepBps");
  const movedAt = within(uintsIn(said.progressOf, 2)?.[0], 0n, MOST_TIME);
  if (movedAt === undefined) return fault("progressOf");
  const bits = (at: bigint, mask = FIELD) => Number((word >> at) & mask);
  const has = {
    ltvBps: bits(BITS.ltv),
    thresholdBps: bits(BITS.threshold),
    // 0 is none in v3.
    supplyCap: bits(BITS.supplyCap, MOST_CAP) || null,
    bonusBps: bits(BITS.bonus),
    frozen: bits(BITS.frozen, 1n) === 1 || bits(BITS.paused, 1n) === 1,
  };
  const [ltvBps, thresholdBps, changes] = previewIn(said.preview) ?? [1, 0, false];
  const sound = ltvBps <= thresholdBps;
  const cap = capIn(said.previewSupplyCap, 1n, MOST_CAP);
  const capFault = cap === null ? unreadable("previewSupplyCap", said.previewSupplyCap) : null;
  return {
    ...placeOf(agent, market),
    ...{ has, cap, due: [] },
    collateral: sound ? { ltvBps, thresholdBps, changes } : null,
    ...{ stepFrom: movedAt + stepSeconds, stepSeconds, stepBps },
    fault: sound ? capFault : whyRefused(has, said.preview),
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
