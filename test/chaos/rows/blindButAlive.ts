import { join } from "node:path";
import { atMost, type ChaosRow, type Finding, holds, type Ledger } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import type { ChaosWorld } from "../support/chaosWorld.ts";
import { fakeTime } from "../support/fakeTime.ts";
import { type FrozenNode, frozenNode } from "../support/frozenNode.ts";
import { cyclesMore, cyclesOf, pageOf, stopped, within } from "../support/running.ts";
import { sumLedgers } from "../support/sumLedgers.ts";

/** Seconds. The fault begins within a tick, so five whole ones later is up to six from its beginning. */
const TICK = 3;
const NODES = 3;

type Blindness = {
  readonly name: string;
  /** How many of the nodes the keeper is given, and how many of them fall ill. */
  readonly given: number;
  readonly ill: number;
  readonly fault: "hang" | "cut" | "freeze";
};

/** With one of three the keeper goes on; in every other case it has nothing to believe. */
const ONE_OF_THREE: Blindness = { name: "head frozen, 1 of 3 nodes", given: NODES, ill: 1, fault: "freeze" };
const ALL: readonly Blindness[] = [
  { name: "socket hung", given: 1, ill: 1, fault: "hang" },
  { name: "head frozen", given: 1, ill: 1, fault: "freeze" },
  { name: "connection cut", given: 1, ill: 1, fault: "cut" },
  { name: "sockets hung, 2 of 3 nodes", given: NODES, ill: 2, fault: "hang" },
  { name: "head frozen, 2 of 3 nodes", given: NODES, ill: 2, fault: "freeze" },
  { name: "head frozen, 3 of 3 nodes", given: NODES, ill: 3, fault: "freeze" },
];

/** The keeper lives and sees nothing: its node hangs, or shows one old block for ever while the chain goes on. */
export const blindButAlive: ChaosRow = {
  fault: "blind but alive (head frozen, socket hung, connection cut; one node and a quorum of three)",
  mark: "`/live` 503 within 5 ticks, exit 75, recovers",
  gate: true,
  async run({ world: open, short, random, note }) {
    const world = await open();
    await world.advance();
    const ledgers: Ledger[] = [];
    const schedule = { softTimeoutSeconds: 9, hardTimeoutSeconds: 12, stageSeconds: 1, headStallSeconds: 10 };
    await world.write("quick.json", JSON.stringify({ schedule, rpc: { timeoutSeconds: 2 } }));
    const clock = await wallClock(world);
    const nodes = await Promise.all(Array.from({ length: NODES }, () => frozenNode(world.replica.url)));
    // The chain goes on behind whatever the keeper is shown.
    const blocks = setInterval(() => void world.node.mine({ blocks: 1 }).catch(() => undefined), 1_000);
    const findings: Finding[] = [];
    try {
      const cases = short ? ALL.slice(0, 2) : [...ALL, ONE_OF_THREE];
      for (const one of cases) {
        note(one.name);
        // A journal each: the ticks that fail in one case count towards the error budget of the next.
        const state = world.stateOf(one.name.replaceAll(/\W+/g, "-"));
        const audit = await beginAudit(world);
        await clock.follow();
        const urls = nodes.slice(0, one.given).map((node) => node.url);
        const rpc = one.given === 1 ? { RPC_URL: urls[0] } : { RPC_URL: undefined, RPC_URLS: urls.join(",") };
        const own = { ...rpc, TONSOR_STATE: state, TONSOR_CONFIG: "quick.json", TICK_SECONDS: String(TICK) };
        const run = world.start("run --json", { ...own, ...clock.environment });
        await run.until(() => cyclesOf(run).length >= 2, "two cycles");
        await new Promise((resolve) => setTimeout(resolve, random() * 1_000 * TICK));
        const first = Math.floor(random() * one.given);
        const ill = Array.from({ length: one.ill }, (_, n) => nodes[(first + n) % one.given] as FrozenNode);
        await begin(one, ill, world);
        if (one === ONE_OF_THREE) findings.push(...(await goesOn(run, one)));
        else findings.push(...(await givesUp(run, one)));
        for (const node of nodes) node.thaw();
        const { sequence } = (await world.chain()).writer;
        await world.advance();
        await clock.follow();
        const again = await world.tonsor("once --json", { ...own, ...clock.environment });
        const landed = again.code === 0 && (await world.chain()).writer.sequence > sequence;
        findings.push(holds(`${one.name}: the next start works, and what is due lands`, landed, String(again.code)));
        if (!landed) note(`${again.out}${again.err}`.slice(0, 3_000));
        ledgers.push(await audit.ledger([state], landed, "good"));
      }
    } finally {
      clearInterval(blocks);
      for (const node of nodes) await node.close();
    }
    return { ledger: sumLedgers(ledgers), findings };
  },
};

