import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { LocalAccount, PublicClient } from "viem";
import { type Cosigning, type CosignSettings, openCosigning } from "./cosign/cosigning.ts";
import { deliverSigned } from "./cosign/signedDelivery.ts";
import { lowerRanksFirst, type Ports, runCycle } from "./cycle.ts";
import type { Batch, Hex } from "./domain/contract.ts";
import type { BatchEntry, ChainView, CycleReport, Obstacle } from "./domain/cycle.ts";
import type { ConfigProblem } from "./domain/errors.ts";
import type { EvidenceStore, Journal } from "./domain/journal.ts";
import type { MarketParameters } from "./domain/parameters.ts";
import { heldByImpact, type ImpactParts, impactGate, weighing } from "./impact/impactGate.ts";
import { type IndexStore, unwritten } from "./impact/lenders/accountIndex.ts";
import { openLenders } from "./impact/lenders/lenders.ts";
import { type NoticeBoard, noticeBoard } from "./impact/notice/board.ts";
import type { NodeStatus } from "./io/quorum/nodeGroup.ts";
import { openRpc, type Provider, type Rpc } from "./io/rpc.ts";
import { evidenceFolder } from "./journal/evidenceFolder.ts";
import { seriesFolder } from "./journal/files.ts";
import { openJournal } from "./journal/journal.ts";
import { recordFailure, writtenOf } from "./journal/ticks.ts";
import type { MarketFile } from "./markets/marketFiles.ts";
import { chainClient } from "./protocols/client.ts";
import { rehearseBatch } from "./protocols/collateralParameters.ts";
import type { Deployment } from "./protocols/deployment.ts";
import { lenderReader } from "./protocols/lenderReader.ts";
import { chainReader, writersOf } from "./protocols/readMarkets.ts";
import { type Clean, cleanCalls, cleanEvidence } from "./runtime/clean.ts";
import { monotonicClock } from "./runtime/clock.ts";
import type { Config } from "./runtime/config.ts";
import type { Guard } from "./runtime/guard.ts";
import { look, openSources } from "./sources/sources.ts";
import { feedDescriptions } from "./sources/wiring.ts";
import { wiringCheck } from "./sources/wiringCheck.ts";
import { abortable, openBroadcaster } from "./submission/broadcaster.ts";
import { noKey, required, type SendContext } from "./submission/context.ts";
import { feeLimits } from "./submission/fees.ts";
import { lenderDrive } from "./submission/lenderDrive.ts";
import { isOnItsWay, type MoveAction, type MovedTransaction, moveOpen } from "./submission/manage.ts";
import { reconcile } from "./submission/reconcile.ts";
import { afterCycle, rehearse } from "./submission/rehearse.ts";
import { sendTimes } from "./submission/send.ts";
import { deliverByHotKey, type SubmitParts, submitPlan } from "./submission/submit.ts";

/** What of the configuration a keeper reads, under the configuration's own names. */
type FromConfig = Pick<Config, "chainId" | "state" | "rpc" | "fees" | "transactions" | "impact" | "schedule"> &
  Partial<Pick<Config, "markets" | "venueUrls" | "instanceRank" | "privateRelayUrl">>;

/** What a keeper is made of: its configuration, and what was opened, read or unlocked for it. */
type KeeperSettings = FromConfig & {
  /** Address of the node, or an RPC quorum of several. */
  readonly nodes: string | (Provider & { nodes?(): readonly NodeStatus[] });
  readonly deployment: Deployment;
  /** Null: it observes and decides, and sends nothing. */
  readonly account: LocalAccount | null;
  /** The keeper's clock, Unix seconds; the chain's, as the client's latest block has it, is another. */
  readonly now: () => number;
  /** Every market that governance has a file of; kept are those that the contract lists and `markets` names (absent: all). */
  readonly marketFiles: readonly MarketFile[];
  /** Signing with other keeper instances; absent: the hot key alone. */
  readonly cosign?: CosignSettings | null;
  /** What may keep a decision from being sent; absent: nothing. */
  readonly guard?: (store: Journal) => Guard;
  /** Applied to every text that is journalled or stored; absent: nothing is secret. */
  readonly clean?: Clean;
} & Pick<Parameters<typeof openSources>[0], "share">;

