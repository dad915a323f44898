import { type Asked, type Conduct, type NodeProxy, nodeProxy } from "../../io/quorum/nodeProxy.ts";
import type { Child } from "../../support/child.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal } from "../support/audit.ts";
import type { ChaosWorld } from "../support/chaosWorld.ts";
import { openPager } from "../support/pager.ts";
import { stopped, within } from "../support/running.ts";
import { worldSetBack } from "../support/worldSetBack.ts";

/** What becomes of three nodes while a keeper runs, and whether it may go on with what is left. */
type Illness = {
  readonly name: string;
  readonly begin: (nodes: readonly NodeProxy[]) => void;
  readonly goesOn: boolean;
};

const NODES = 3;
const OTHER_CHAIN = 1;
/** Ticks that fail before the chain is looked at: the first may still have begun with honest nodes. */
const FAILURES = 4;
const MOST_LAG = 50;

/** Three nodes, and a keeper that runs: two silent and a liar, nodes that lag, nodes that change their chain. */
export const nodesLie: ChaosRow = {
  fault: "RPCs: 2 of 3 time out and the third forges; lag 5 / 50 blocks; wrong chain id mid-run",
  mark: "nothing signed, alert, recovers",
  gate: false,
  async run({ short, random, note }) {
    const own = await worldSetBack();
    const { world } = own;
    const state = world.stateOf("nodes");
    const nodes = await Promise.all(Array.from({ length: NODES }, () => nodeProxy(world.replica.url)));
    const pager = await openPager();
    const environment = {
      TONSOR_STATE: state,
      TONSOR_CONFIG: "nodes.json",
      RPC_URL: undefined,
      RPC_URLS: nodes.map(({ url }) => url).join(","),
      ALERT_WEBHOOK_URL: pager.url,
    };
    const supervised = await supervise(world, environment);
    const findings: Finding[] = [];
    const alerted = () => pager.fired().some((name) => ALERTS.includes(name));
    try {
      const audit = await beginAudit(world);
      // The contract is to have been there for longer than any node lags.
      await world.node.mine({ blocks: MOST_LAG });
      const stands = async () => (await world.chain()).writer.sequence;
      const moved = async (from: number) => within(120, async () => (await stands()) > from);
      await supervised.start();
      findings.push(holds("three honest nodes: an update lands", await moved(0)));
      const all = illnesses(random);
      for (const { name, begin, goesOn } of short ? all.slice(0, 2) : all) {
        note(name);
        const before = { signed: journal(world, state).length, sequence: await stands(), failed: supervised.failed() };
        const sends = sendsOf(nodes);
        pager.forget();
        begin(nodes);
        await world.advance();
        if (goesOn) findings.push(holds(`${name}: the others suffice, an update lands`, await moved(before.sequence)));
        else {
          const failing = await within(120, () => supervised.failed() >= before.failed + FAILURES);
          const why = supervised.lastFailure();
          findings.push(
            holds(
              `${name}: ticks fail and say why`,
              failing && /another chain|shared by enough|lag, or it lies|they lag|too few the same/.test(why),
              why,
            ),
            atMost(`${name}: signed`, journal(world, state).length - before.signed, 0),
            atMost(`${name}: handed to a node`, sendsOf(nodes) - sends, 0),
            atMost(`${name}: batches on chain`, (await stands()) - before.sequence, 0),
            holds(`${name}: alerts`, await within(60, alerted), pager.fired().join(", ") || "none"),
          );
        }
        for (const node of nodes) node.become({ kind: "honest" });
        findings.push(holds(`${name}: recovers, and what is due lands`, await moved(before.sequence)));
        if (!goesOn) findings.push(holds(`${name}: the alert ends`, await within(120, pager.ended)));
      }
      const code = await supervised.stop();
      // What it left open when it was stopped is settled by its next cycle, as it would be by the next tick.
      await world.tonsor("once --json", environment);
      // The market is moved on by days, so what falls due in them is not the keeper's.
      return { ledger: { ...(await audit.ledger([state], code === 0, "good")), liquidations: null }, findings };
    } finally {
      await supervised.stop();
      for (const node of nodes) await node.close();
      await pager.close();
      await own.close();
    }
  },
};

/** Which node is ill goes by the seed. */
function illnesses(random: () => number): readonly Illness[] {
  const all = (which: (n: number) => Conduct) => (nodes: readonly NodeProxy[]) => {
    const first = Math.floor(random() * NODES);
    for (let n = 0; n < NODES; n++) nodes[(first + n) % NODES]?.become(which(n));
  };
  const honest: Conduct = { kind: "honest" };
  const lagging = (blocks: number, ill: number) => all((n) => (n < ill ? { kind: "lags", blocks } : honest));
  const otherChain: Conduct = { kind: "otherChain", chainId: OTHER_CHAIN };
  return [
    {
      name: "two time out, the third forges",
      goesOn: false,
      begin: all((n) => (n < 2 ? { kind: "hangs" } : { kind: "lies", lie: forged })),
    },
    { name: "two lag 5 blocks", goesOn: false, begin: lagging(5, 2) },
    { name: "one lags 5 blocks", goesOn: true, begin: lagging(5, 1) },
    { name: "two lag 50 blocks", goesOn: false, begin: lagging(MOST_LAG, 2) },
    { name: "one lags 50 blocks", goesOn: true, begin: lagging(MOST_LAG, 1) },
    {
      name: "two change their chain in the middle of a cycle",
      goesOn: false,
      begin(nodes) {
        // The cycle's first look at the contract is still answered for the right chain; what follows it is not.
        const turn = all((n) => (n < 2 ? otherChain : honest));
        const lie = ({ method }: Asked) => {
          if (method === "eth_call") setImmediate(() => turn(nodes));
          return undefined;
        };
        nodes[0]?.become({ kind: "lies", lie });
      },
    },
    { name: "all three are of another chain", goesOn: false, begin: all(() => otherChain) },
  ];
}

/** Another digit in each answer about a contract: it still parses. */
function forged({ method }: Asked, truth: unknown): unknown {
  return method === "eth_call" ? String(truth).replace(/[1-9](?=0*$)/, "7") : undefined;
}

const sendsOf = (nodes: readonly NodeProxy[]): number =>
  nodes.reduce((sum, { seen }) => sum + (seen.get("eth_sendRawTransaction") ?? 0), 0);

const ALERTS = ["TonsorRpcQuorumLost", "TonsorHeadOld", "TonsorTicksFailing"];
/** A keeper that is started again when it ends with 75, as its supervisor would. */
async function supervise(world: ChaosWorld, environment: Readonly<Record<string, string | undefined>>) {
  const rpc = { timeoutSeconds: 3, restSeconds: 1, readmitAfter: 2 };
  await world.write("nodes.json", JSON.stringify({ rpc }));
  const runs: Child[] = [];
  let over = false;
  const errors = () => runs.flatMap((run) => run.said().err.split("\n")).filter((line) => /tick failed/.test(line));
  const start = async () => {
    const run = world.start("run --json", environment);
    runs.push(run);
    void run.ended.then(({ code }) => {
      if (code === 75 && !over) void start();
    });
  };
  return {
    start,
    failed: () => errors().length,
    lastFailure: () => /"msg":"([^"]*)/.exec(errors().at(-1) ?? "")?.[1]?.slice(0, 120) ?? "",
    async stop() {
      over = true;
      const last = runs.at(-1);
      return last === undefined ? null : (await stopped(last)).code;
    },
  };
}
