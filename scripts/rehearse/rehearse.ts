import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Hex, parseAbi } from "viem";
import { HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { type MarketFile, readMarkets, soundMarkets } from "../../keeper/markets/marketFiles.ts";
import { readDeployment } from "../../keeper/protocols/readDeployment.ts";
import { VENUES } from "../../keeper/venues/registry.ts";
import { moveMarket } from "../demo/market.ts";
import { manifestFile } from "../deploy/place.ts";
import { developmentPlan } from "../deploy/plan.ts";
import { parsePlan } from "../deploy/planSchema.ts";
import type { AaveMarket } from "../lab/lenders/aave.ts";
import { CRASH_START } from "../lab/replay/generated/crashScenario.ts";
import { generatedSource } from "../lab/replay/generatedSource.ts";
import { startReplayVenue } from "../lab/replay/replayVenue.ts";
import { MAINNET_ADDRESSES as AT } from "../lab/replica/addresses.ts";
import { pricesOf } from "../lab/replica/movePrice.ts";
import { type ReplicaClient, replicaClient, transact } from "../lab/replica/node.ts";
import { type Replica, startReplica } from "../lab/replica/startReplica.ts";
import { layMarket } from "./layMarket.ts";
import { askPool, COLLATERAL_USD, type Enforced, layLender, REFUSALS } from "./lender.ts";

/** What a rehearsal came to; haircuts of the new market in basis points. */
export type Rehearsal = Enforced & {
  readonly market: string;
  readonly listedInitialBps: number;
  readonly initialBps: number;
  /** Whether the pool refuses what is above the limits, for that reason, and gives what is below. */
  readonly holds: boolean;
  readonly seconds: number;
};

type Settings = {
  /** A market's file. */
  readonly file: string;
  /** Price of one unit, US dollars; null: at which the file's caps in dollars and in tokens are the same. */
  readonly priceUsd: number | null;
  /** Ends it, with all that it started, between two steps or in a command. */
  readonly signal: AbortSignal;
  /** A line of what is going on. */
  readonly onNote: (text: string) => void;
};

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LENDER = "Aave";
/** Of the recorded crash, so that options and history are there; the contracts are set up so long before. */
const [SEED, SETUP_SECONDS] = [1, HOUR_SECONDS / 2] as const;
/** Nobody listens there: a rehearsal asks nothing outside of this machine. */
const NOWHERE = "http://127.0.0.1:9";
const HAIRCUTS = parseAbi([
  "function haircuts(uint16) view returns ((uint16 initialBps, uint16 maintenanceBps, uint40 asOf, uint8 mode))",
]);

/**
 * Takes a market from its file to a limit that a real Aave v3.6 enforces, on a chain of this machine, by the commands that an
 * operator would give: `config check`, `deploy`, `propose-lender`, `once`, `check-deployment`.
 * @throws TonsorError BAD_CONFIG or BAD_ARGUMENT for a file that is wrong or cannot be laid; BAD_FILE when a command refuses; the
 * signal's reason once it is aborted, with nothing left running
 */
export async function rehearse({ file, priceUsd, signal, onNote }: Settings): Promise<Rehearsal> {
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "tonsor-rehearsal-"));
  const closers: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const { files, own } = marketsIn(join(folder, "markets"), file);
    const { name } = own.parameters;
    const [first = 0] = generatedSource(SEED).instants(CRASH_START, CRASH_START + 24 * HOUR_SECONDS);
    const replica = await startReplica({ timestamp: first - SETUP_SECONDS - HOUR_SECONDS, seedFrom: null, signal });
    closers.push(() => replica.close());
    const node = replicaClient(replica.url, replica.chainId);
    await moveMarket(replica, generatedSource(SEED), first, first - SETUP_SECONDS);
    const usd = await priceOf(own, priceUsd, node);
    await layMarket(own, usd, replica, node);
    const aave = await layLender(own, replica.accounts, node);
    onNote(`A chain at ${replica.url}, ${name} at ${Number(usd.toPrecision(7))} USD, a real Aave v3.6 at ${aave.pool}`);
    const venue = await startReplayVenue({ data: generatedSource(SEED), now: () => first * 1000 });
    closers.push(() => venue.close());
    const run = commands({ folder, replica, venueUrl: venue.url, signal, onNote });
    await run("tonsor", "config check");
    writeFileSync(join(folder, "plan.json"), JSON.stringify(planOf(files, name, aave)));
    await run("deploy", "", { plan: "plan.json", deployments: "deployments" });
    await run("propose-lender", `--lender ${LENDER}`, { into: "proposal", deployments: "deployments" });
    await vote(join(folder, "proposal", "safe-1-execute.json"), replica, node);
    onNote("  (the lender's governance executes it)");
    await moveMarket(replica, generatedSource(SEED), first, first);
    await run("tonsor", "once");
    const initialBps = await contractSays(join(folder, "deployments"), name, replica, node);
    await run("check-deployment", "", { deployments: "deployments" });
    const enforced = await askPool(own, initialBps, usd, aave, replica.accounts, node);
    const { loanAbove, loanBelow, depositAbove } = enforced;
    const holds = loanAbove === REFUSALS.loan && loanBelow === null && depositAbove === REFUSALS.deposit;
    const seconds = (performance.now() - began) / 1_000;
    return { market: name, listedInitialBps: own.listing.initialBps, initialBps, ...enforced, holds, seconds };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** A folder of the shipped markets and this one, which takes the place of one of the same name; what is wrong with any is said. */
