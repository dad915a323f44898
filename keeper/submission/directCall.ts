import { type Abi, encodeFunctionData, keccak256, type LocalAccount, type PublicClient } from "viem";
import type { Hex } from "../domain/contract.ts";
import { ownError, TonsorError } from "../domain/errors.ts";
import { STANDING } from "../protocols/collateralParameters.ts";
import { onChain } from "../protocols/onChain.ts";
import type { Broadcaster } from "./broadcaster.ts";
import { classifySendError, errorText } from "./broadcaster.ts";
import type { FeeLimits, Fees } from "./fees.ts";

/** What sending a call without the journal needs. */
export type DirectParts = {
  readonly client: PublicClient;
  readonly contract: Hex;
  readonly account: LocalAccount;
  readonly broadcaster: Broadcaster;
  readonly fees: FeeLimits;
  readonly gasMarginPercent: number;
  /** Milliseconds that never jump; a wait ends early, without an error, when the signal is aborted. */
  readonly clock: { now(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
};

/** A call about one market, a transaction by itself. */
export type DirectCall = {
  readonly marketId: number;
  readonly abi: Abi;
  readonly functionName: string;
  readonly args: readonly unknown[];
};

/** A call that the contract takes, and its gas limit. */
export type Weighed = { readonly call: DirectCall; readonly gas: bigint };

/** Why nothing was sent, in the words of the contract or the node. `isFull`: the node holds no more of this key for now. */
type Refused = { readonly refused: string; readonly isFull?: true };
type Sent = { readonly nonce: number; readonly hash: Hex };

/** What is offered for the place of another after an offer that was too low; null at the cap. */
export type Raise = (last: Fees) => Fees | null;

/** Runs a call against the latest block. @throws TonsorError what `onChain` says, but for a refusal by the contract */
export async function weigh(
  { client, contract, account, gasMarginPercent }: DirectParts,
  call: DirectCall,
): Promise<Weighed | Refused> {
  const { abi, functionName, args } = call;
  try {
    const gas = await onChain(client, () =>
      client.estimateContractGas({
        ...{ address: contract, abi, functionName, args, account: account.address, ...STANDING },
      }),
    );
    return { call, gas: (gas * BigInt(100 + gasMarginPercent)) / 100n };
  } catch (error) {
    const own = ownError(error);
    if (own?.code === "TRANSACTION_REVERTED" || own?.code === "TRANSACTION_FATAL") return { refused: own.message };
    throw error;
  }
}

/** Returns what the account has, wei. @param most wei. @throws TonsorError TRANSACTION_REFUSED where it has less */
export async function assertEther(
  { broadcaster, account }: Pick<DirectParts, "broadcaster" | "account">,
  most: bigint,
): Promise<bigint> {
  const balance = await broadcaster.balance(account.address);
  if (balance >= most) return balance;
  throw new TonsorError("TRANSACTION_REFUSED", `too little ether on ${account.address}, wei`, {
    given: balance,
    expected: `>= ${most} (gas limit x highest fee)`,
  });
}

/** Signs a call and hands it over, for more and more while the pool finds too little what takes another's place. @throws what the key says */
export async function handOver(
  parts: DirectParts,
  { call, gas }: Weighed,
  { nonce, offer, raise }: { readonly nonce: number; readonly offer: Fees; readonly raise: Raise },
): Promise<Sent | Refused> {
  const { client, contract, account, broadcaster } = parts;
  const { abi, functionName, args } = call;
  const data = encodeFunctionData({ abi, functionName, args });
  const draft = { nonce, gas, ...offer, chainId: client.chain?.id ?? 0, type: "eip1559", to: contract, data } as const;
  const raw = await account.signTransaction(draft);
  try {
    await broadcaster.send(raw);
  } catch (error) {
    const verdict = classifySendError(error);
    const higher = verdict === "UNDERPRICED" || verdict === "ALREADY_KNOWN" ? raise(offer) : null;
    if (higher !== null) return await handOver(parts, { call, gas }, { nonce, offer: higher, raise });
    // What is unclear may have arrived: its receipt says so, or the time to wait ends.
    if (verdict !== "ALREADY_KNOWN" && verdict !== "UNCLEAR") {
      return {
        ...(verdict === "FULL" ? { isFull: true } : {}),
        refused: `the node does not take it at nonce ${nonce} and ${offer.maxFeePerGas} wei per gas: ${verdict}: ${errorText(error).slice(0, 300)}`,
      };
    }
  }
  return { nonce, hash: keccak256(raw) };
}
