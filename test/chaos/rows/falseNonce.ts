import { type Asked, type NodeProxy, nodeProxy } from "../../io/quorum/nodeProxy.ts";
import type { Child } from "../../support/child.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit, journal, OPEN } from "../support/audit.ts";
import { type ChaosWorld, PATIENT_SCHEDULE } from "../support/chaosWorld.ts";
import { openPager, type Pager } from "../support/pager.ts";
import { PATIENT, pageOf, patientOnce, stopped, within } from "../support/running.ts";
import { eachSetBack, type WorldSetBack } from "../support/worldSetBack.ts";

/** A keeper that runs behind a node which may lie. */
type Play = {
  readonly world: ChaosWorld;
  readonly state: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly node: NodeProxy;
  readonly pager: Pager;
  /** What the node says that the key's next nonce is. */
  readonly lie: number;
  readonly run: Child;
};

/** `before`: whether the journal saw the key in a block before the node lied. */
type Case = { readonly name: string; readonly before: boolean; play(play: Play): Promise<readonly Finding[]> };

const CASES: readonly Case[] = [
  {
    name: "one lie",
    before: true,
    async play(play) {
      const { world, state, node, lie } = play;
      const planned = journal(world, state).length;
      // Of what is latest and what waits; the block that they are held against is answered in earnest.
      node.become(lying(({ params }) => (String(params[1]).startsWith("0x") ? null : lie)));
      await world.advance();
      const told = await toldOf(play, "one lie");
      node.become({ kind: "honest" });
      return [...told, atMost("one lie: signed", journal(world, state).length - planned, 0)];
    },
  },
  {
    name: "tx cancel",
    before: false,
    async play(play) {
      const { world, environment, lie } = play;
      const stranded = await strand(play);
      const told = await toldOf(play, "tx cancel");
      const listed = await world.tonsor("tx list --open --json", environment);
      const { code, out, err } = await world.tonsor("tx cancel --json", environment);
      return [
        holds("tx cancel: a lie that lasts is signed for, and waits", stranded),
        ...told,
        holds("tx cancel: tx list --open shows what waits", new RegExp(`"nonce": ${lie}\\b`).test(listed.out)),
        holds("tx cancel: it is given up", code === 0 && /"status": "DROPPED"/.test(out), `${code} ${err}`.trim()),
      ];
    },
  },
  {
    name: "deadline",
    before: true,
    async play(play) {
      const stranded = await strand(play);
      const told = await toldOf(play, "deadline");
      await play.world.advance();
      return [holds("deadline: a lie that lasts is signed for, and waits", stranded), ...told];
    },
  },
];

/** The one node's word on the key's next nonce is false, for one look or for as long as it takes to be believed. */
export const falseNonce: ChaosRow = {
  fault: "the one node lies about the key's next nonce, once or until it is believed",
  mark: "alert and /ready 503 in a minute, no filler is paid, tx cancel or the deadline frees the key, the next batch lands",
  gate: false,
  run: async ({ random, short, note }) =>
    // A nonce for each: the node's pool remembers what a chain that was set back forgot.
    eachSetBack(short ? CASES.slice(0, 2) : CASES, note, async (one, own) =>
      through(one, own, 100_000 + Math.floor(random() * 900_000)),
    ),
};

async function through({ name, before, play }: Case, { world }: WorldSetBack, lie: number) {
  const state = world.stateOf(`nonce-${name.replaceAll(" ", "-")}`);
  const [node, pager] = await Promise.all([nodeProxy(world.replica.url), openPager()]);
  const transactions = { receiptTimeoutSeconds: 1, pollMilliseconds: 100, confirmations: 2 };
  await world.write("nonce.json", JSON.stringify({ ...PATIENT, schedule: PATIENT_SCHEDULE, transactions }));
  const environment = {
    TONSOR_STATE: state,
    TONSOR_CONFIG: "nonce.json",
    RPC_URL: node.url,
    ALERT_WEBHOOK_URL: pager.url,
  };
  const audit = await beginAudit(world);
  try {
    if (before) await patientOnce(world, environment);
    await world.node.mine({ blocks: transactions.confirmations + 1 });
    const { sequence } = (await world.chain()).writer;
    const run = world.start("run --json", { ...environment, LOG_LEVEL: "info" });
    await run.until(({ err }) => err.includes("keeper started"), "its start");
    const findings = [...(await play({ world, state, environment, node, pager, lie, run }))];
    const landed = await within(90, async () => (await world.chain()).writer.sequence > sequence);
    findings.push(
      holds(`${name}: the next batch lands`, landed),
      holds(`${name}: the alert ends`, await within(90, pager.ended)),
    );
    await stopped(run);
    const last = await patientOnce(world, environment);
    const rows = journal(world, state);
    findings.push(
      atMost(`${name}: transactions that only fill a nonce`, rows.filter(({ kind }) => kind === "CANCEL").length, 0),
      atMost(`${name}: left open`, rows.filter(({ status }) => OPEN.includes(status)).length, 0),
    );
    // The market is moved on by hours, so what falls due in them is not the keeper's.
    const ledger = { ...(await audit.ledger([state], last.code === 0, "good")), liquidations: null };
    return { ledger, findings };
  } finally {
    await Promise.all([pager.close(), node.close()]);
  }
}

/** What whoever watches is told while the nonce is not clear. */
async function toldOf({ pager, run }: Play, name: string): Promise<readonly Finding[]> {
  const alerted = await within(60, () => pager.fired().includes("TonsorNonceUnclear"));
  const ready = await fetch(`${pageOf(run)}/ready`);
  const words = await ready.text();
  return [
    holds(`${name}: alerted within a minute`, alerted, pager.fired().join(", ") || "none"),
    holds(`${name}: /ready says so`, ready.status === 503 && words.includes("nonce: "), `${ready.status}`),
  ];
}

/** Has a batch signed for the lie, and the node honest again. */
async function strand({ world, state, node, lie }: Play): Promise<boolean> {
  node.become(lying(() => lie));
  await world.advance();
  const waits = () => journal(world, state).some(({ nonce, status }) => nonce === lie && status === "SENT");
  const signed = await within(90, waits);
  node.become({ kind: "honest" });
  return signed;
}

/** A node that answers what `next` gives for a question about a nonce; null: the truth. */
function lying(next: (asked: Asked) => number | null) {
  const lie = (asked: Asked) => {
    const said = asked.method === "eth_getTransactionCount" ? next(asked) : null;
    return said === null ? undefined : `0x${said.toString(16)}`;
  };
  return { kind: "lies", lie } as const;
}
