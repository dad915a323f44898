import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Intent } from "../../keeper/domain/intent.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { doublings } from "../chaos/support/doublings.ts";
import { type TcpFaultProxy, tcpFaultProxy } from "../chaos/support/tcpFaultProxy.ts";
import { type Child, startTonsor } from "../support/child.ts";
import { type RedisServer, startRedis, withoutRedis } from "../support/redisServer.ts";
import { type TestChain, type TwoChains, twoChains } from "../support/twoChains.ts";

const TICK_SECONDS = 2;
const KILLS = Number(process.env["FLEET_KILLS"] ?? 20);
const SEED = Number(process.env["FLEET_SEED"] ?? 20_261_203);

type Worker = { readonly child: Child; ended: boolean };

/** From when until when a process had a chain, Unix ms. */
type Tenure = { readonly chainId: number; readonly pid: number; readonly from: number; readonly to: number };

/** Workers of one machine, with the same two chains and the same Redis, each with room for one chain. */
describe("a fleet", { skip: withoutRedis() }, () => {
  let world: TwoChains;
  let redis: RedisServer;
  let severed: TcpFaultProxy;
  const workers = new Set<Worker>();
  const tenures: Tenure[] = [];
  let random = SEED;
  const chance = () => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return random / 2 ** 32;
  };
  const start = (port = redis.port) => {
    const words = ["run", "--json", ...world.chains.flatMap(({ envFile }) => ["--env", envFile])];
    const own = { FLEET_CHAINS: "1", REDIS_URL: `redis://127.0.0.1:${port}`, LOG_LEVEL: "debug" };
    const environment = { ...world.environment, ...own, TONSOR_CONFIG: join(world.folder, "patient.json") };
    const worker: Worker = { child: startTonsor(words, environment, world.folder), ended: false };
    void worker.child.ended.then(() => (worker.ended = true));
    workers.add(worker);
    return worker;
  };
  type Line = { readonly time: string; readonly msg: string; readonly lease?: string; readonly chain?: number };
  const lines = ({ child }: Worker): readonly Line[] => {
    const { err } = child.said();
    const whole = err.slice(0, err.lastIndexOf("\n") + 1).split("\n");
    return whole.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Line] : []));
  };
  const of = ({ chainId }: TestChain, { lease, chain }: Line) => chain === chainId || lease?.startsWith(`${chainId}-`);
  const cycles = (worker: Worker, chain: TestChain) =>
    lines(worker).filter((line) => line.msg === "cycle" && of(chain, line)).length;
  /** The worker that began the chain last. */
  const ownerOf = (chain: TestChain): Worker | null => {
    const taken = [...workers].flatMap((worker) =>
      lines(worker)
        .filter((line) => line.msg === "this worker has the chain" && of(chain, line))
        .map(({ time }) => ({ worker, time })),
    );
    return taken.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time)).at(-1)?.worker ?? null;
  };
  const until = async (done: () => boolean | Promise<boolean>, what: string) => {
    for (const end = performance.now() + 240_000; performance.now() < end; await setTimeout(50)) {
      if (await done()) return;
      if ([...workers].some(({ ended }) => ended)) break;
    }
    const said = [...workers].map(({ child }) => `${child.pid}: ${child.said().err.slice(-1_500)}`);
    assert.fail(`${what}: not seen\n${said.join("\n")}`);
  };
  const owned = (chain: TestChain, but: Worker | null = null) =>
    until(() => {
      const owner = ownerOf(chain);
      return owner !== null && owner !== but && cycles(owner, chain) > 0;
    }, `another worker on chain ${chain.chainId}`);
  const batches = async ({ client, deployment }: TestChain) =>
    readBatches(client, deployment.contract.address, { fromBlock: 0n, toBlock: await client.getBlockNumber() });
  const intents = ({ chainId, deployment, state }: TestChain): readonly Intent[] => {
    const journal = openJournal(join(state, "journal.sqlite"), { chainId, contract: deployment.contract.address });
    try {
      journal.integrity();
      return journal.recentIntents(10_000);
    } finally {
      journal.close();
    }
  };
  /** Nothing was sent twice, nothing is on chain that the journal does not know, and no nonce was skipped. */
  const audit = async () => {
    for (const chain of world.chains) {
      await until(
        () => intents(chain).every(({ status }) => !["PLANNED", "SENT", "UNKNOWN"].includes(status)),
        "an end of all",
      );
      const [applied, all] = [await batches(chain), intents(chain)];
      const confirmed = all.filter(({ status }) => status === "CONFIRMED");
      assert.deepEqual(
        applied.map(({ transactionHash }) => transactionHash).toSorted(),
        confirmed.map(({ transactionHash }) => transactionHash).toSorted(),
      );
      assert.equal(doublings(applied), 0);
      const used = all
        .filter(({ status }) => status === "CONFIRMED" || status === "REVERTED")
        .map(({ nonce }) => nonce);
      const address = chain.replica.accounts.keeper.address;
      const count = await chain.client.getTransactionCount({ address });
      assert.deepEqual(
        used.toSorted((a, b) => a - b),
        [...Array(count).keys()],
        "each nonce once, and all of them ours",
      );
    }
  };
  const kill = async (worker: Worker) => {
    worker.child.kill("SIGKILL");
    await worker.child.ended;
    const gone = Date.now();
    for (const { chainId } of world.chains) {
      const from = lines(worker).find(
        ({ msg, lease }) => msg === "this worker has the chain" && lease?.startsWith(`${chainId}-`),
      );
      if (from !== undefined) tenures.push({ chainId, pid: worker.child.pid, from: Date.parse(from.time), to: gone });
    }
    workers.delete(worker);
  };

  before(async () => {
    [world, redis] = await Promise.all([twoChains(TICK_SECONDS), startRedis()]);
    severed = await tcpFaultProxy(redis.port);
    const schedule = { softTimeoutSeconds: 600, hardTimeoutSeconds: 900, headStallSeconds: 3_600 };
    writeFileSync(join(world.folder, "patient.json"), JSON.stringify({ rpc: { timeoutSeconds: 60 }, schedule }));
    start();
    start();
    await Promise.all(world.chains.map((chain) => owned(chain)));
  });
  after(async () => {
    for (const { child } of workers) child.kill("SIGKILL");
    await Promise.all([...workers].map(({ child }) => child.ended));
    await severed?.close();
    await redis?.close();
    await world?.close();
  });

  it("gives each chain to one worker, which has room for no second, and a spare one waits", async () => {
    const [first, second] = world.chains.map(ownerOf);
    assert.notEqual(first, second);
    const spare = start();
    await until(
      async () => (await redis.command("DBSIZE")).length > 0 && spare.child.said().err.length >= 0,
      "the spare",
    );
    await setTimeout(6_000);
    assert.deepEqual(
      lines(spare).filter(({ msg }) => msg !== "the fleet's Redis complains"),
      [],
    );
    for (const { deployment, chainId } of world.chains) {
      const holder = await redis.command(`GET tonsor:fleet:${chainId}-${deployment.contract.address.toLowerCase()}-0`);
      assert.match(
        holder,
        new RegExp(` ${ownerOf(world.chains.find((one) => one.chainId === chainId) as TestChain)?.child.pid} `),
      );
    }
  });

  it(`loses and doubles nothing when workers are killed ${KILLS} times, at random moments`, async (t) => {
    const took: number[] = [];
    for (let n = 0; n < KILLS; n++) {
      if (n % 2 === 0) await world.moveOn();
      await setTimeout(chance() * 4_000);
      const chain = world.chains[chance() < 0.5 ? 0 : 1] as TestChain;
      const victim = ownerOf(chain) as Worker;
      const at = performance.now();
      await kill(victim);
      start();
      await owned(chain, victim);
      took.push((performance.now() - at) / 1_000);
      for (const one of world.chains) await owned(one);
    }
    t.diagnostic(
      `seed ${SEED}; from kill to the next worker's first cycle, s: ${took.map((s) => s.toFixed(1)).join(" ")}`,
    );
    await audit();
    for (const chainId of world.chains.map((chain) => chain.chainId)) {
      const inOrder = tenures.filter((one) => one.chainId === chainId).toSorted((a, b) => a.from - b.from);
      for (const [n, { from }] of inOrder.entries()) {
        const before = inOrder[n - 1];
        assert.ok(before === undefined || before.to <= from, `two workers at once on chain ${chainId}`);
      }
    }
  });

  it("fences a worker that was stopped for longer than its lease in the middle of a look, and wakes with an update due", async () => {
    const [chain] = world.chains;
    const sleeper = ownerOf(chain) as Worker;
    await until(() => intents(chain).every(({ status }) => status === "CONFIRMED" || status === "REVERTED"), "rest");
    const before = (await batches(chain)).length;
    // Its look has begun and waits for the node when it is stopped; the answers lie in its sockets when it wakes.
    const seen = cycles(sleeper, chain);
    await until(() => cycles(sleeper, chain) > seen, "a cycle");
    chain.hang(true);
    await world.moveOn();
    await setTimeout(TICK_SECONDS * 1_000 + 500);
    sleeper.child.kill("SIGSTOP");
    chain.hang(false);
    await owned(chain, sleeper);
    await until(async () => (await batches(chain)).length > before, "the other's update");
    const sent = (await batches(chain)).length;
    const ticks = cycles(sleeper, chain);
    sleeper.child.kill("SIGCONT");
    await until(
      () => lines(sleeper).some(({ msg }) => /has this chain: it ends here|gives up/.test(msg)),
      "that it has lost the chain",
    );
    await setTimeout(3 * TICK_SECONDS * 1_000);
    assert.equal(cycles(sleeper, chain), ticks, "no cycle of its own since");
    assert.equal((await batches(chain)).length, sent);
    await audit();
  });

  it("fences a worker that lives and is cut off from Redis alone: the journal refuses it, and it sends nothing more", async () => {
    const [, chain] = world.chains;
    const other = ownerOf(world.chains[0]) as Worker;
    for (const worker of [...workers]) if (worker !== other) await kill(worker);
    const alone = start(severed.port);
    await owned(chain);
    assert.equal(ownerOf(chain), alone);
    severed.mode = "swallow";
    start();
    await owned(chain, alone);
    await until(
      () => alone.child.said().err.includes("the journal was taken over by another worker"),
      "that it is refused",
    );
    await world.moveOn();
    const before = (await batches(chain)).length;
    await until(async () => (await batches(chain)).length > before, "an update of the one that has it");
    await audit();
    severed.mode = "pass";
  });

  it("goes on while Redis is gone, and then takes what a killed worker ran by its folder alone", async () => {
    const [chain] = world.chains;
    await redis.kill();
    const owner = ownerOf(chain) as Worker;
    const seen = cycles(owner, chain);
    await until(() => cycles(owner, chain) >= seen + 10, "ten cycles without Redis");
    await kill(owner);
    start();
    await owned(chain, owner);
    const next = ownerOf(chain) as Worker;
    await redis.restart();
    await setTimeout(8_000);
    assert.equal(ownerOf(chain), next, "who runs it keeps it when Redis is back");
    await audit();
  });

  it("hands a chain on at once when its worker is asked to stop", async (t) => {
    const [chain] = world.chains;
    const owner = ownerOf(chain) as Worker;
    start();
    await setTimeout(3_000);
    const at = performance.now();
    workers.delete(owner);
    owner.child.kill("SIGTERM");
    assert.equal((await owner.child.ended).code, 0);
    await owned(chain, owner);
    t.diagnostic(`from SIGTERM to the next worker's first cycle: ${((performance.now() - at) / 1_000).toFixed(1)} s`);
    await audit();
  });
});
