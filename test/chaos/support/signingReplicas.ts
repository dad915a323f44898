import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Child } from "../../support/child.ts";
import { freePort } from "../../support/loopback.ts";
import type { ChaosWorld } from "./chaosWorld.ts";
import { pageOf } from "./running.ts";
import { type TcpFaultProxy, tcpFaultProxy } from "./tcpFaultProxy.ts";

/** One of several keepers that sign together: a process with a key, a journal and a port of its own. */
export type SigningReplica = {
  readonly name: "keeper" | "guardian" | "trader";
  readonly state: string;
  /** Address at which it is asked, without a proxy. */
  readonly url: string;
  child: Child;
  /** Starts it anew with the venue at another address. */
  restart(venueUrl: string): Promise<void>;
  /** What `/status` and `/metrics` say. */
  page(path: string): Promise<string>;
};

export type SigningReplicas = {
  readonly all: readonly SigningReplica[];
  readonly secret: string;
  /** Cuts or mends the network between two of them, both ways. */
  link(a: SigningReplica, b: SigningReplica, mode: TcpFaultProxy["mode"]): void;
  close(): Promise<void>;
};

const NAMES = ["keeper", "guardian", "trader"] as const;

/** Three signers of the development deployment's quorum as processes, each link between them through a proxy of its own. */
export async function startSigningReplicas(world: ChaosWorld): Promise<SigningReplicas> {
  const secret = randomBytes(24).toString("hex");
  const secretFile = join(world.folder, "cosign-secret");
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
  const ports = await Promise.all(NAMES.map(freePort));
  const links = new Map<string, TcpFaultProxy>();
  for (const from of NAMES) {
    for (const [i, to] of NAMES.entries())
      if (from !== to) links.set(`${from} ${to}`, await tcpFaultProxy(ports[i] ?? 0));
  }
  const all = await Promise.all(
    NAMES.map(async (name, rank): Promise<SigningReplica> => {
      const peers = NAMES.flatMap((to) => {
        const link = links.get(`${name} ${to}`);
        return link === undefined ? [] : [`http://127.0.0.1:${link.port}`];
      });
      // On a machine with other work a look may take a minute: nothing here is to fail for that.
      const patience = { timeoutSeconds: 15, maxDecisionAgeSeconds: 1_200 };
      const cosign = { secretFile, peers, port: ports[rank] ?? 0, fallback: "hold", ...patience };
      // A stage longer than a proposer waits for signatures.
      const schedule = { stageSeconds: 20, softTimeoutSeconds: 240, hardTimeoutSeconds: 480 };
      const config = `cosign-${name}.json`;
      const rpc = { timeoutSeconds: 60 };
      await world.write(config, JSON.stringify({ cosign, schedule, rpc, markets: ["WETH"] }));
      const state = world.stateOf(`cosign-${name}`);
      const start = (venueUrl: string) =>
        world.start("run --json", {
          ...{
            TONSOR_CONFIG: config,
            TONSOR_STATE: state,
            INSTANCE_RANK: String(rank),
            VENUE_URLS: `deribit=${venueUrl}`,
          },
          TICK_SECONDS: "3",
          KEEPER_PRIVATE_KEY: world.replica.accounts[name].privateKey,
        });
      const replica: SigningReplica = {
        ...{ name, state, url: `http://127.0.0.1:${ports[rank]}`, child: start(world.venueUrl) },
        async restart(venueUrl) {
          replica.child.kill("SIGKILL");
          await replica.child.ended;
          replica.child = start(venueUrl);
          await ready(replica.child);
        },
        page: async (path) => (await fetch(`${pageOf(replica.child)}${path}`)).text(),
      };
      await ready(replica.child);
      return replica;
    }),
  );
  return {
    ...{ all, secret },
    link(a, b, mode) {
      for (const name of [`${a.name} ${b.name}`, `${b.name} ${a.name}`]) {
        const link = links.get(name);
        if (link === undefined) continue;
        link.mode = mode;
        if (mode !== "pass") link.cut();
      }
    },
    async close() {
      for (const { child } of all) child.kill("SIGINT");
      await Promise.all(all.map(({ child }) => child.ended));
      for (const link of links.values()) await link.close();
    },
  };
}

function ready(child: Child): Promise<void> {
  return child.until(({ err }) => err.includes('"msg":"keeper started"'), "its start");
}