function marketsIn(folder: string, file: string): { readonly files: readonly MarketFile[]; readonly own: MarketFile } {
  mkdirSync(folder);
  const shipped = join(ROOT, "deployments", "markets");
  const [, name] = /^(.+)\.jsonc?$/.exec(basename(file)) ?? [];
  if (name === undefined) {
    throw new TonsorError("BAD_ARGUMENT", "this is no market's file", { given: file, expected: "<name>.jsonc" });
  }
  for (const one of ["WETH", "WBTC"]) copyFileSync(join(shipped, `${one}.jsonc`), join(folder, `${one}.jsonc`));
  const copy = join(folder, `${name}.jsonc`);
  try {
    copyFileSync(file, copy);
  } catch (cause) {
    throw new TonsorError("BAD_ARGUMENT", "the market's file cannot be read", { given: file }, cause);
  }
  const { problems, ...read } = readMarkets(folder);
  const files = soundMarkets({
    ...read,
    problems: problems.map((one) => ({ ...one, path: one.path.replaceAll(copy, file) })),
  });
  const own = files.find(({ parameters }) => parameters.name === name) as MarketFile;
  return { files, own };
}

/**
 * As the replica's feed answers where the file names that, else as given.
 * @throws TonsorError BAD_ARGUMENT for a price beside such an answer, and for one at which what is deposited is above the cap
 */
async function priceOf({ parameters, addresses, listing }: MarketFile, given: number | null, node: ReplicaClient) {
  const feed = addresses.feeds[parameters.sources.priceFeed];
  const played = (["WETH", "WBTC"] as const).find((name) => AT.feeds[name] === feed);
  const answer = played === undefined ? null : (await pricesOf(node))[played];
  const unfit = (expected: string) =>
    new TonsorError("BAD_ARGUMENT", "not a price to rehearse at", { field: "--price", given: usd, expected });
  const usd = given ?? answer ?? parameters.model.supplyCapUsd / listing.limitTokens;
  if (given !== null && answer !== null) throw unfit(`none: the feed of ${played} answers ${answer.toFixed(2)}`);
  const least = (2 * COLLATERAL_USD) / listing.limitTokens;
  if (usd < least) throw unfit(`at least ${least}: ${COLLATERAL_USD} USD are deposited, below limitTokens`);
  return usd;
}

