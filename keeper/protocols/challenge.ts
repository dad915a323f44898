import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem";
import { minuteOf, timeOf } from "../domain/calendar.ts";
import { type Hex, type MarketMode, MODES, type Power } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Rpc } from "../io/rpc.ts";
import { COLLATERAL_PARAMETERS_ABI } from "./abi.ts";
import { roundAt } from "./feedRounds.ts";
import { type StoredMarket, storedAccountOf, storedMarketOf } from "./words.ts";

/** What Challenge.sol can be shown, by its number on chain: data older than the ttl, feeds that disagree, a feed that has moved since the numbers last changed. */
export const PROOFS = ["STALE", "DIVERGED", "MOVED"] as const;
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

/** What a proof measures and must exceed: seconds for STALE, basis points else. */
type Measured = {
  readonly proof: Proof;
  /** Of the first feed, as of when MOVED measures; 0 for the others. */
  readonly round: bigint;
  readonly given: number;
  readonly allowed: number;
};

/** A listed market as a challenge finds it. */
export type MarketProofs = {
  readonly marketId: number;
  readonly mode: MarketMode;
  /** When a challenge last closed it, Unix seconds; 0: never. */
  readonly closedAt: number;
  /** Each proof that is turned on and measured. */
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
 * Returns what every proof that is turned on measures at one block, for each market that the contract lists, whatever the
 * record says of it.
 * @param key who would challenge
 * @param moved whether MOVED is measured, too: by the price that was current when the numbers last changed or their data was observed
 * @throws TonsorError as `Rpc` does; NOT_DEPLOYED where no Challenge answers, or that of another contract; RPC_FAILED for an
 * answer of another shape
 */
export async function readChallenge(
  at: { readonly rpc: Rpc; readonly contract: Hex; readonly gateway: Hex; readonly signal: AbortSignal },
  key: Hex,
  moved: boolean,
): Promise<ChallengeView> {
  const { rpc, contract, gateway, signal } = at;
  const { number: blockNumber, timestamp: blockTime } = await rpc.block("latest", signal);
  const ask = (to: Hex, functionName: Asked, args: readonly (readonly unknown[])[]) =>
    answersOf({ rpc, blockNumber, signal }, to, functionName, args);
  const one = async (to: Hex, functionName: Asked, ...args: readonly unknown[]) =>
    (await ask(to, functionName, [args]))[0];
  const count = Number(await one(contract, "marketCount"));
  const ids = Array.from({ length: count }, (_, n) => n + 1);
  const each = ids.map((id) => [id]);
  const [keyWord, gatewayWord, owner, closes, dailyLimit, words, haircuts, closedAt, feeds] = await Promise.all([
    one(contract, "storedWriter", key),
    one(contract, "storedWriter", gateway),
    one(contract, "owner"),
    one(gateway, "parameters"),
    one(gateway, "dailyLimit"),
    ask(contract, "storedMarket", each),
    ask(contract, "haircuts", each),
    ask(gateway, "closedAt", each),
    ask(gateway, "feedsOf", each),
  ]);
  if (String(closes).toLowerCase() !== contract.toLowerCase()) {
    const facts = { field: "gateways.challenge", given: closes, expected: contract };
    throw new TonsorError("NOT_DEPLOYED", `the Challenge at ${gateway} closes the markets of another contract`, facts);
  }
  const roundsOf = async (id: number): Promise<readonly (readonly [Proof, bigint])[]> => {
    const { first, maxDivergenceBps, maxMoveBps } = feeds[id - 1] as Feeds;
    const [word] = words[id - 1] as readonly [bigint];
    const since = sinceOf(storedMarketOf(word), blockTime);
    // A feed may do anything to who reads it, and the contract measures 0 by it then; a node that fails fails the measuring, too.
    const round =
      moved && maxMoveBps > 0 && (await roundAt({ rpc, blockNumber, signal }, first, since).catch(() => null));
    return [
      ["STALE", 0n],
      ...(maxDivergenceBps === 0 ? [] : [["DIVERGED", 0n] as const]),
      ...(round === false ? [] : [["MOVED", round ?? 0n] as const]),
    ];
  };
  const rounds = await Promise.all(ids.map(roundsOf));
  const asked = rounds.flatMap((proofs, n) => proofs.map(([proof, round]) => ({ marketId: n + 1, proof, round })));
  const args = asked.map(({ marketId, proof, round }) => [marketId, PROOFS.indexOf(proof), round]);
  const measured = await ask(gateway, "measure", args);
  const proofsOf = (id: number) =>
    asked.flatMap(({ marketId, ...about }, n) => {
      const [given, allowed] = measured[n] as readonly [bigint, bigint];
      return marketId === id ? [{ ...about, given: Number(given), allowed: Number(allowed) }] : [];
    });
  return {
    ...{ blockNumber: Number(blockNumber), blockTime, dailyLimit: Number(dailyLimit) },
    power: storedAccountOf(keyWord as bigint).power,
    isOwner: String(owner).toLowerCase() === key.toLowerCase(),
    gatewayPower: storedAccountOf(gatewayWord as bigint).power,
    markets: ids.map((marketId, n) => ({
      ...{ marketId, closedAt: Number(closedAt[n]) },
      mode: MODES[(haircuts[n] as { readonly mode: number }).mode] ?? "FROZEN",
      proofs: proofsOf(marketId),
    })),
  };
}

type Feeds = { readonly first: Hex; readonly maxDivergenceBps: number; readonly maxMoveBps: number };

/** The contract knows no more minutes since the numbers last changed. */
const MOST_UNCHANGED = 4_095;

/** From when on a move counts for MOVED, Unix seconds, as the contract says: `Challenge._since`. */
function sinceOf({ asOf, settled, unchangedMinutes }: StoredMarket, time: number): number {
  const unchanged = Math.min(unchangedMinutes + minuteOf(time) - minuteOf(settled), MOST_UNCHANGED);
  return Math.min(asOf, timeOf(minuteOf(time) - unchanged));
}

type Asked =
  | "owner"
  | "marketCount"
  | "storedWriter"
  | "storedMarket"
  | "haircuts"
  | "closedAt"
  | "feedsOf"
  | "parameters"
  | "dailyLimit"
  | "measure";

async function answersOf(
  { rpc, blockNumber, signal }: { readonly rpc: Rpc; readonly blockNumber: bigint; readonly signal: AbortSignal },
  to: Hex,
  functionName: Asked,
  args: readonly (readonly unknown[])[],
): Promise<readonly unknown[]> {
  const about = { abi: CHALLENGE_ABI, functionName };
  // Three reads of feeds may each burn what a feed is given.
  const gas = functionName === "measure" ? { gas: 500_000 } : {};
  const calls = args.map((one) => ({ to, data: encodeFunctionData({ ...about, args: one } as never), ...gas }));
  return (await rpc.calls(calls, blockNumber, signal)).map((result) => {
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
