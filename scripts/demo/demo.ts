import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { privateKeyToAccount } from "viem/accounts";
import { startDashboard } from "../../keeper/dashboard/server.ts";
import { createStatusBook, type StatusBook } from "../../keeper/dashboard/statusBook.ts";
import { DAY_SECONDS, HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import { type Keeper, openKeeper } from "../../keeper/keeper.ts";
import { marketNamed } from "../../keeper/markets/marketFiles.ts";
import { headlineAfter } from "../../keeper/operations/condition.ts";
import { holdPort } from "../../keeper/operations/holdPort.ts";
import { evidenceBytes, noteCycle, STARTING } from "../../keeper/operations/statusPage.ts";
import type { CycleSummary } from "../../keeper/operations/summary.ts";
import { cycleSummary } from "../../keeper/operations/summary.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { monotonicClock } from "../../keeper/runtime/clock.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import type { VariableName } from "../../keeper/runtime/environment.ts";
import { withDotenv } from "../../keeper/runtime/parseEnvironment.ts";
import { compileContracts } from "../deploy/compile.ts";
import { deploy } from "../deploy/deploy.ts";
import { developmentPlan } from "../deploy/plan.ts";
import { dataFolder } from "../lab/dataFolder.ts";
import { generatedSource } from "../lab/replay/generatedSource.ts";
import { openReplaySource } from "../lab/replay/openReplaySource.ts";
import type { ReplaySource } from "../lab/replay/replaySource.ts";
import { startReplayVenue } from "../lab/replay/replayVenue.ts";
import { type Replica, startReplica } from "../lab/replica/startReplica.ts";
import { untilAborted } from "../lab/untilAborted.ts";
import { shippedMarkets } from "../markets.ts";
import { demoSummary } from "./demoSummary.ts";
import { moveMarket } from "./market.ts";
import { unpackContracts } from "./shippedContracts.ts";
import type { DemoOptions } from "./start.ts";

/** The crash that the demonstration plays, UTC. */
const DEMO_FROM = Date.UTC(2026, 0, 28) / 1000;
const DEMO_TO = Date.UTC(2026, 1, 16) / 1000;
const PLAYED = {
  recorded: "Deribit options, index and candles, 28 January to 15 February 2026",
  generated: "Options, index and candles of a crash like that of early February 2026",
};
/** The middle of what fewer days play. */
const CRASH = Date.UTC(2026, 1, 5, 12) / 1000;
/** Wall time for the whole span when no speed is asked for. */
const DEFAULT_SECONDS = 180;
/** Between a board's time stamp and the cycle that reads it, seconds. */
const READ_AFTER = 2;
const SEED = 20_260_128;
const SECOND_SHELL =
  "For a second shell in this folder, before `npm run tonsor -- status`, `explain WETH`, `tx list` or `verify <hash>`:";

/** What a finished demonstration leaves behind, for tests. */
type DemoOutcome = { readonly keeper: Keeper; readonly replica: Replica; readonly deployment: Deployment };

/**
 * Brings up mainnet replica, contract, replay venue, keeper and status page, and plays the crash. Each instant of the
 * recorded calendar is one cycle: the market moves on chain by real swaps, the clock moves, the keeper observes, decides
 * and writes. `folderFor` names the folder for state, one for each port of the status page, so that two demonstrations do
 * not share one. `inspect` runs after the last cycle while everything is still up.
 */
export async function playDemo(
  options: DemoOptions & {
    readonly folderFor: (port: number) => string;
    readonly inspect?: (outcome: DemoOutcome) => Promise<void>;
  },
): Promise<void> {
  const { signal, onNote } = options;
  const market = options.market === null ? null : marketNamed(shippedMarkets(), options.market).parameters.name;
  const closers: Closers = [];
  try {
    const held = await holdPort(options.port, "--port");
    closers.push(() => held.release());
    const folder = options.folderFor(held.port);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await compileContracts(onNote, signal, { unpack: unpackContracts });

    const data = openData(options.generated);
    onNote(`Data: ${data.label}`);
    const stage = await openStage(data, folder, { ...options, market }, closers);
    const { keeper, replica, deployment, instants } = stage;
    const book = statusBookOf(stage);
    await held.release();
    const page = await startDashboard({
      ...{ port: held.port, host: "127.0.0.1", data: book },
      onFailed: (error) => onNote(`An answer could not be made: ${error}`),
    });
    closers.push(() => page.close());
    onNote(`Status page: ${page.url}`);
    onNote(`\n${SECOND_SHELL}\n${environmentOf(stage)}\n`);

    const summaries = await play({ ...options, ...stage, book, instants });
    if (!signal.aborted) {
      onNote("\nVerifying every update from its evidence ...");
      onNote(await demoSummary(keeper, summaries, signal));
    }
    await options.inspect?.({ keeper, replica, deployment });
    if (options.exitAtEnd || signal.aborted) return;
    onNote(`The page stays at ${page.url}. Ctrl-C ends it.`);
    await untilAborted(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const close of closers.reverse()) await close();
    if (signal.aborted) onNote("Stopped: keeper, venue, page and chain are down.");
  }
}

type Closers = (() => Promise<void> | void)[];
type Data = ReturnType<typeof openData>;

/** Chain, contract, venue and keeper, with the market at the first instant; `closers` gets what ends each. */
async function openStage(
  { source, recorded }: Data,
  folder: string,
  { signal, onNote, days, market }: DemoOptions,
  closers: Closers,
) {
  const half = (days ?? Number.POSITIVE_INFINITY) * (DAY_SECONDS / 2);
  const instants = source.instants(Math.max(DEMO_FROM, CRASH - half), Math.min(DEMO_TO, CRASH + half));
  const [first] = instants;
  if (first === undefined) throw new Error(`the ${source.name} data has no board between 28 January and 15 February`);
  const clock = flowingClock(first - 600);
  const replica = await startReplica({ timestamp: first - HOUR_SECONDS, seedFrom: recorded, signal });
  closers.push(() => replica.close());
  const liquidity = recorded === null ? "generated liquidity" : "liquidity of the recorded pools' shape";
  onNote(`Chain: mainnet replica at ${replica.url}, real Uniswap v3 bytecode, ${liquidity}`);
  signal.throwIfAborted();
  await moveMarket(replica, source, first, first - 60);

  const deployment = await deploy({
    rpcUrl: replica.url,
    chainId: replica.chainId,
    deployerKey: replica.accounts.deployer.privateKey,
    plan: developmentPlan(shippedMarkets()),
    deploymentsFolder: join(folder, "deployments"),
    forExplorers: false,
  });
  onNote(`Contract: ${deployment.contract.address}, governed by the timelock ${deployment.timelock.address}`);
  signal.throwIfAborted();

  const venue = await startReplayVenue({ data: source, now: () => clock.now() * 1000 });
  closers.push(() => venue.close());
  const keeper = openKeeper({
    ...KEEPER_DEFAULTS,
    nodes: replica.url,
    chainId: replica.chainId,
    deployment,
    marketFiles: shippedMarkets(),
    markets: market === null ? null : [market],
    venueUrls: { deribit: venue.url },
    state: join(folder, "state"),
    account: privateKeyToAccount(replica.accounts.keeper.privateKey),
    // The replica mines at once.
    transactions: { ...KEEPER_DEFAULTS.transactions, pollMilliseconds: 50 },
    now: () => Math.floor(clock.now()),
  });
  closers.push(() => keeper.close());
  return { folder, source, instants, first, clock, replica, deployment, venue, keeper };
}

/** The settings, as a line of shell, with which the operator's commands read this demonstration. */
function environmentOf({ folder, replica, venue }: Awaited<ReturnType<typeof openStage>>): string {
  const settings = {
    RPC_URL: replica.url,
    CHAIN_ID: String(replica.chainId),
    VENUE_URLS: `deribit=${venue.url}`,
    TONSOR_CLOCK: "chain",
    TONSOR_STATE: join(folder, "state"),
    TONSOR_DEPLOYMENTS: join(folder, "deployments"),
  } satisfies Partial<Record<VariableName, string>>;
  const quoted = (text: string) => (/^[\w./:=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  return `export ${Object.entries(settings)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .join(" ")}`;
}

/** The status page before the first cycle. */
function statusBookOf({ source, instants, first, replica, deployment, keeper }: Awaited<ReturnType<typeof openStage>>) {
  return createStatusBook(
    {
      time: first,
      keeper: STARTING,
      data: { kind: source.name, label: PLAYED[source.name] },
      replay: { from: first, to: instants.at(-1) ?? first, clock: first, speed: 0 },
      chain: { chainId: replica.chainId, contract: deployment.contract.address, explorer: null },
    },
    (hash) => evidenceBytes(keeper, hash),
  );
}

type Play = DemoOptions & {
  readonly keeper: Keeper;
  readonly replica: Replica;
  readonly source: ReplaySource;
  readonly instants: readonly number[];
  readonly clock: ReturnType<typeof flowingClock>;
  readonly book: StatusBook;
};

/** One cycle per recorded instant, paced to the wanted speed. */
async function play(demo: Play): Promise<readonly CycleSummary[]> {
  const { instants, clock, replica, keeper, book, signal } = demo;
  const first = instants[0] ?? 0;
  const last = instants.at(-1) ?? first;
  const speed = demo.speed ?? (DEMO_TO - DEMO_FROM) / DEFAULT_SECONDS;
  const started = performance.now();
  const summaries: CycleSummary[] = [];
  for (const instant of instants) {
    await pause((instant - first) / speed - (performance.now() - started) / 1000, signal);
    if (signal.aborted) break;
    await moveMarket(replica, demo.source, instant, instant);
    clock.set(instant + READ_AFTER);
    const report = await keeper.cycle({ dryRun: false, signal });
    const summary = await cycleSummary(report);
    // A cycle cut short reports what it could not read, which nobody needs any more.
    if (signal.aborted) break;
    summaries.push(summary);
    demo.onCycle(summary);
    noteCycle(book, keeper, summary);
    const done = instant === last;
    const live = { ok: true, reason: "one cycle at each recorded instant" };
    const how = await headlineAfter(keeper, report, book.snapshot().markets, { live });
    book.update({
      time: summary.time,
      keeper: {
        ...how,
        ...(done ? { state: "finished", message: "the replay has ended; nothing moves any more" } : {}),
        cycles: summaries.length,
        lastCycle: summary.time,
      },
      replay: { from: first, to: last, clock: instant, speed },
    });
  }
  return summaries;
}

function openData(generated: boolean): { source: ReplaySource; label: string; recorded: string | null } {
  if (generated) {
    const source = generatedSource(SEED);
    return { source, label: `generated sample, as asked for; seed ${SEED}`, recorded: null };
  }
  const variables = withDotenv(process.cwd(), process.env);
  const { source, name, why } = openReplaySource(variables);
  return { source, label: `${name}, ${why}`, recorded: name === "recorded" ? dataFolder(variables) : null };
}

/** A clock that jumps when set and flows with the wall between jumps, as the replica's chain does. Unix seconds. */
function flowingClock(start: number): { now(): number; set(time: number): void } {
  let base = start;
  let since = performance.now();
  return {
    now: () => base + (performance.now() - since) / 1000,
    set(time) {
      base = time;
      since = performance.now();
    },
  };
}

/** Waits, or returns early when the signal is aborted. */
async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  if (seconds > 0) await monotonicClock.sleep(seconds * 1000, signal);
}
