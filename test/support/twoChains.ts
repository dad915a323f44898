import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { chainClient } from "../../keeper/protocols/client.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { moveMarket } from "../../scripts/demo/market.ts";
import { deploy } from "../../scripts/deploy/deploy.ts";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { generatedSource } from "../../scripts/lab/replay/generatedSource.ts";
import { startReplayVenue } from "../../scripts/lab/replay/replayVenue.ts";
import { replicaClient } from "../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../scripts/lab/replica/startReplica.ts";
import { CRASH_FROM } from "./crash.ts";
import { settableClock } from "./settableClock.ts";
import { SHIPPED } from "./shipped.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** A chain with the contract on it, behind a proxy that can fall silent. */
export type TestChain = {
  readonly chainId: number;
  readonly replica: Replica;
  readonly deployment: Deployment;
  readonly client: ReturnType<typeof chainClient>;
  /** File of its variables for `--env`. */
  readonly envFile: string;
  readonly state: string;
  /** While it hangs, the node takes every question and answers none; what still waits then is answered late. */
  hang(hangs: boolean): void;
};

/** Two development chains and one replayed venue, whose requests are counted. */
export type TwoChains = {
  readonly folder: string;
  readonly chains: readonly [TestChain, TestChain];
  /** Paths of the requests that the venue was asked, with their queries. */
  readonly asked: readonly string[];
  /** What both chains have in common. */
  readonly environment: NodeJS.ProcessEnv;
  /** Moves both markets, both chains' clocks and the venue's a day on. */
  moveOn(): Promise<void>;
  close(): Promise<void>;
};

/** Brings both chains up with the contract on each, the market at the first instant of the generated crash. */
export async function twoChains(tickSeconds: number): Promise<TwoChains> {
  const folder = temporaryFolder();
  const source = generatedSource(20_260_128);
  const [first = 0, ...later] = source.instants(CRASH_FROM, CRASH_FROM + 30 * 86_400);
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  const clock = settableClock(first * 1_000);
  try {
    const venue = await startReplayVenue({ data: source, now: () => clock.now() });
    closers.push(() => venue.close());
    const asked: string[] = [];
    const counting = await proxy(venue.url, (path) => void asked.push(path));
    closers.push(counting.close);
    const chain = async (chainId: number): Promise<TestChain> => {
      const replica = await startReplica({ chainId, timestamp: first - 3_600, seedFrom: null });
      closers.push(() => replica.close());
      await moveMarket(replica, source, first, first - 600);
      // Off the usual development chain a deployment waits for five blocks.
      const mining = setInterval(() => void replicaClient(replica.url, chainId).mine({ blocks: 1 }), 200);
      const deployment = await deploy({
        rpcUrl: replica.url,
        chainId,
        deployerKey: replica.accounts.deployer.privateKey,
        plan: developmentPlan(SHIPPED),
        deploymentsFolder: join(folder, "deployments"),
      }).finally(() => clearInterval(mining));
      await moveMarket(replica, source, first, first);
      const node = await proxy(replica.url);
      closers.push(node.close);
      const state = join(folder, `state-${chainId}`);
      const envFile = join(folder, `${chainId}.env`);
      writeFileSync(envFile, `CHAIN_ID=${chainId}\nRPC_URL=${node.url}\nTONSOR_STATE=${state}\n`);
      const client = chainClient({ chainId, rpc: replica.url, timeoutMs: 60_000 });
      return { chainId, replica, deployment, client, envFile, state, hang: node.hang };
    };
    const chains = [await chain(31_337), await chain(1_337)] as const;
    const environment = {
      PATH: process.env["PATH"],
      HOME: folder,
      VENUE_URLS: `deribit=${counting.url}`,
      KEEPER_PRIVATE_KEY: chains[0].replica.accounts.keeper.privateKey,
      TONSOR_DEPLOYMENTS: join(folder, "deployments"),
      TONSOR_CLOCK: "chain",
      STATUS_PORT: "0",
      TICK_SECONDS: String(tickSeconds),
    };
    const moveOn = async () => {
      const instant = later.splice(0, 4).at(-1) ?? 0;
      for (const { replica } of chains) await moveMarket(replica, source, instant, instant);
      clock.set(instant * 1_000);
    };
    return { folder, chains, asked, environment, moveOn, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Hands every request on to `target`, and its answer back; while it hangs, later. */
async function proxy(target: string, heard: (path: string) => void = () => {}) {
  let hung: PromiseWithResolvers<void> | null = null;
  const server = createServer(async (request, response) => {
    heard(request.url ?? "");
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    await hung?.promise;
    const sent = request.method === "POST" ? { method: "POST", body: Buffer.concat(parts) } : {};
    const headers = { "content-type": "application/json" };
    const url = request.method === "POST" ? target : new URL(request.url ?? "", target);
    const answer = await fetch(url, { ...sent, headers }).catch(() => null);
    if (answer === null) return void response.destroy();
    response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { pathname } = new URL(target);
  return {
    url: `http://127.0.0.1:${port}${pathname === "/" ? "" : pathname}`,
    hang(now: boolean) {
      hung?.resolve();
      hung = now ? Promise.withResolvers<void>() : null;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