/** Which keeper this is. */
export type KeeperIdentity = {
  readonly chainId: number;
  readonly contract: Hex;
  /** Address that signs, or null when nothing can be sent. */
  readonly signer: Hex | null;
  readonly markets: readonly MarketParameters[];
  readonly marketFiles: readonly MarketFile[];
  /** The keeper's clock, Unix seconds. */
  now(): number;
};

/** How the keeper reads the chain. */
export type KeeperChain = {
  readonly client: PublicClient;
  readonly rpc: Rpc;
  readonly deployment: Deployment;
  /** The contract as every decision sees it, now. */
  readChain(): Promise<ChainView>;
  /** What borrowers may be told. */
  readonly notice: Pick<NoticeBoard, "chain" | "of">;
};

/** What the keeper has written down. */
export type KeeperRecords = { readonly store: Journal; readonly evidence: EvidenceStore };

/** What tells whether the keeper is well. */
export type KeeperHealth = {
  readonly guard: Guard | null;
  /** Signs with other keeper instances; null: co-signing is off. */
  readonly cosigning: Cosigning | null;
  /** Every node of an RPC quorum as last seen; empty with one node. */
  nodes(): readonly NodeStatus[];
  /** Sources that the last cycle found to be something else than the record says. */
  wiringProblems(): readonly ConfigProblem[];
};

/** What the keeper does when asked. */
type KeeperActions = {
  cycle(options: CycleOptions): Promise<CycleReport>;
  /** Whether a tightening could be sent now, after a cycle that did not ask; see `rehearse`. */
  rehearse(report: CycleReport, signal: AbortSignal): Promise<readonly Obstacle[]>;
  /** Cancels or bumps what waits for a block, asked for by a person. */
  move(action: MoveAction, signal: AbortSignal, onNote: (text: string) => void): Promise<MovedTransaction>;
  close(): void;
};

type CycleOptions = {
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly markets?: readonly MarketParameters[];
};

export type Keeper = KeeperIdentity & KeeperChain & KeeperRecords & KeeperHealth & KeeperActions;

/** Opens a keeper, and the journal with it; the network is first touched by the first cycle. */
export function openKeeper(settings: KeeperSettings): Keeper {
  const parts = wire(settings);
  const { account, chain, cosigning, evidence, guard, markets, sending, store, wiring } = parts;
  const { chainId, deployment, nodes, now } = settings;
  const ports = portsOf(parts);
  return {
    ...{ chainId, contract: parts.contract, signer: account?.address ?? null, now },
    ...{ markets, marketFiles: settings.marketFiles },
    ...{ client: parts.client, rpc: parts.rpc, deployment, store, evidence, guard, cosigning },
    ...{ notice: parts.notice, readChain: () => chain.read(markets, "latest") },
    nodes: () => (typeof nodes === "string" ? [] : (nodes.nodes?.() ?? [])),
    wiringProblems: wiring.problems,
    async cycle(options) {
      if (!options.dryRun) store.assertInPlace();
      const report = await runCycle(ports, options.markets ?? markets, options)
        .catch((error: unknown) => {
          if (!options.dryRun) recordFailure(store, now(), error);
          throw error;
        })
        .finally(() => (options.dryRun ? undefined : guard?.settle(now())));
      if (options.dryRun || account === null || report.tick === null) {
        const weighed = await (options.dryRun ? parts.weighingDry : parts.weighing)(report);
        return { ...parts.lenders.asSeen(report), ...weighed };
      }
      const { warnBelowBatches } = parts.config.fees;
      const rest = { ...rehearsing(parts), warnBelowBatches, stopped: parts.stopped() !== null };
      const ended = await afterCycle(report, rest, sending(options.signal));
      const synced = await parts.lenders.sync(ended, parts.stopped(), sending(options.signal));
      // Last, for nobody waits for it: a lender that answers slowly holds up no transaction.
      return { ...synced, ...(await parts.weighing(report)) };
    },
    rehearse: (report, signal) => rehearse(report, rehearsing(parts), account === null ? null : sending(signal)),
    move: async (action, signal, onNote) => moveOpen(action, sending(signal), onNote),
    close: () => store.close(),
  };
}

