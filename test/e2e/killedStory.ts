import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { AppliedBatch, Hex } from "../../keeper/domain/contract.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import type { Intent } from "../../keeper/domain/intent.ts";
import type { Journal, TickRow } from "../../keeper/domain/journal.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { readHaircuts } from "../../scripts/lab/contractModel/read.ts";
import { readEvents } from "../../scripts/lab/contractModel/readEvents.ts";
import { rebuildFromEvents } from "../../scripts/lab/contractModel/rebuild.ts";
import type { ContractState } from "../../scripts/lab/contractModel/state.ts";
import type { Child, Ended } from "../support/child.ts";
import { type CycleLine, cycleLines } from "../support/cycleLines.ts";
import type { KeeperWorld } from "../support/keeperWorld.ts";
import { type Lender, testLender } from "../support/testLender.ts";

const HOUR = 3_600;
const DAY = 86_400;
/** Looks at the crash before the kill. */
const BEFORE_KILL = 5;
/** Hours after the newest datum on chain at which the silence is looked at; the ttl is 24 h, the decay another 24 h. */
const HOURS = [6, 12, 18, 24, 30, 36, 42, 48, 60, 72];

type View = Awaited<ReturnType<KeeperWorld["chain"]>>;

/** What was seen at one moment of the silence. */
type Look = { readonly hours: number; readonly weth: OnChainMarket; readonly liquidatable: readonly boolean[] };

/** Everything that the tests ask about. Positions: WETH and WBTC at the edge of initial before the kill, WETH at the edge after it, WETH half a basis point short of the end of the ramp. */
export type Story = {
  readonly killed: { readonly ended: Ended; readonly open: readonly Intent[]; readonly sequence: number };
  readonly looks: readonly Look[];
  /** A position one and a half basis points inside the ramp's end: healthy at the kill, liquidatable at the end. */
  readonly inTheRampsWay: readonly boolean[];
  readonly back: { readonly before: View; readonly after: View; readonly ended: Ended };
  readonly cycles: readonly CycleLine[];
  readonly liquidatable: { readonly before: readonly boolean[]; readonly after: readonly boolean[] };
  readonly intents: readonly Intent[];
  readonly ticks: readonly TickRow[];
  readonly applied: readonly AppliedBatch[];
  readonly rebuilt: ContractState;
};

/** Runs the keeper as a process through the fall, kills it while it sends, keeps silent for three days, starts it again. */
export async function killedStory(world: KeeperWorld, instants: readonly number[]): Promise<Story> {
  const accounts = (await world.node.getAddresses()).slice(5);
  const [edge = "0x", edgeLate = "0x", near = "0x", past = "0x"] = accounts;
  const [weth, wbtc] = [await testLender(world, "WETH"), await testLender(world, "WBTC")];
  const positions: readonly (readonly [Lender, Hex])[] = [
    [weth, edge],
    [wbtc, edge],
    [weth, edgeLate],
    [weth, near],
  ];
  const liquidatable = () => Promise.all(positions.map(([lender, account]) => lender.isLiquidatable(account)));

  // A heartbeat is due six hours after the last update at the latest: there it is certain that something is sent.
  const kill = instants.findIndex((time, i) => i >= BEFORE_KILL && time - (instants[i - 1] ?? time) >= 6 * HOUR);
  assert.ok(kill > 0, "the calendar has no two looks six hours apart");
  const child = world.start("run --json");
  await child.until(({ out }) => cycleLines(out).length > 0, "the first cycle");
  for (const instant of instants.slice(1, kill)) {
    await whileStopped(child, () => world.moveTo(instant));
    await child.until(({ out }) => (cycleLines(out).at(-1)?.time ?? 0) >= instant, `a look at ${instant}`);
  }
  await whileStopped(child, async () => {
    await world.moveTo(instants[kill] ?? 0);
    await weth.borrowAtTheEdge(edge);
    await wbtc.borrowAtTheEdge(edge);
    await world.node.setAutomine(false);
  });
  const sequence = (await world.chain()).writer.sequence + 1;
  await killOnceApplied(world, child);
  const killed = { ended: await child.ended, open: journal(world, (store) => store.openIntents()), sequence };

  const [state] = (await world.chain()).markets;
  assert.ok(state !== undefined);
  const { chainId, contract } = world.deployment;
  const client = chainClient({ chainId, rpc: world.replica.url });
  const told = await readEvents(client, contract.address, { fromBlock: 0n, toBlock: await client.getBlockNumber() });
  const stale = state.asOf + state.limits.ttlHours * HOUR;
  const rampEnd = readHaircuts(rebuildFromEvents(told), state.marketId, stale).maintenanceBps;
  await weth.borrowAtTheEdge(edgeLate);
  await weth.borrowUpTo(near, rampEnd + 0.5);
  await weth.borrowUpTo(past, rampEnd - 1.5);
  const look = async (hours: number): Promise<Look> => {
    const [market] = (await world.chain()).markets;
    assert.ok(market !== undefined);
    return { hours, weth: market, liquidatable: await liquidatable() };
  };
  const healthy = await weth.isLiquidatable(past);
  const looks = [await look(0)];
  for (const hours of HOURS) {
    await world.passTo(state.asOf + hours * HOUR);
    looks.push(await look(hours));
  }
  const inTheRampsWay = [healthy, await weth.isLiquidatable(past)];

  const back = instants.find((instant) => instant > state.asOf + 3 * DAY);
  assert.ok(back !== undefined, "the calendar ends too early");
  await world.moveTo(back);
  const [before, ill] = [await world.chain(), await liquidatable()];
  const again = world.start("run --json");
  await again.until(({ out }) => cycleLines(out).length >= 4, "four cycles after the restart");
  again.kill("SIGINT");
  const ended = await again.ended;
  const after = await world.chain();
  const span = { fromBlock: 0n, toBlock: after.blockNumber };
  return {
    killed,
    looks,
    inTheRampsWay,
    back: { before, after, ended },
    cycles: cycleLines(ended.out),
    liquidatable: { before: ill, after: await liquidatable() },
    intents: journal(world, (store) => store.recentIntents(1_000)).toReversed(),
    ticks: journal(world, (store) => store.recentTicks(1_000)),
    applied: await readBatches(client, contract.address, span),
    rebuilt: rebuildFromEvents(await readEvents(client, contract.address, span)),
  };
}

/** Does something to the world between two looks of a keeper: no look falls into the middle of it. */
async function whileStopped(child: Child, work: () => Promise<void>): Promise<void> {
  child.kill("SIGSTOP");
  await work();
  child.kill("SIGCONT");
}

/** Stops the keeper while what it sent waits for a block, mines that, and kills the keeper before it can see it. */
async function killOnceApplied({ node }: KeeperWorld, child: Child): Promise<void> {
  const deadline = performance.now() + 30_000;
  while ((await node.getTxpoolStatus()).pending === 0) {
    if (performance.now() > deadline) throw new Error(`no transaction came: ${child.said().out.slice(-2_000)}`);
    await setTimeout(5);
  }
  child.kill("SIGSTOP");
  await node.mine({ blocks: 1 });
  await node.setAutomine(true);
  child.kill("SIGKILL");
}

/** Reads the journal as the keeper left it. */
function journal<T>(world: KeeperWorld, read: (store: Journal) => T): T {
  const { chainId, contract } = world.deployment;
  const store = openJournal(join(world.state, "journal.sqlite"), { chainId, contract: contract.address });
  try {
    store.integrity();
    return read(store);
  } finally {
    store.close();
  }
}
