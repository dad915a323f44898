import { join } from "node:path";
import { privateKeyToAccount } from "viem/accounts";
import type { MovedTransaction } from "./cli/services.ts";
import { type Cosigning, type CosignSettings, openCosigning } from "./cosign/openCosigning.ts";
import { lowerRanksFirst, type Ports, runCycle } from "./cycle.ts";
import type { Hex } from "./domain/batch.ts";
import type { ChainView, CycleReport } from "./domain/cycle.ts";
import { ownError, TonsorError } from "./domain/errors.ts";
import type { EvidenceStore, Journal } from "./domain/journal.ts";
import type { MarketParameters } from "./domain/parameters.ts";
import { type ImpactSettings, impactGate } from "./impact/impactGate.ts";
import type { NodeStatus } from "./io/quorum/nodeGroup.ts";
import { openRpc, type Provider, type Rpc } from "./io/rpc.ts";
import { evidenceFolder, seriesFolder } from "./journal/files.ts";
import { openJournal } from "./journal/journal.ts";
import { allMarkets } from "./markets/registry.ts";
import { chainClient } from "./protocols/client.ts";
import { readListed, readMarkets } from "./protocols/collateralParameters.ts";
import type { Deployment } from "./protocols/deployment.ts";
import { monotonicClock } from "./runtime/clock.ts";
import { type ConfigProblem, configFileSchema } from "./runtime/configFile.ts";
import type { Guard } from "./runtime/guard.ts";
import { firstLook } from "./sources/firstLook.ts";
import { bookUrls, bookVenues, furtherVenues } from "./sources/furtherVenues.ts";
import { openSources } from "./sources/sources.ts";
import { chainDoor, heeding } from "./submission/chainDoor.ts";
import type { FeeLimits } from "./submission/fees.ts";
import { type MoveAction, moveOpen, type Waiting } from "./submission/moveOpen.ts";
import { reconcile } from "./submission/reconcile.ts";
import { fundsNote, openRelay, providerOf } from "./submission/sending.ts";
import { sendTimes } from "./submission/sendTimes.ts";
import type { SpendLimits } from "./submission/spendGuard.ts";
import { standingOf, submitPlan, type TransactionLimits } from "./submission/submit.ts";
import { isOnItsWay, tendOpen } from "./submission/tend.ts";
import type { OptionsSource } from "./venues/optionsVenue.ts";
import { OPTIONS_VENUES } from "./venues/registry.ts";

/** What a keeper is made of. */
export type KeeperParts = {
  /** Address of the node, or the quorum of several. */
  readonly rpcUrl: string | (Provider & { nodes?(): readonly NodeStatus[] });
  readonly chainId: number;
  /** For one request to the one node, milliseconds; a quorum has its own. Absent: 10 000. */
  readonly rpcTimeoutMs?: number;
  readonly deployment: Deployment;
  /** Absent: the venue's own address. */
  readonly deribitUrl?: string;
  /** Addresses of further options venues by their registry id, for replays and tests; absent: each venue's own. */
  readonly venueUrls?: Readonly<Record<string, string>>;
  /** Journal and evidence live here. */
  readonly stateFolder: string;
  /** Null: look and think only. */
  readonly privateKey: Hex | null;
  /** The keeper's clock, Unix seconds; `chain` as the client's latest block is another. */
  readonly now: () => number;
  readonly fees?: FeeLimits;
  readonly transactions?: TransactionLimits;
  /** Budgets for fees; absent: none. */
  readonly spend?: SpendLimits;
  /** What one update may make liquidatable at most, and where positions are read. Absent: nothing is known of positions. */
  readonly impact?: ImpactSettings;
  /** A private relay that is given each batch first, or null. */
  readonly relayUrl?: string | null;
  /** A balance that pays for fewer batches is warned of. Absent: 0. */
  readonly warnBelowBatches?: number;
  /** Absent: every market that the contract lists. */
  readonly markets?: readonly MarketParameters[];
  /** Rank among the replicas and the length of a stage; absent: rank 0, which waits for nobody. */
  readonly replica?: { readonly rank: number; readonly stageMs: number };
  /** Signing with other replicas for the quorum's door; absent: the hot key alone. */
  readonly cosign?: CosignSettings | null;
  /** What may keep a decision from being sent; absent: nothing. */
  readonly guard?: (store: Journal) => Guard;
};

