import { setTimeout } from "node:timers/promises";
import { atMost, type ChaosRow, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { type HttpFault, httpFaultProxy, type Passing } from "../support/httpFaultProxy.ts";

/** Requests at which the keeper waits, each a label: the proxy holds the first of a kind before or after the node has it. */
const LABELS: readonly (readonly [label: string, at: RegExp, side: "before" | "after"])[] = [
  ["first look at the chain", /eth_getBlockByNumber|eth_blockNumber/, "before"],
  ["reading the contract and the pools", /eth_call/, "after"],
  ["asking for the nonce", /eth_getTransactionCount/, "before"],
  ["estimating", /eth_estimateGas/, "before"],
  ["sending, before the node has it", /eth_sendRawTransaction/, "before"],
  ["sending, after the node has it", /eth_sendRawTransaction/, "after"],
  ["waiting for the receipt", /eth_getTransactionReceipt/, "before"],
];

/** The keeper is killed, or asked to end, while it waits at one place after the other; then it is started again. */
export const killedAnywhere: ChaosRow = {
  fault: "kill -9 at every labelled await x 10 seeds; SIGTERM in each phase",
  mark: "converges in 1 tick after restart, nothing lost or doubled",
  gate: true,
  async run({ world: open, short, random, note }) {
    const world = await open();
    const state = world.stateOf("killed");
    await world.advance();
    const audit = await beginAudit(world);
    const labels = short ? pick(LABELS, 2, random) : LABELS;
    const signals = short ? (["SIGKILL"] as const) : (["SIGKILL", "SIGTERM"] as const);
    const proxy = await httpFaultProxy(world.replica.url);
    let [late, reached, unclean] = [0, 0, 0];
    try {
      for (const [label, at, side] of labels) {
        for (const signal of signals) {
          await world.advance();
          const held = Promise.withResolvers<void>();
          const gate = Promise.withResolvers<void>();
          let used = false;
          const hold = async () => {
            held.resolve();
            await gate.promise;
          };
          proxy.rule = ({ body }: Passing): HttpFault => {
            if (used || !at.test(body)) return "none";
            used = true;
            return side === "before" ? { before: hold } : { after: hold };
          };
          const run = world.start("run --json", { TONSOR_STATE: state, RPC_URL: proxy.url });
          const ended = run.ended.then(() => "ended" as const);
          const first = await Promise.race([
            held.promise.then(() => "held" as const),
            ended,
            setTimeout(20_000, "time"),
          ]);
          if (first !== "held") note(`${label}: not waited at (${first})`);
          else reached += 1;
          // A little later, by the seed: what waits beside it has gone further or not.
          await setTimeout(Math.floor(random() * 20));
          run.kill(signal);
          if (signal === "SIGTERM") gate.resolve();
          const { code } = await run.ended;
          gate.resolve();
          if (signal === "SIGTERM" && code !== 0) unclean += 1;
          proxy.rule = () => "none";
          const sequence = (await world.chain()).sequence;
          const again = await world.tonsor("once --json", { TONSOR_STATE: state });
          const next = await world.tonsor("once --json", { TONSOR_STATE: state });
          const after = (await world.chain()).sequence;
          // One tick settles or sends what was due; the second has nothing left to do.
          if (again.code !== 0 || next.code !== 0 || after - sequence > 1n) late += 1;
        }
      }
    } finally {
      await proxy.close();
    }
    const rounds = labels.length * signals.length;
    const applied = await audit.applied();
    const ledger = await audit.ledger([state], applied > 0);
    return {
      ledger: { ...ledger, loosened: null },
      findings: [
        atMost("restarts that took more than one tick", late, 0),
        atMost("batches more than there were moves", Math.max(0, applied - rounds), 0),
        atMost("SIGTERM that did not end with 0", unclean, 0),
        holds(`killed at ${reached} of ${rounds} places`, reached >= rounds - (short ? 0 : 4)),
      ],
    };
  },
};

function pick<T>(all: readonly T[], count: number, random: () => number): readonly T[] {
  const left = [...all];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)).flat();
}
