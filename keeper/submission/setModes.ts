import { encodeFunctionData, keccak256, type LocalAccount, type PublicClient } from "viem";
import { type Hex, type MarketMode, MODES } from "../domain/contract.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../protocols/abi.ts";
import { STANDING } from "../protocols/collateralParameters.ts";
import { onChain } from "../protocols/onChain.ts";
import type { Broadcaster } from "./broadcaster.ts";
import { chooseFees, type FeeLimits, marketNow, raiseFees } from "./fees.ts";
import { classifySendError, errorText } from "./sendErrors.ts";

/** A mode that closes a market to new risk. */
export type ClosingMode = Exclude<MarketMode, "NORMAL">;

/** What became of the transaction for one market. */
export type ModeSet = {
  readonly marketId: number;
  /** SET: a block has it. WAITS: no block had it in time. REFUSED: the contract would not take it, and nothing was sent; or a block has it, and it changed nothing. */
  readonly outcome: "SET" | "WAITS" | "REFUSED";
  readonly hash: Hex | null;
  readonly detail: string | null;
};

type Parts = {
  readonly client: PublicClient;
  readonly contract: Hex;
  /** A guardian's. */
  readonly account: LocalAccount;
  readonly broadcaster: Broadcaster;
  readonly fees: FeeLimits;
  readonly gasMarginPercent: number;
  readonly receiptTimeoutSeconds: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

type Sent = { readonly marketId: number; readonly hash: Hex };

const POLL_MS = 1_000;
/** Ahead of what this account has in the pool already, so that asking again is never slower than having asked once. */
const OVER_OWN_PERCENT = 100;

/** The call that sets a market's mode. */
export function modeCall(marketId: number, mode: ClosingMode): Hex {
  return encodeFunctionData({ abi, functionName: "setMode", args: [marketId, MODES.indexOf(mode)] });
}

/**
 * Sets the mode of markets, a transaction each, all handed over before any is waited for. No journal: what is sent twice is
 * refused the second time (`ModeNotSafer`) and changes nothing, and what waits in the pool is replaced from its first nonce on.
 * @throws TonsorError FEE_CAP_EXCEEDED, TRANSACTION_REFUSED for too little ether, and what `onChain` says, with nothing sent
 */
export async function setModes(
  parts: Parts,
  marketIds: readonly number[],
  mode: ClosingMode,
  signal: AbortSignal,
): Promise<readonly ModeSet[]> {
  const weighed = await Promise.all(marketIds.map((marketId) => gasOf(parts, marketId, mode)));
  const refused = weighed.flatMap((one) => ("outcome" in one ? [one] : []));
  const wanted = weighed.flatMap((one) => ("gas" in one ? [one] : []));
  if (wanted.length === 0) return refused;
  const { first, offer } = await nonceAndFees(parts);
  const most = wanted.reduce((sum, { gas }) => sum + gas, 0n) * offer.maxFeePerGas;
  await assertEther(parts, most);
  const sent: Sent[] = [];
  for (const { marketId, gas } of wanted) {
    signal.throwIfAborted();
    const handed = await handOver(parts, { marketId, mode, nonce: first + sent.length, gas, ...offer });
    if ("outcome" in handed) refused.push(handed);
    else sent.push(handed);
  }
  return [...refused, ...(await outcomes(parts, sent, signal))];
}

async function gasOf(
  { client, contract, account, gasMarginPercent }: Parts,
  marketId: number,
  mode: ClosingMode,
): Promise<{ readonly marketId: number; readonly gas: bigint } | ModeSet> {
  const call = { address: contract, abi, functionName: "setMode", args: [marketId, MODES.indexOf(mode)] } as const;
  try {
    const gas = await onChain(client, () =>
      client.estimateContractGas({ ...call, account: account.address, ...STANDING }),
    );
    return { marketId, gas: (gas * BigInt(100 + gasMarginPercent)) / 100n };
  } catch (error) {
    const own = ownError(error);
    if (own?.code === "TRANSACTION_REVERTED" || own?.code === "TRANSACTION_FATAL")
      return { marketId, outcome: "REFUSED", hash: null, detail: own.message };
    throw error;
  }
}

async function nonceAndFees({ broadcaster, account, fees }: Parts) {
  const [first, pending, { baseFee, limits }] = await Promise.all([
    broadcaster.nonce(account.address, "latest"),
    broadcaster.nonce(account.address, "pending"),
    marketNow({ broadcaster, fees }),
  ]);
  const usual = chooseFees(baseFee, limits);
  if (pending <= first) return { first, offer: usual };
  const offer = raiseFees(usual, baseFee, { ...limits, maxFeePerGas: fees.maxFeePerGas }, OVER_OWN_PERCENT);
  return { first, offer: offer ?? usual };
}

async function assertEther({ broadcaster, account }: Parts, most: bigint): Promise<void> {
  const balance = await broadcaster.balance(account.address);
  if (balance >= most) return;
  throw new TonsorError("TRANSACTION_REFUSED", `too little ether on ${account.address}, wei`, {
    given: balance,
    expected: `>= ${most} (gas limit x highest fee)`,
  });
}

async function handOver(
  { client, contract, account, broadcaster }: Parts,
  call: {
    readonly marketId: number;
    readonly mode: ClosingMode;
    readonly nonce: number;
    readonly gas: bigint;
    readonly maxFeePerGas: bigint;
    readonly maxPriorityFeePerGas: bigint;
  },
): Promise<Sent | ModeSet> {
  const { marketId, mode, ...transaction } = call;
  const chainId = client.chain?.id ?? 0;
  const draft = { ...transaction, chainId, type: "eip1559", to: contract, data: modeCall(marketId, mode) } as const;
  const raw = await account.signTransaction(draft);
  try {
    await broadcaster.send(raw);
  } catch (error) {
    const verdict = classifySendError(error);
    // What is unclear may have arrived: its receipt says so, or the time to wait ends.
    if (verdict !== "ALREADY_KNOWN" && verdict !== "UNCLEAR") {
      const detail = `the node does not take it: ${verdict}: ${errorText(error).slice(0, 300)}`;
      return { marketId, outcome: "REFUSED", hash: null, detail };
    }
  }
  return { marketId, hash: keccak256(raw) };
}

async function outcomes(
  { broadcaster, receiptTimeoutSeconds, sleep }: Parts,
  sent: readonly Sent[],
  signal: AbortSignal,
): Promise<readonly ModeSet[]> {
  const seen = new Map<Hex, ModeSet>();
  for (let waited = 0; ; waited += POLL_MS) {
    for (const { marketId, hash } of sent.filter((one) => !seen.has(one.hash))) {
      const receipt = await broadcaster.receipt(hash).catch(() => null);
      if (receipt === null) continue;
      const detail = receipt.success ? null : "a block has it, and it reverted: another call came before it";
      seen.set(hash, { marketId, hash, outcome: receipt.success ? "SET" : "REFUSED", detail });
    }
    if (seen.size === sent.length || waited >= receiptTimeoutSeconds * 1_000) break;
    await sleep(POLL_MS, signal);
  }
  const detail = `no block had it within ${receiptTimeoutSeconds} s: asking again offers twice the fee`;
  return sent.map(({ marketId, hash }) => seen.get(hash) ?? { marketId, hash, outcome: "WAITS", detail });
}
