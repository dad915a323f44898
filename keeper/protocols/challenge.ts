import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import type { Hex, MarketMode, Power } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Block, Rpc } from "../io/rpc.ts";
import { COLLATERAL_PARAMETERS_ABI } from "./abi.ts";
import { readMarkets } from "./readMarkets.ts";

/** What Challenge.sol can be shown without a round, by its number on chain: data older than the ttl, feeds that disagree. */
export const PROOFS = ["STALE", "DIVERGED"] as const;
export type Proof = (typeof PROOFS)[number];

/** Challenge.sol as it is called here, and `Parameters`, whose refusals come through unchanged. */
export const CHALLENGE_ABI = [
  ...parseAbi([
    "struct Feeds { address first; address second; uint16 maxDivergenceBps; uint16 maxMoveBps; uint32 firstMaxAge; uint32 secondMaxAge; }",
    "function challenge(uint16 marketId, uint8 proof, uint80 round)",
    "function measure(uint16 marketId, uint8 proof, uint80 round) view returns (uint256 given, uint256 allowed)",
    "function closedAt(uint256 marketId) view returns (uint256)",
    "function feedsOf(uint16 marketId) view returns (Feeds)",
    "error NoProof(uint16 marketId, uint8 proof, uint256 given, uint256 allowed)",
    "error ProofTurnedOff(uint16 marketId, uint8 proof)",
    "error CoolingDown(uint16 marketId, uint256 now_, uint256 until)",
    "error DailyLimitReached(uint8 proof, uint256 limit, uint256 until)",
  ]),
  ...COLLATERAL_PARAMETERS_ABI,
] as const;

/** What a proof measures and must exceed: seconds for STALE, basis points for DIVERGED. */
type Measured = { readonly proof: Proof; readonly given: number; readonly allowed: number };

/** A listed market as a challenge finds it. */
export type MarketProofs = {
  readonly marketId: number;
  readonly mode: MarketMode;
  /** Until when, where a closing lapses, Unix seconds. */
  readonly modeUntil: number;
  /** When a challenge last closed it, Unix seconds; 0: never. */
  readonly closedAt: number;
  /** Each proof that is turned on. */
  readonly proofs: readonly Measured[];
};

/** Every listed market and the key that challenges, at one block. */
export type ChallengeView = {
  readonly blockNumber: number;
  readonly blockTime: number;
  readonly power: Power;
  readonly isOwner: boolean;
  readonly markets: readonly MarketProofs[];
};

/**
 * Returns what every proof that is turned on measures at one block, in two reads. A market that is not listed yet is left out.
 * @param key who would challenge
 * @throws TonsorError as `readMarkets` does; NOT_DEPLOYED where no Challenge answers
 */
export async function readChallenge(
  at: { readonly rpc: Rpc; readonly contract: Hex; readonly gateway: Hex; readonly signal: AbortSignal },
  markets: readonly { readonly id: number; readonly classId: number }[],
  key: Hex,
): Promise<ChallengeView> {
  const { rpc, contract, gateway, signal } = at;
  const block = await rpc.block("latest", signal);
  const ids = markets.map(({ id }) => id);
  const classIds = [...new Set(markets.map(({ classId }) => classId))];
  const [view, [owner], closedAt, feeds] = await Promise.all([
    readMarkets({ rpc, contract, block, signal }, ids, key, classIds),
    ask(at, block, contract, "owner", [[]]),
    ask(
      at,
      block,
      gateway,
      "closedAt",
      ids.map((id) => [id]),
    ),
    ask(
      at,
      block,
      gateway,
      "feedsOf",
      ids.map((id) => [id]),
    ),
  ]);
  const asked = view.markets.flatMap(({ marketId }) => {
    const isOn = (feeds[ids.indexOf(marketId)] as { maxDivergenceBps: number }).maxDivergenceBps > 0;
    return PROOFS.filter((proof) => proof === "STALE" || isOn).map((proof) => ({ marketId, proof }));
  });
  const args = asked.map(({ marketId, proof }) => [marketId, PROOFS.indexOf(proof), 0n]);
  const measured = await ask(at, block, gateway, "measure", args);
  const proofsOf = (id: number) =>
    asked.flatMap(({ marketId, proof }, i) => {
      const [given, allowed] = measured[i] as readonly [bigint, bigint];
      return marketId === id ? [{ proof, given: Number(given), allowed: Number(allowed) }] : [];
    });
  return {
    ...{ blockNumber: Number(view.blockNumber), blockTime: view.blockTime, power: view.writer.power },
    isOwner: String(owner).toLowerCase() === key.toLowerCase(),
    markets: view.markets.map(({ marketId, mode, modeUntil }) => ({
      ...{ marketId, mode, modeUntil, closedAt: Number(closedAt[ids.indexOf(marketId)]) },
      proofs: proofsOf(marketId),
    })),
  };
}

async function ask(
  { rpc, signal }: { readonly rpc: Rpc; readonly signal: AbortSignal },
  block: Block,
  to: Hex,
  functionName: "owner" | "closedAt" | "feedsOf" | "measure",
  args: readonly (readonly unknown[])[],
): Promise<readonly unknown[]> {
  const about = { abi: CHALLENGE_ABI, functionName };
  const calls = args.map((one) => ({ to, data: encodeFunctionData({ ...about, args: one } as never), gas: 500_000 }));
  return (await rpc.calls(calls, block.number, signal)).map((result) => {
    if (result.ok && result.data !== "0x") return decodeFunctionResult({ ...about, data: result.data } as never);
    const why = result.ok ? "nothing answers" : result.reason;
    throw new TonsorError("NOT_DEPLOYED", `${functionName} of ${to} is not answered as a Challenge does: ${why}`);
  });
}
