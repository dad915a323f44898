import { isDeepStrictEqual } from "node:util";
import type { PublicClient } from "viem";
import type { AppliedBatch, Hex } from "../domain/contract.ts";
import type { OnChainMarket } from "../domain/decision.ts";
import { TonsorError } from "../domain/errors.ts";
import type { Observed } from "../domain/observation.ts";
import type { EvidenceBundle, MarketEvidence } from "../evidence/schema.ts";
import type { Rpc } from "../io/rpc.ts";
import type { Deployment } from "../protocols/deployment.ts";
import { readMarkets } from "../protocols/readMarkets.ts";
import { readChainSources } from "../sources/sources.ts";
import { feedDescriptions } from "../sources/wiring.ts";
import type { Governance } from "./recompute.ts";

/** What evidence is compared with besides itself. */
export type ProvenanceParts = Governance & {
  readonly client: PublicClient;
  readonly contract: Hex;
  readonly rpc: Rpc;
  /** Null: nobody here says which pools and feeds governance named. */
  readonly deployment: Deployment | null;
};

const NO_RECORD =
  "pools and feeds were not compared with the chain: there is no record of this deployment here (TONSOR_DEPLOYMENTS) that names them; the contract is the one that the transaction names, to be compared with the one that the lender reads";

/** The first thing in the evidence that is not so, in words, or null; and what could not be compared. */
type Provenance = { readonly difference: string | null; readonly notes: readonly string[] };

/** A keeper's clock may be this far ahead of the block that carries its batch, seconds. */
const MOST_AHEAD = 60;

/** What no chain can confirm, said in every verification. */
const VENUES_WORD = "options, index and candles are the venue's word as the keeper stored it; no chain confirms them";

/**
 * Whether the inputs in a bundle are the real ones, as far as anyone can tell: governance's parameters as the market files have them,
 * the state and limits on chain at that block, and pools and feeds as the chain had them. Recomputation alone proves only
 * that the numbers follow from the inputs; a keeper that invents its inputs would pass it.
 */
export async function checkProvenance(
  bundle: EvidenceBundle,
  batch: AppliedBatch,
  parts: ProvenanceParts,
): Promise<Provenance> {
  const stated = bundle.markets.map((market) => parametersProblem(market, parts)).find((problem) => problem !== null);
  if (stated !== undefined) return { difference: stated, notes: [] };
  try {
    const difference = (await clockProblem(bundle, batch, parts)) ?? (await stateProblem(bundle, batch, parts));
    if (difference !== null) return { difference, notes: [VENUES_WORD] };
    const readings = await compareReadings(bundle, parts);
    return { ...readings, notes: [...(await standIn(bundle, batch, parts)), ...readings.notes, VENUES_WORD] };
  } catch (error) {
    if (!(error instanceof TonsorError && error.retryable)) throw error;
    const note = `state and pools were not compared with the chain, the node has no such block: ${error.message}`;
    return { difference: null, notes: [note, VENUES_WORD] };
  }
}

function parametersProblem({ name, parameters }: MarketEvidence, { marketFiles }: Governance): string | null {
  const governance = marketFiles.find((market) => market.parameters.name === name);
  if (governance === undefined) return `market ${name}: there is no file of it`;
  const path = firstDifference(parameters, governance.parameters);
  if (path === null) return null;
  return `market ${name}: ${path.replace("$", "parameters")}; verify with the files that it was written with if governance changed them since`;
}

async function clockProblem(bundle: EvidenceBundle, batch: AppliedBatch, { client }: ProvenanceParts) {
  const { timestamp } = await client.getBlock({ blockNumber: batch.blockNumber });
  const ahead = bundle.now - Number(timestamp);
  if (ahead <= MOST_AHEAD) return null;
  return `the evidence was decided at ${bundle.now}, ${ahead} s after the block that carries its batch`;
}

/** The block all chain reads were made at; without a pool in the evidence, the one before the transaction. */
function blockOf(bundle: EvidenceBundle, batch: AppliedBatch): bigint {
  const observations = bundle.markets.flatMap(({ observed }) => observed.map((one) => one.observation));
  const pool = observations.find((one) => one !== null && "blockNumber" in one && one.kind !== "priceFeed");
  return pool != null && "blockNumber" in pool ? pool.blockNumber : batch.blockNumber - 1n;
}