/** Every part of a keeper, each wired once. */
function wire(settings: KeeperSettings) {
  const absent = { markets: null, instanceRank: 0, privateRelayUrl: null, cosign: null, clean: (text: string) => text };
  const config = { ...absent, ...settings };
  const { account, chainId, deployment, impact, now, nodes, state, transactions: limits } = config;
  const { deadlineSeconds } = limits;
  const contract = deployment.contract.address as Hex;

  // The node (an RPC quorum has a timeout of its own), the records, the kill switches.
  const timeout = typeof nodes === "string" ? { timeoutMs: config.rpc.timeoutSeconds * 1_000 } : {};
  const client = chainClient({ chainId, rpc: nodes, ...timeout });
  const rpc = openRpc({ url: nodes, chainId, ...timeout });
  const store = cleanCalls(openJournal(join(state, "journal.sqlite"), { chainId, contract }), config.clean);
  const evidence = cleanEvidence(evidenceFolder(join(state, "evidence")), config.clean);
  const guard = config.guard?.(store) ?? null;
  const stopped = (at = now(), due: readonly BatchEntry[] = []) => guard?.stopped(at, due) ?? null;

  // What is observed: the contract, and every source that the markets name.
  const sends = sendTimes(monotonicClock.now);
  const pending: Parameters<typeof chainReader>[0]["pending"] = (block) =>
    isOnItsWay(store.openIntents(), block, { sends, limits }) ? store.pending() : new Map();
  const reader = (writer: Hex) => chainReader({ rpc, deployment, writer, pending });
  const { writer, gateway } = writersOf(deployment, config.cosign, account?.address ?? null);
  const chain = reader(writer);
  const isKept = (name: string) => chain.has(name) && (config.markets ?? [name]).includes(name);
  const markets = config.marketFiles.map(({ parameters }) => parameters).filter(({ name }) => isKept(name));
  const feedSays = feedDescriptions(config.marketFiles);
  const urls = settings.venueUrls ?? {};
  const memory = seriesFolder(join(state, "series"));
  const shared = settings.share === undefined ? {} : { share: settings.share };
  const sources = openSources({ rpc, deployment, feedSays, urls, memory, ...shared, ...config.schedule });
  const wiring = wiringCheck({ client, deployment, feedSays });

  // Where the numbers go on to.
  const lenders = lenderDrive({
    ...{ client, store, now, chain, markets, rank: config.instanceRank },
    lenders: lenderReader({ rpc, deployment }),
  });

  // How a batch is sent: gated by its impact, then by the hot key or a signer quorum.
  const ask = client.request as unknown as Parameters<typeof openLenders>[0]["ask"];
  const notice = noticeBoard();
  const books = (index: IndexStore) => openLenders({ deployment, rpc, ask, store: index });
  const gate: ImpactParts = {
    ...{ settings: impact, folder: join(state, "impact"), deadlineSeconds },
    lenders: notice.reading(books(store)),
  };
  const gatewayChain = gateway === writer ? chain : reader(gateway);
  const readChain = () => gatewayChain.read(markets, "latest");
  const held = (weighed: Parameters<typeof heldByImpact>[0]) => heldByImpact(weighed, gate);
  const signing = { client, deployment, account, store, deadlineSeconds, heldByImpact: held, now, readChain, stopped };
  const cosigning = config.cosign === null ? null : openCosigning(config.cosign, signing);
  const relay = config.privateRelayUrl === null ? null : chainClient({ chainId, rpc: config.privateRelayUrl });
  const broadcaster = openBroadcaster(client, relay);
  const fees = feeLimits(config.fees);
  const maySend = () => stopped() === null;
  const settling = { journal: store, broadcaster, chainId, now, sends, limits, maySend };
  const sending = (signal: AbortSignal): SendContext => {
    return { ...settling, account: required(account), fees, sleep: monotonicClock.sleep, signal };
  };
  return {
    ...{ config, contract, account, client, rpc, store, evidence, guard, stopped },
    ...{ chain, markets, sources, lenders, wiring, gate: impactGate(gate), weighing: weighing(gate) },
    weighingDry: weighing({ ...gate, lenders: books(unwritten(store)) }),
    ...{ cosigning, fees, settling, sending, notice },
  };
}