/** A wired keeper: the ports of the cycle over real parts. */
export type Keeper = {
  readonly markets: readonly MarketParameters[];
  readonly deployment: Deployment;
  readonly store: Journal;
  readonly evidence: EvidenceStore;
  readonly chainId: number;
  readonly contract: Hex;
  readonly client: ReturnType<typeof chainClient>;
  readonly venue: OptionsSource;
  readonly rpc: Rpc;
  /** What the last cycle found wired to something else than the record says; see firstLook.ts. */
  wiringProblems(): readonly ConfigProblem[];
  /** Every node of a quorum as last seen; empty with one node. */
  nodes(): readonly NodeStatus[];
  /** Address that signs, or null when nothing can be sent. */
  readonly signer: Hex | null;
  readonly guard: Guard | null;
  /** Signs with other replicas; null: co-signing is off. */
  readonly cosigning: Cosigning | null;
  /** The keeper's clock, Unix seconds. */
  now(): number;
  cycle(options: {
    readonly dryRun: boolean;
    readonly signal: AbortSignal;
    readonly markets?: readonly MarketParameters[];
  }): Promise<CycleReport>;
  /** Cancels or bumps what waits for a block, asked for by a person. */
  move(action: MoveAction, signal: AbortSignal, waiting: Waiting): Promise<MovedTransaction>;
  /** The chain as every decision sees it, now. */
  readChain(): Promise<ChainView>;
  close(): void;
};

const GWEI = 1_000_000_000n;
const DEFAULT_FEES: FeeLimits = { maxFeePerGas: 200n * GWEI, maxPriorityFeePerGas: GWEI };
const DEFAULT_TRANSACTIONS: TransactionLimits = {
  ...configFileSchema.parse({}).transactions,
  pollMilliseconds: 50,
};

/** Writes down a cycle that came to nothing, with the code of its error: nothing was seen, so nothing else is known. */
function noteFailure(store: Journal, at: number, error: unknown): void {
  const own = ownError(error);
  const detail = own === null ? String(error) : `${own.code}: ${own.message}`;
  store.finishTick(store.recordTick({ now: at, blockNumber: null, markets: [] }), at, "failed", detail);
}

function noKey(): TonsorError {
  return new TonsorError("BAD_CONFIG", "no key to sign with", { field: "KEEPER_PRIVATE_KEY" });
}

