import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chainClient } from "../../keeper/protocols/client.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import type { readMarkets } from "../../keeper/protocols/readMarkets.ts";
import { moveMarket } from "../../scripts/demo/market.ts";
import { deploy } from "../../scripts/deploy/deploy.ts";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import type { DeploymentPlan } from "../../scripts/deploy/planSchema.ts";
import { dataFolder } from "../../scripts/lab/dataFolder.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import type { ReplaySource } from "../../scripts/lab/replay/replaySource.ts";
import { startReplayVenue } from "../../scripts/lab/replay/replayVenue.ts";
import { type ReplicaClient, replicaClient } from "../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../scripts/lab/replica/startReplica.ts";
import { type Child, type Ended, startLab, startTonsor } from "./child.ts";
import { marketsAt } from "./marketsAt.ts";
import { secretsWritten } from "./secretsWritten.ts";
import { settableClock } from "./settableClock.ts";
import { SHIPPED } from "./shipped.ts";

/** For one question of the world's own to its node: a machine that runs much else beside is slow. */
const PATIENCE_MS = 60_000;

/** Variables by name; undefined takes one away. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Replica, contract and replayed venue, with `tonsor` run against them as an operator would: as a process. */
export type KeeperWorld = {
  readonly source: ReplaySource;
  readonly replica: Replica;
  readonly node: ReplicaClient;
  readonly deployment: Deployment;
  readonly venueUrl: string;
  /** A folder of this world alone; `state` in it is the keeper's. */
  readonly folder: string;
  readonly state: string;
  readonly key: `0x${string}`;
  /** Moves pools, feeds, the chain's clock and the venue's to an instant of the calendar, Unix seconds. */
  moveTo(instant: number): Promise<void>;
  /** Moves the chain's clock and the venue's to a time; no price moves and no feed answers anew. */
  passTo(time: number): Promise<void>;
  /** The contract now: an account, the keeper's own when none is named, and both markets in the order of their listing. */
  chain(account?: `0x${string}`): ReturnType<typeof readMarkets>;
  start(line: string, environment?: Environment): Child;
  /** Runs one command to its end. */
  tonsor(line: string, environment?: Environment): Promise<Ended>;
  /** The same with the analyst's program. */
  lab(line: string, environment?: Environment): Promise<Ended>;
  /** Ends everything; rejects when a key of a keeper stands in anything that was written or printed. */
  close(): Promise<void>;
};

/** Brings the world up with the market standing at `first`, one of the calendar's instants, and nothing written yet; `prepare` is called before the deployment. A chain id: another than 31337. */
export async function keeperWorld(
  first: number,
  plan: DeploymentPlan = developmentPlan(SHIPPED),
  prepare: (replica: Replica, node: ReplicaClient) => Promise<void> = async () => {},
  chainId?: number,
): Promise<KeeperWorld> {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-world-"));
  const closers: (() => Promise<void> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const keys = new Set<string>();
  const said = new Map<string, string>();
  let found: readonly string[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
    if (found.length > 0) throw new Error(`a private key was written: ${found.join(", ")}`);
  };
  closers.push(() => {
    found = secretsWritten(folder, Object.fromEntries(said), [...keys]);
  });
  try {
    const { source, name } = openReplaySource();
    const seedFrom = name === "recorded" ? dataFolder() : null;
    const replica = await startReplica({
      timestamp: first - 3_600,
      seedFrom,
      ...(chainId === undefined ? {} : { chainId }),
    });
    closers.push(() => replica.close());
    // The replica's clock flows with the machine's: deploying must not take it past the first instant.
    await moveMarket(replica, source, first, first - 600);
    await prepare(replica, replicaClient(replica.url, replica.chainId));
    const deployments = join(folder, "deployments");
    // Off the usual development chain a deployment waits for five blocks.
    const mine = () => void replicaClient(replica.url, replica.chainId).mine({ blocks: 1 });
    const mining = chainId === undefined ? undefined : setInterval(mine, 200);
    const deployment = await deploy({
      rpcUrl: replica.url,
      chainId: replica.chainId,
      deployerKey: replica.accounts.deployer.privateKey,
      plan,
      deploymentsFolder: deployments,
    }).finally(() => clearInterval(mining));
    const clock = settableClock(first * 1000);
    const venue = await startReplayVenue({ data: source, now: () => clock.now() });
    closers.push(() => venue.close());
    const state = join(folder, "state");
    mkdirSync(state);
    const { privateKey: key, address: sender } = replica.accounts.keeper;
    keys.add(key);
    const environment: Environment = {
      PATH: process.env["PATH"],
      HOME: folder,
      RPC_URL: replica.url,
      CHAIN_ID: String(replica.chainId),
      VENUE_URLS: `deribit=${venue.url}`,
      KEEPER_PRIVATE_KEY: key,
      TONSOR_STATE: state,
      TONSOR_DEPLOYMENTS: deployments,
      TONSOR_CLOCK: "chain",
      STATUS_PORT: "0",
      TICK_SECONDS: "1",
      LOG_LEVEL: "debug",
    };
    const children = new Set<Child>();
    closers.push(async () => {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all([...children].map((child) => child.ended));
      for (const child of children) {
        const { out, err } = child.said();
        said.set(`process ${child.pid}`, `${out}\n${err}`);
      }
    });
    const start = (line: string, change: Environment = {}, run = startTonsor): Child => {
      const variables = Object.entries({ ...environment, ...change }).filter(([, value]) => value !== undefined);
      const words = line.split(" ").filter((word) => word !== "");
      const child = run(words, Object.fromEntries(variables), folder);
      children.add(child);
      for (const [name, value] of variables) {
        if (name === "KEEPER_PRIVATE_KEY" && /^0x[0-9a-fA-F]{64}$/.test(value ?? "")) keys.add(value ?? "");
      }
      return child;
    };
    const client = chainClient({ chainId: replica.chainId, rpc: replica.url, timeoutMs: PATIENCE_MS });
    const ids = deployment.markets.map((market) => market.id);
    const moveTo = async (instant: number) => {
      // The node's clock runs: on a busy machine it may pass the instant before the market has moved there.
      for (let at = instant, tries = 5; ; tries--) {
        try {
          await moveMarket(replica, source, instant, at);
          return clock.set(at * 1000);
        } catch (error) {
          if (tries === 0 || !/Timestamp error/.test(String(error))) throw error;
          at = Number((await client.getBlock()).timestamp) + 60;
        }
      }
    };
    await moveTo(first);
    return {
      source,
      replica,
      node: replicaClient(replica.url, replica.chainId),
      deployment,
      venueUrl: venue.url,
      folder,
      state,
      key,
      moveTo,
      async passTo(time) {
        await replica.setTime(time);
        clock.set(time * 1000);
      },
      chain: (account = sender) => marketsAt(client, deployment.contract.address, ids, account),
      start: (line, change) => start(line, change),
      tonsor: (line, change) => start(line, change).ended,
      lab: (line, change = {}) => start(line, change, startLab).ended,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