type Parts = ReturnType<typeof wire>;

/** The parts as a cycle uses them. */
function portsOf(parts: Parts): Ports {
  const { account, config, chain, cosigning, guard, markets, rpc, sending, settling, stopped, store, wiring } = parts;
  const idOf = (market: string) => (chain.has(market) ? chain.idOf(market) : 0);
  return {
    now: config.now,
    stopwatch: monotonicClock.now,
    turn: setImmediate,
    async reconcile(signal) {
      await reconcile({ ...settling, broadcaster: abortable(settling.broadcaster, signal) });
    },
    async look(wanted, signal) {
      const { sources, lenders } = parts;
      const seen = await look({ rpc, chain, sources, lenders: lenders.read, now: config.now }, wanted, signal);
      lenders.saw(seen);
      if (wanted.length === markets.length) {
        guard?.seen(seen.chain);
        parts.notice.looked(seen);
      }
      const listed = wanted.filter(({ name }) => seen.chain.markets.has(name));
      await wiring.check(listed, seen.observed, seen.chain.blockNumber);
      return seen;
    },
    history: (market, at) => store.history(chain.idOf(market), at),
    stopped: (at, due) => stopped(at, due) ?? (account === null ? noKey().message : null),
    yieldToLowerRanks: lowerRanksFirst({
      rank: config.instanceRank,
      stageMs: config.schedule.stageSeconds * 1_000,
      sleep: monotonicClock.sleep,
      asOf: async (signal) => {
        const view = await chain.read(markets, "latest", signal);
        return new Map([...view.markets].map(([name, market]) => [name, market.asOf]));
      },
    }),
    record(cycle) {
      wiring.assertSound();
      cosigning?.cosigner.note(cycle);
      const assessed = cycle.assessments.map((one) => ({ market: one.market, assessment: writtenOf(one) }));
      const rows = [...assessed, ...cycle.failures].map((row) => ({ marketId: idOf(row.market), ...row }));
      return store.recordTick({ now: cycle.now, blockNumber: cycle.chain.blockNumber, markets: rows });
    },
    submit(plan, tick, signal) {
      const context = sending(signal);
      const deliver = deliveryOf(parts, context.account.address);
      return submitPlan(plan, tick, { ...parts, stopped: () => stopped(), deliver }, context);
    },
    finish(tick, report) {
      const outcome = report.batch?.status ?? (report.heldBy === null ? "held" : "stopped");
      store.finishTick(tick, config.now(), outcome, report.batch?.detail ?? report.yielded ?? report.heldBy ?? "");
    },
  };
}

/** By the signatures of a signer quorum where it has a route to one, else by the hot key. */
function deliveryOf({ client, contract, cosigning }: Parts, from: Hex): SubmitParts["deliver"] {
  const hotKey = deliverByHotKey(client, contract, from);
  const route = cosigning?.route ?? null;
  return route === null ? async (batch) => hotKey(batch) : deliverSigned(route, { client, from, hotKey });
}

/** What a rehearsal touches besides what sending needs. */
function rehearsing({ client, contract, evidence }: Parts) {
  const simulate = (batch: Batch, writer: Hex, block: bigint) => rehearseBatch(client, contract, writer, batch, block);
  return { contract, evidence, simulate };
}