function planOf(files: readonly MarketFile[], market: string, { provider }: AaveMarket) {
  const plan = developmentPlan(files);
  const { classId } = plan.markets.find(({ name }) => name === market) as (typeof plan.markets)[number];
  const { limits } = plan.classes.find(({ id }) => id === classId) as (typeof plan.classes)[number];
  const agent = {
    ...{ maxThresholdStepBps: 25, stepSeconds: 4 * HOUR_SECONDS, minGapBps: limits.tightenSpeedBpsPer30Days },
    maxAgeSeconds: limits.ttlHours * HOUR_SECONDS,
  };
  const lender = { kind: "aave-v3", name: LENDER, fromBlock: 0, provider, markets: [market], agent };
  return parsePlan({ ...plan, lenders: [lender] });
}

/** Runs the operator's commands, each in a process of its own with nothing but this environment, and shows them. */
function commands({
  folder,
  replica: { url, chainId, accounts },
  venueUrl,
  signal,
  onNote,
}: Pick<Settings, "signal" | "onNote"> & { folder: string; replica: Replica; venueUrl: string }) {
  mkdirSync(join(folder, "state"));
  const venues = VENUES.urlNames.map((name) => `${name}=${name === "deribit" ? venueUrl : NOWHERE}`);
  const env = {
    ...{ PATH: process.env["PATH"], HOME: folder, RPC_URL: url, CHAIN_ID: String(chainId), TONSOR_CLOCK: "chain" },
    ...{ TONSOR_MARKETS: join(folder, "markets"), TONSOR_DEPLOYMENTS: join(folder, "deployments") },
    ...{ TONSOR_STATE: join(folder, "state"), VENUE_URLS: venues.join(",") },
    KEEPER_PRIVATE_KEY: accounts.keeper.privateKey,
  };
  return async (program: string, line: string, paths: Readonly<Record<string, string>> = {}) => {
    const named = Object.entries(paths).flatMap(([option, name]) => [`--${option}`, name]);
    onNote(`$ npm run ${program} -- ${[line, ...named].filter((word) => word !== "").join(" ")}`);
    const words = line.split(" ").filter((word) => word !== "");
    const there = Object.entries(paths).flatMap(([option, name]) => [`--${option}`, join(folder, name)]);
    // The keeper's program in a folder without an .env of somebody's; Hardhat wants the project's.
    const [start, cwd] = program === "tonsor" ? [["keeper/main.ts"], folder] : [["scripts/govern.ts", program], ROOT];
    const args = [join(ROOT, start[0] as string), ...start.slice(1), ...words, ...there];
    signal.throwIfAborted();
    const child = spawn(process.execPath, args, { cwd, env, signal, stdio: ["ignore", "pipe", "pipe"] });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => said.push(String(chunk)));
    // Stopped or not, its end is waited for: it writes into a folder that will be removed.
    const code = await new Promise<number | null>((resolve) => child.on("error", () => {}).once("close", resolve));
    signal.throwIfAborted();
    if (code === 0) return;
    const facts = { given: `exit code ${code}`, expected: "0" };
    throw new TonsorError("BAD_FILE", `${program} ${line} refuses:\n${said.join("").trim()}\n`, facts);
  };
}

async function vote(file: string, { accounts }: Replica, node: ReplicaClient): Promise<void> {
  const { transactions } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly transactions: readonly { readonly to: Hex; readonly data: Hex }[];
  };
  for (const { to, data } of transactions) await transact(node, { from: accounts.governance.address, to, data });
}

async function contractSays(deployments: string, market: string, { chainId }: Replica, node: ReplicaClient) {
  const { contract, markets } = readDeployment(manifestFile(deployments, chainId));
  const id = markets.find(({ name }) => name === market)?.id ?? 0;
  const address = contract.address as Hex;
  const says = await node.readContract({ address, abi: HAIRCUTS, functionName: "haircuts", args: [id] });
  return says.initialBps;
}
