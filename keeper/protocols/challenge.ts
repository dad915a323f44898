import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import type { Hex, MarketMode, Power } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Block, Rpc } from "../io/rpc.ts";
import { COLLATERAL_PARAMETERS_ABI } from "./abi.ts";
import { readMarkets } from "./readMarkets.ts";
import { storedAccountOf } from "./words.ts";

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
    "function parameters() view returns (address)",
    "function dailyLimit() view returns (uint256)",
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

/** Every listed market, the key that challenges, and the gateway that closes, at one block. */
export type ChallengeView = {
  readonly blockNumber: number;
  readonly blockTime: number;
  readonly power: Power;
  readonly isOwner: boolean;
  /** Of the gateway: without CHALLENGER the contract takes no closing of it. */
  readonly gatewayPower: Power;
  /** Closings by one kind of proof in any 24 hours, over all markets. */
  readonly dailyLimit: number;
  readonly markets: readonly MarketProofs[];
};

/**
 * Returns what every proof that is turned on measures at one block, in three reads, for each market that the contract lists,
 * whatever the record says of it.
 * @param classIds classes that the markets are expected to be of
 * @param key who would challenge
 * @throws TonsorError as `readMarkets` does; NOT_DEPLOYED where no Challenge answers, or that of another contract
 */
export async function readChallenge(
  at: { readonly rpc: Rpc; readonly contract: Hex; readonly gateway: Hex; readonly signal: AbortSignal },
  classIds: readonly number[],
  key: Hex,
): Promise<ChallengeView> {
  const { rpc, contract, gateway, signal } = at;
  const block = await rpc.block("latest", signal);
  const one = async (to: Hex, functionName: Asked, ...args: readonly unknown[]) =>
    (await ask(at, block, to, functionName, [args]))[0];
  const count = Number(await one(contract, "marketCount"));
  const ids = Array.from({ length: count }, (_, n) => n + 1);
  const each = ids.map((id) => [id]);
  const [view, owner, gatewayWord, closes, dailyLimit, closedAt, feeds] = await Promise.all([
    readMarkets({ rpc, contract, block, signal }, ids, key, classIds),
    one(contract, "owner"),
    one(contract, "storedWriter", gateway),
    one(gateway, "parameters"),
    one(gateway, "dailyLimit"),
    ask(at, block, gateway, "closedAt", each),
    ask(at, block, gateway, "feedsOf", each),
  ]);
  if (String(closes).toLowerCase() !== contract.toLowerCase()) {
    const facts = { field: "gateways.challenge", given: closes, expected: contract };
    throw new TonsorError("NOT_DEPLOYED", `the Challenge at ${gateway} closes the markets of another contract`, facts);
  }
  const asked = view.markets.flatMap(({ marketId }) => {
    const isOn = (feeds[marketId - 1] as { maxDivergenceBps: number }).maxDivergenceBps > 0;
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
    gatewayPower: storedAccountOf(gatewayWord as bigint).power,
    dailyLimit: Number(dailyLimit),
    markets: view.markets.map(({ marketId, mode, modeUntil }) => ({
      ...{ marketId, mode, modeUntil, closedAt: Number(closedAt[marketId - 1]) },
      proofs: proofsOf(marketId),
    })),
  };
}

type Asked =
  | "owner"
  | "marketCount"
  | "storedWriter"
  | "closedAt"
  | "feedsOf"
  | "parameters"
  | "dailyLimit"
  | "measure";

async function ask(
  { rpc, signal }: { readonly rpc: Rpc; readonly signal: AbortSignal },
  block: Block,
  to: Hex,
  functionName: Asked,
  args: readonly (readonly unknown[])[],
): Promise<readonly unknown[]> {
  const about = { abi: CHALLENGE_ABI, functionName };
  // Two feeds may each burn what a feed is given.
  const gas = functionName === "measure" ? { gas: 500_000 } : {};
  const calls = args.map((one) => ({ to, data: encodeFunctionData({ ...about, args: one } as never), ...gas }));
  return (await rpc.calls(calls, block.number, signal)).map((result) => {
    if (!result.ok || result.data === "0x") {
      const why = result.ok ? "nothing answers" : result.reason;
      throw new TonsorError("NOT_DEPLOYED", `${to} of the record is not what it says, ${functionName}: ${why}`);
    }
    try {
      return decodeFunctionResult({ ...about, data: result.data } as never);
    } catch (cause) {
      throw new TonsorError(
        "RPC_FAILED",
        `${functionName} of ${to} is answered in another shape than it has`,
        {},
        cause,
      );
    }
  });
}