async function stateProblem(bundle: EvidenceBundle, batch: AppliedBatch, { rpc, contract }: ProvenanceParts) {
  const block = blockOf(bundle, batch);
  if (block >= batch.blockNumber)
    return `the evidence was read at block ${block}, its batch is in ${batch.blockNumber}`;
  const ids = bundle.markets.map(({ marketId }) => marketId);
  const [first] = bundle.markets;
  if (first === undefined) return null;
  const { account } = first.onChain.writer;
  const view = await readMarkets({ rpc, contract, block: await rpc.block(block) }, ids, account);
  for (const market of bundle.markets) {
    const there = view.markets.find(({ marketId }) => marketId === market.marketId);
    // What was in flight is the keeper's own knowledge.
    const actual: OnChainMarket = { ...(there as OnChainMarket), pending: market.onChain.pending };
    const path = firstDifference(market.onChain, actual);
    if (path !== null) return `market ${market.name}: ${path.replace("$", "state")} on chain at block ${block}`;
  }
  return null;
}

/** What is to be said of a batch that came from another key than the signer quorum it was decided for; nothing of any other. */
async function standIn({ markets }: EvidenceBundle, batch: AppliedBatch, { rpc, contract }: ProvenanceParts) {
  const quorum = markets[0]?.onChain.writer;
  if (quorum === undefined || quorum.account.toLowerCase() === batch.writer.toLowerCase()) return [];
  const { writer } = await readMarkets(
    { rpc, contract, block: await rpc.block(batch.blockNumber) },
    [],
    quorum.account,
  );
  const own = `decided as batch ${quorum.sequence + 1} of the signer quorum ${quorum.account}, sent by ${batch.writer} in its place`;
  const late = `, though by block ${batch.blockNumber} the quorum had sent its batch ${writer.sequence}: an instance that came late, or evidence used twice`;
  return [writer.sequence > quorum.sequence ? own + late : own];
}

/** A node without the old block says nothing against the evidence: a note, no difference. */
async function compareReadings(bundle: EvidenceBundle, parts: ProvenanceParts): Promise<Provenance> {
  const { deployment } = parts;
  if (deployment === null) return { difference: null, notes: [NO_RECORD] };
  const notes = new Set<string>();
  const read = new Map<string, Promise<readonly Observed[]>>();
  const feedSays = feedDescriptions(parts.marketFiles);
  for (const { source, observation } of bundle.markets.flatMap(({ observed }) => observed)) {
    if (observation === null || !("blockNumber" in observation)) continue;
    // Markets share pools; each states its own copy, and every copy is compared.
    const { blockNumber } = observation;
    const key = `${source} ${blockNumber}`;
    const again =
      read.get(key) ??
      readChainSources([source], await parts.rpc.block(blockNumber), { ...parts, deployment, feedSays });
    read.set(key, again);
    const [answer] = await again;
    if (!answer?.observation) {
      const why = answer?.faults[0]?.detail ?? "no answer";
      notes.add(`${source} was not compared with the chain at block ${blockNumber}: ${why}`);
      continue;
    }
    const path = firstDifference(observation, answer.observation);
    if (path === null) continue;
    const difference = `${source}: ${path.replace("$", "observation")} at block ${blockNumber}`;
    return { difference, notes: [...notes] };
  }
  return { difference: null, notes: [...notes] };
}

/** "$.path is A, should be B" for the first value that differs, or null. */
function firstDifference(given: unknown, wanted: unknown, path = "$"): string | null {
  if (isDeepStrictEqual(given, wanted)) return null;
  if (isNode(given) && isNode(wanted)) {
    for (const key of new Set([...Object.keys(given), ...Object.keys(wanted)])) {
      const found = firstDifference(given[key], wanted[key], `${path}.${key}`);
      if (found !== null) return found;
    }
  }
  return `${path} is ${String(given)} in the evidence, ${String(wanted)} in truth`;
}

function isNode(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