/** Wires a keeper. Opens the journal; the network is first touched by the first cycle. */
export function openKeeper(parts: KeeperParts): Keeper {
  const { chainId, deployment, now } = parts;
  const contract = deployment.contract.address as Hex;
  const patience = parts.rpcTimeoutMs === undefined ? {} : { timeoutMs: parts.rpcTimeoutMs };
  const client = chainClient({ chainId, rpc: parts.rpcUrl, ...patience });
  const rpc = openRpc({ url: parts.rpcUrl, chainId, ...patience });
  const door = chainDoor(providerOf(client), openRelay(parts.relayUrl ?? null, chainId));
  const memory = seriesFolder(join(parts.stateFolder, "series"));
  const at = parts.deribitUrl === undefined ? {} : { baseUrl: parts.deribitUrl };
  const venue = OPTIONS_VENUES.deribit.connect({ ...at, memory });
  const store = openJournal(join(parts.stateFolder, "journal.sqlite"), { chainId, contract });
  const guard = parts.guard?.(store) ?? null;
  const evidence = evidenceFolder(join(parts.stateFolder, "evidence"));
  const ids = new Map(deployment.markets.map((market) => [market.name, market.id]));
  const markets = (parts.markets ?? allMarkets()).filter((market) => ids.has(market.name));
  const urls = parts.venueUrls ?? {};
  const books = bookVenues(markets, bookUrls(urls, parts.deribitUrl));
  const sources = openSources(venue, rpc, deployment, furtherVenues(markets, urls), books);
  const wired = firstLook({ client, deployment });
  const idOf = (market: string): number => {
    const id = ids.get(market);
    if (id !== undefined) return id;
    const expected = `one of ${[...ids.keys()].join(", ")}`;
    throw new TonsorError("UNKNOWN_MARKET", `${market} is not listed`, { field: "market", given: market, expected });
  };

  const account = parts.privateKey === null ? null : privateKeyToAccount(parts.privateKey);
  const limits = parts.transactions ?? DEFAULT_TRANSACTIONS;
  const fees = parts.fees ?? DEFAULT_FEES;
  const sends = sendTimes(monotonicClock.now);
  const maySend = () => (guard?.stopped(now(), []) ?? null) === null;
  const { confirmations, resendAfterSeconds, relayFallbackBlocks: fallbackBlocks } = limits;
  const depth = { confirmations, resendAfterSeconds, fallbackBlocks };
  const spend = parts.spend === undefined ? {} : { spend: parts.spend };
  const impactParts = {
    settings: parts.impact ?? configFileSchema.parse({}).impact,
    folder: join(parts.stateFolder, "impact"),
    deadlineSeconds: limits.deadlineSeconds,
    rpc,
    client,
  };
  const impact = impactGate(impactParts);
  const settling = { journal: store, door, chainId, now, sends, maySend, ...depth, ...spend };

  async function readChain(wanted: readonly MarketParameters[] = markets, signal?: AbortSignal): Promise<ChainView> {
    const latest = await rpc.block("latest", signal);
    signal?.throwIfAborted();
    const numbers = wanted.map((market) => idOf(market.name));
    const { view, listed } = await readListed(numbers, (ids) => readMarkets(client, contract, latest.number, ids));
    const counts = isOnItsWay(store.openIntents(), view.blockTime, { sends, replacement: limits });
    const states = view.markets.map((market) => ({
      ...market,
      pending: counts ? store.pending(market.marketId) : null,
    }));
    const there = wanted.filter((market) => listed.includes(idOf(market.name)));
    return { ...view, contract, markets: new Map(there.map((market, i) => [market.name, states[i]!])) };
  }

  const { deadlineSeconds } = limits;
  const stopped = (at: number) => guard?.stopped(at, []) ?? null;
  const own = { client, deployment, account, store, deadlineSeconds, impact: impactParts, now, stopped };
  const cosigning = parts.cosign ? openCosigning(parts.cosign, { ...own, readChain: () => readChain() }) : null;

  const ports: Ports = {
    now,
    stopwatch: monotonicClock.now,
    async reconcile(signal) {
      await reconcile({ ...settling, door: heeding(door, signal) });
    },
    async readChain(wanted, signal) {
      const view = await readChain(wanted, signal);
      if (wanted.length === markets.length) guard?.seen(view);
      return view;
    },
    async observe(wanted, chain, at, signal) {
      const seen = await sources(wanted, await rpc.block(chain.blockNumber, signal), at, signal);
      const listed = wanted.filter(({ name }) => chain.markets.has(name));
      await wired.see(listed, seen, chain.blockNumber);
      return seen;
    },
    history: (market, at) => store.history(idOf(market), at),
    stopped: (at, due) => guard?.stopped(at, due) ?? null,
    yieldToLowerRanks: lowerRanksFirst({
      rank: 0,
      stageMs: 0,
      ...parts.replica,
      sleep: monotonicClock.sleep,
      sequence: async () => (await readChain()).sequence,
    }),
    record(seen) {
      const { now: at, chain, assessments, failures } = seen;
      wired.assertSound();
      cosigning?.cosigner.note(seen);
      return store.recordTick({
        now: at,
        blockNumber: chain.blockNumber,
        markets: [
          ...assessments.map((one) => ({ marketId: idOf(one.market), market: one.market, assessment: one })),
          ...failures.map(({ market, error }) => ({ marketId: ids.get(market) ?? 0, market, error })),
        ],
      });
    },
    async submit(plan, tick, signal) {
      if (account === null) throw noKey();
      const quorum = cosigning?.route ?? null;
      const last = { stopped: () => stopped(now()) };
      const sender = { client, account, contract, store, evidence, fees, limits, settling, impact, quorum, ...last };
      return submitPlan(plan, tick, sender, signal);
    },
    finish(tick, report) {
      const outcome = report.batch?.status ?? (report.heldBy === null ? "held" : "stopped");
      store.finishTick(tick, now(), outcome, report.batch?.detail ?? report.yielded ?? report.heldBy ?? "");
    },
  };

  /** One cycle; when it has nothing to send, what still waits for a block is looked after. */
  async function cycle(options: Parameters<Keeper["cycle"]>[0]): Promise<CycleReport> {
    const { signal, dryRun } = options;
    const seen = await runCycle(ports, options.markets ?? markets, options)
      .catch((error: unknown) => {
        if (!dryRun) noteFailure(store, now(), error);
        throw error;
      })
      .finally(() => (dryRun ? undefined : guard?.settle(now())));
    const warned = account === null || dryRun ? null : await fundsNote(account.address, parts, { store, door, fees });
    const report = warned === null ? seen : { ...seen, failures: [...seen.failures, warned] };
    if (report.batch !== null || dryRun || account === null || !maySend()) return report;
    try {
      const standing = report.entries.map(({ input }) => standingOf(input.onChain));
      const sender = { ...settling, account, fees, replacement: limits, signal };
      const openTransaction = await tendOpen(standing, sender);
      return openTransaction === null ? report : { ...report, openTransaction };
    } catch (error) {
      if (!(error instanceof TonsorError)) throw error;
      return { ...report, openTransaction: error.message };
    }
  }

  return {
    markets,
    deployment,
    store,
    evidence,
    chainId,
    contract,
    client,
    venue,
    rpc,
    signer: account?.address ?? null,
    guard,
    cosigning,
    now,
    cycle,
    async move(action, signal, waiting) {
      if (account === null) throw noKey();
      return moveOpen(action, { ...settling, account, fees, replacement: limits, signal }, waiting);
    },
    readChain: () => readChain(),
    wiringProblems: wired.problems,
    nodes: () => (typeof parts.rpcUrl === "string" ? [] : (parts.rpcUrl.nodes?.() ?? [])),
    close: () => store.close(),
  };
}
