import { decodeFunctionData, encodeFunctionData, type PublicClient } from "viem";
import type { Batch, Entry, Hex, Simulation, SkippedMarket } from "../domain/contract.ts";
import { TonsorError } from "../domain/errors.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "./abi.ts";
import { onChain } from "./onChain.ts";
import { writerAt } from "./readMarkets.ts";
import { decodeEntries, encodeEntries, encodeEntry, skipReasonName, storedAccountOf } from "./words.ts";

/** The head of a batch: what is not about one market (H in contracts/parameters/Words.sol). */
function headOf({ sequence, deadline, modelVersion }: Pick<Batch, "sequence" | "deadline" | "modelVersion">): bigint {
  return sequence | (BigInt(deadline) << 64n) | (BigInt(modelVersion) << 104n);
}

/** Sequence, deadline and model version in the head of a batch. */
export function headFields(head: bigint): Pick<Batch, "sequence" | "deadline" | "modelVersion"> {
  return {
    sequence: head & 0xffff_ffff_ffff_ffffn,
    deadline: Number((head >> 64n) & 0xff_ffff_ffffn),
    modelVersion: Number((head >> 104n) & 0xffff_ffffn),
  };
}

/** Head, evidence and entries of a batch, as every call that carries one takes them. */
export function batchArguments(batch: Batch): readonly [head: bigint, evidence: Hex, entries: Hex] {
  return [headOf(batch), batch.evidence, encodeEntries(batch.entries)];
}

/** The batch that such arguments are of. @throws TonsorError `BAD_ARGUMENT` */
export function batchOf([head, evidence, entries]: readonly [head: bigint, evidence: Hex, entries: Hex]): Batch {
  return { ...headFields(head), evidence, entries: decodeEntries(entries) };
}

/** Returns the calldata of `publishBatch`. */
export function encodeBatch(batch: Batch): Hex {
  return encodeFunctionData({ abi, functionName: "publishBatch", args: batchArguments(batch) });
}

/**
 * Returns the batch that calldata of `publishBatch` carries, the inverse of `encodeBatch`.
 * @throws TonsorError `BAD_ARGUMENT` when it is no call of `publishBatch`.
 */
export function decodeBatch(data: Hex): Batch {
  const call = calldataOf(data);
  if (call?.functionName !== "publishBatch") {
    const facts = { field: "data", given: String(data).slice(0, 10), expected: "a call of publishBatch" };
    throw new TonsorError("BAD_ARGUMENT", "not a batch", facts);
  }
  return batchOf(call.args);
}

function calldataOf(data: Hex) {
  try {
    return decodeFunctionData({ abi, data });
  } catch {
    // An unknown selector, or bytes that do not decode: the caller reports what it expected.
    return null;
  }
}

/** The number of the last batch of an account at the latest block. */
export async function readSequence(client: PublicClient, address: Hex, account: Hex): Promise<bigint> {
  const word = await onChain(client, () =>
    client.readContract({ address, abi, functionName: "storedWriter", args: [account] }),
  );
  return BigInt(storedAccountOf(word).sequence);
}

/**
 * Simulations run on the latest block. Some nodes estimate gas on the pending block by themselves, where the transaction
 * to be replaced has used up its sequence: a replacement would be refused for as long as it is needed.
 */
export const STANDING = { blockTag: "latest" } as const;

/**
 * Runs a batch against the latest block without sending it. Each market is asked about as if it were alone.
 * @throws TonsorError `TRANSACTION_REVERTED` with the contract's error in words when the batch would revert;
 * `TRANSACTION_REFUSED` when it asks for so much loosening that the writer would trip.
 */
export async function simulateBatch(client: PublicClient, address: Hex, from: Hex, batch: Batch): Promise<Simulation> {
  const args = batchArguments(batch);
  const call = { address, abi, functionName: "publishBatch", args, account: from } as const;
  return await simulateCall(client, address, batch, {
    writer: from,
    simulate: () => client.simulateContract({ ...call, ...STANDING }),
    gas: () => client.estimateContractGas({ ...call, ...STANDING }),
  });
}

/**
 * Asks whether the contract would take a batch from an account at a block: one call.
 * @throws TonsorError as `simulateBatch` does
 */
export async function rehearseBatch(client: PublicClient, address: Hex, from: Hex, batch: Batch, blockNumber: bigint) {
  const args = batchArguments(batch);
  const call = { address, abi, functionName: "publishBatch", args, account: from, blockNumber } as const;
  await onChain(client, () => client.simulateContract(call));
}

/** The same for any call that ends in `publishBatch`: `writer` is the account that the contract takes it from. */
export async function simulateCall(
  client: PublicClient,
  address: Hex,
  { entries }: Batch,
  call: { readonly writer: Hex; simulate(): Promise<unknown>; gas(): Promise<bigint> },
): Promise<Simulation> {
  const [previews] = await onChain(client, () =>
    Promise.all([Promise.all(entries.map((entry) => preview(client, address, call.writer, entry))), call.simulate()]),
  );
  const excess = previews.filter(({ reason }) => reason === "AGGREGATE_SPENT");
  if (excess.length > 0) await assertNoTrip(client, address, call.writer, excess);
  const gas = await onChain(client, () => call.gas());
  const refused = previews.filter(({ reason }) => reason !== "NONE");
  const of = (tightens: boolean) => refused.flatMap(({ tightens: is, ...market }) => (is === tightens ? [market] : []));
  return { gas, skipped: of(false), tightened: of(true) };
}

/**
 * What its aggregate budget refuses counts towards a writer's trip. Short of that a batch is sent all the same: its tightenings
 * do not wait for the end of the window. The writer may have spent its whole budget by then, as far as is known here.
 */
async function assertNoTrip(
  client: PublicClient,
  address: Hex,
  account: Hex,
  excess: readonly SkippedMarket[],
): Promise<void> {
  const [{ timestamp }, word] = await onChain(client, () =>
    Promise.all([
      client.getBlock(STANDING),
      client.readContract({ address, abi, functionName: "storedWriter", args: [account] }),
    ]),
  );
  const { aggregateBps, refusedBps, tripBps } = writerAt(account, word, Number(timestamp));
  const asked = excess.reduce((sum, { given }) => sum + given, aggregateBps + refusedBps);
  if (tripBps === 0 || asked <= tripBps) return;
  const ids = excess.map(({ marketId }) => marketId).join(", ");
  const what = `market ${ids} would loosen by more than the writer has left, and trip it: it would only tighten from then on`;
  throw new TonsorError("TRANSACTION_REFUSED", what, { given: asked, expected: `at most ${tripBps} bps asked for` });
}

/** What the contract says of one market; `tightens`: what of the entry tightens applies all the same. */
async function preview(
  client: PublicClient,
  address: Hex,
  writer: Hex,
  entry: Entry,
): Promise<SkippedMarket & { readonly tightens: boolean }> {
  const args = [writer, encodeEntry(entry)] as const;
  const [reason, given, allowed, numbers] = await client.readContract({ address, abi, functionName: "preview", args });
  const said = { reason: skipReasonName(reason), given: Number(given), allowed: Number(allowed) };
  return { marketId: entry.marketId, ...said, tightens: numbers !== 0n };
}
