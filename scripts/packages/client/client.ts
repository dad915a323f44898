import { type Client, defineChain, isHash, type PublicClient } from "viem";
import { type Hex, type MarketMode, MODES } from "../../../keeper/domain/contract.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { gather, hashEvidence } from "../../../keeper/evidence/bundle.ts";
import { verifyBundle } from "../../../keeper/evidence/verify.ts";
import { assess, fitBatch, MODEL_VERSION } from "../../../keeper/pipeline.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../../keeper/protocols/abi.ts";
import { readBatches } from "../../../keeper/protocols/events.ts";
import { readerOf, refuse } from "./reader.ts";

/** `@tonsor/client`: the parameter contract read with viem. Every read is of one block; nothing here holds a key or sends. */
export type { Batch, Entry, MarketMode } from "../../../keeper/domain/contract.ts";
export { TonsorError } from "../../../keeper/domain/errors.ts";
export { COLLATERAL_PARAMETERS_ABI as parametersAbi } from "../../../keeper/protocols/abi.ts";
export { decodeBatch } from "../../../keeper/protocols/collateralParameters.ts";
export { addressesOf, type DeployedAddresses } from "./addresses.ts";
export { DEPLOYED as addresses } from "./deployed.ts";
export { type Ramp, readRamps, watchRamps } from "./ramps.ts";

/** The three numbers of one market, effective at one block. */
export type MarketHaircuts = {
  readonly marketId: number;
  /** 1 - LTV, basis points: for new borrowing and withdrawing. */
  readonly initialBps: number;
  /** 1 - liquidation threshold, basis points: for liquidating, and for nothing else. */
  readonly maintenanceBps: number;
  /** Observation time of the oldest market datum behind the numbers, Unix seconds. */
  readonly asOf: number;
  readonly mode: MarketMode;
  /** Most collateral that a lender should hold, whole tokens. */
  readonly exposureLimitTokens: bigint;
  /** False: no more than now, because the market is closed or its data is stale; never "nothing". */
  readonly mayGrow: boolean;
};

/**
 * Haircuts and exposure limits of markets, in the order asked, all of one block: `blockNumber`, or the latest.
 * @param parameters address of the parameter contract, or of `CurrentParameters`
 * @throws TonsorError BAD_ARGUMENT; viem's ContractFunctionExecutionError: UnknownMarket for an id that is not listed
 * @example (await readHaircuts(client, parameters, [1]))[0].initialBps // 2200
 */
export async function readHaircuts(
  client: Client,
  parameters: Hex,
  marketIds: readonly number[],
  blockNumber?: bigint,
): Promise<readonly MarketHaircuts[]> {
  const reader = readerOf(client, parameters, marketIds);
  const at = { address: parameters, abi, blockNumber: blockNumber ?? (await reader.getBlockNumber({ cacheTime: 0 })) };
  const [haircuts, limits] = await Promise.all([
    reader.readContract({ ...at, functionName: "haircutsMany", args: [marketIds] }),
    Promise.all(marketIds.map((id) => reader.readContract({ ...at, functionName: "exposureLimit", args: [id] }))),
  ]);
  if (haircuts.length !== marketIds.length) {
    const facts = { field: "haircutsMany", given: haircuts.length, expected: `${marketIds.length} markets` };
    throw new TonsorError("RPC_FAILED", "the node's answer is not of the markets asked", facts);
  }
  return haircuts.map(({ initialBps, maintenanceBps, asOf, mode }, i) => {
    const [exposureLimitTokens, mayGrow] = limits[i] as readonly [bigint, boolean];
    const numbers = { initialBps, maintenanceBps, asOf, mode: MODES[mode] ?? "FROZEN" };
    return { marketId: marketIds[i] as number, ...numbers, exposureLimitTokens, mayGrow };
  });
}

/** What came of a verification; `difference` says in words the first thing that is not equal. */
export type EvidenceVerification =
  | { readonly ok: true; readonly markets: readonly string[] }
  | { readonly ok: false; readonly difference: string };

/**
 * Recomputes the batch of a transaction that this evidence is of, and compares every basis point with the chain: the evidence may
 * come from anybody, for its hash is in the event. Whether the inputs in it were true is what the keeper's `verify` asks beyond.
 * @param evidence canonical JSON, unpacked, as the keeper's status page serves it at `/evidence/<hash>`
 * @param part gives a part that the evidence names, as the status page serves it at `/evidence/parts/<name>`; whatever it
 * gives is hashed. Evidence of before form 5 has none
 * @throws TonsorError BAD_ARGUMENT; UNKNOWN_TRANSACTION when the transaction carries no batch of this contract
 * @example (await verifyEvidence(client, parameters, transaction, bytes, part)).ok // true
 */
export async function verifyEvidence(
  client: Client,
  parameters: Hex,
  transaction: Hex,
  evidence: Uint8Array,
  part: (name: string) => Promise<Uint8Array> = withoutParts,
): Promise<EvidenceVerification> {
  const reader = readerOf(client, parameters, []);
  if (!isHash(transaction)) refuse("transaction", transaction, "0x and 64 hexadecimal digits");
  if (!((evidence as unknown) instanceof Uint8Array)) refuse("evidence", typeof evidence, "bytes, a Uint8Array");
  const batches = await readBatches(await bound(reader), parameters, { transactionHash: transaction });
  const hash = hashEvidence(evidence);
  const named = batches.filter((batch) => batch.evidence === hash);
  const [first] = batches;
  if (first === undefined) {
    const facts = { field: "transaction", given: transaction, expected: `a batch of ${parameters}` };
    throw new TonsorError("UNKNOWN_TRANSACTION", "the transaction applied no batch to this contract", facts);
  }
  const reasoning = { assess, fitBatch, modelVersion: MODEL_VERSION };
  // Parts are asked for by a root that the chain names only: another says what it likes.
  const packed = named.length > 0 ? await gather(evidence, part) : { root: evidence, parts: new Map() };
  const judge = (batch: typeof first) => verifyBundle(packed, batch.evidence, batch, reasoning);
  const found = named.map(judge).find(({ ok }) => !ok) ?? judge(named[0] ?? first);
  return found.ok ? { ok: true, markets: found.bundle.markets.map(({ name }) => name) } : found;
}

function withoutParts(name: string): never {
  const facts = { field: "part", expected: "a function that gives the bytes of /evidence/parts/<name>" };
  throw new TonsorError("EVIDENCE_MISSING", `this evidence names parts, the first of them ${name}`, facts);
}

/** The client, bound to the chain of its node where it was told of none: evidence is of one chain. */
async function bound(client: PublicClient): Promise<PublicClient> {
  if (client.chain !== undefined) return client;
  const id = await client.getChainId();
  const nativeCurrency = { name: "Ether", symbol: "ETH", decimals: 18 };
  return {
    ...client,
    chain: defineChain({ id, name: `chain ${id}`, nativeCurrency, rpcUrls: { default: { http: [] } } }),
  };
}