async function begin({ fault }: Blindness, ill: readonly FrozenNode[], world: ChaosWorld): Promise<void> {
  const { number, hash } = await world.node.getBlock({ blockTag: "latest" });
  for (const node of ill) {
    if (fault === "hang") node.hang();
    else if (fault === "cut") node.cut();
    else node.freezeAt({ number: number ?? 0n, hash: hash ?? "" });
  }
}

/** It says at `/live` that it is blind, and ends to be started again. Wall seconds, for a blind keeper has no others. */
async function givesUp(run: ReturnType<ChaosWorld["start"]>, { name, fault }: Blindness): Promise<readonly Finding[]> {
  const live = `${pageOf(run)}/live`;
  const began = performance.now();
  let ended: number | null | undefined;
  void run.ended.then(({ code }) => {
    ended = code;
  });
  const before = cyclesOf(run).length;
  let saw503 = false;
  let reason = "";
  await within(60, async () => {
    const answer = await fetch(live).catch(() => null);
    if (answer?.status === 503) {
      saw503 = true;
      reason = String(((await answer.json()) as { readonly reason?: unknown }).reason);
    }
    return saw503 || ended !== undefined;
  });
  const ticks = (performance.now() - began) / 1_000 / TICK;
  await within(30, () => ended !== undefined);
  if (ended === undefined) await stopped(run);
  // By the wall clock a hung node is a head that stands still as well: whichever limit is reached first is named.
  const still = /^the chain has been at block \d+ for \d+ s, limit /;
  const why = fault === "freeze" ? still : new RegExp(`${still.source}|^no tick has finished for \\d+ s, limit `);
  const { out, err } = run.said();
  return [
    holds(`${name}: the reason is given`, !saw503 || why.test(reason), reason),
    holds(
      `${name}: the last words say that it gives up, as STUCK`,
      /no progress: giving up/.test(err) && /"STUCK"/.test(out),
    ),
    ...(fault === "freeze" ? [holds(`${name}: cycles went on`, cyclesOf(run).length > before)] : []),
    // A tick that hangs may end the process at its hard limit, before anybody asked: then nothing answers at all.
    fault === "freeze"
      ? holds(`${name}: /live says 503`, saw503)
      : holds(`${name}: /live says 503, or nothing answers`, saw503 || ended !== undefined),
    atMost(`${name}: after`, ticks, 6, " ticks"),
    holds(`${name}: exit code 75`, ended === 75, String(ended)),
  ];
}

/** Two of three nodes are a quorum: ticks go on, and what is due lands. */
async function goesOn(run: ReturnType<ChaosWorld["start"]>, { name }: Blindness): Promise<readonly Finding[]> {
  const live = `${pageOf(run)}/live`;
  await cyclesMore(run, 7);
  const { status } = await fetch(live);
  const ill = cyclesOf(run).slice(-5);
  const failures = ill.flatMap((cycle) => cycle.failures).map(({ message }) => message);
  await stopped(run);
  return [
    holds(`${name}: /live says 200 seven ticks later`, status === 200, String(status)),
    atMost(`${name}: failures in the last five ticks`, failures.length, 0),
  ];
}

/** The machine's clock, set to the chain's: a head that stands still is noticed by this clock alone. */
async function wallClock(world: ChaosWorld) {
  const clock = fakeTime(join(world.folder, "blind-clock"));
  const follow = async () => clock.set((await world.chain()).blockTime + 1 - Date.now() / 1_000);
  await follow();
  return { environment: { ...clock.environment, TONSOR_CLOCK: "wall" }, follow };
}
