import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { lockInstance } from "../../keeper/journal/instanceLock.ts";
import { openFleet } from "../../keeper/operations/fleet.ts";
import type { Logger } from "../../keeper/runtime/logger.ts";
import { startTonsor } from "../support/child.ts";
import { recordWithoutChain } from "../support/recordWithoutChain.ts";
import { type RedisServer, startRedis, withoutRedis } from "../support/redisServer.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

type Chain = { readonly name: string; readonly state: string };

/** Workers of one fleet over a real redis-server, and chains that run until they are asked to stop. */
describe("workers of a fleet", { skip: withoutRedis(), concurrency: true }, () => {
  let redis: RedisServer;
  const servers: RedisServer[] = [];
  const ownRedis = async () => {
    const own = await startRedis();
    servers.push(own);
    return own;
  };
  const ends: (() => Promise<void>)[] = [];
  const folder = temporaryFolder();
  let chains = 0;
  const chain = (): Chain => ({ name: `chain-${++chains}`, state: join(folder, `state-${chains}`) });
  const running = (...workers: readonly Worker[]) => workers.map(({ has }) => [...has].sort());
  const keyOf = async ({ name }: Chain, server = redis) => (await server.command(`EXISTS tonsor:fleet:${name}`)).trim();

  type Worker = Awaited<ReturnType<typeof workOn>>;
  /** A worker with room for `most` that waits for its turn on each of the chains. */
  const work = (most: number, ...offered: readonly Chain[]) => workOn(redis, most, ...offered);
  const workOn = async (server: RedisServer, most: number, ...offered: readonly Chain[]) => {
    const [stop, has, said] = [new AbortController(), new Set<string>(), [] as string[]];
    const note = (_: unknown, text: string) => void said.push(text);
    const log = { info: note, warn: note } as unknown as Logger;
    const fleet = await openFleet({ most, redisUrl: server.url, log, signal: stop.signal });
    let begun = 0;
    const run = ({ name }: Chain, signal: AbortSignal) => {
      has.add(name);
      begun += 1;
      return new Promise<void>((resolve) => {
        const end = () => resolve(void has.delete(name));
        if (signal.aborted) end();
        signal.addEventListener("abort", end);
      });
    };
    const keep = async (one: Chain) => {
      while (!stop.signal.aborted) await fleet.inTurn(one, (signal) => run(one, signal));
    };
    const all = Promise.all(offered.map(keep));
    const end = async () => {
      stop.abort();
      await all;
      fleet.close();
    };
    ends.push(end);
    return { has, said, end, fleet, stop, begun: () => begun };
  };
  const until = async (done: () => boolean | Promise<boolean>, what: string) => {
    for (let tries = 0; tries < 600; tries++, await setTimeout(25)) if (await done()) return;
    assert.fail(`${what}: not seen`);
  };

  before(async () => {
    redis = await ownRedis();
  });
  after(async () => {
    await Promise.all(ends.map((end) => end()));
    await Promise.all(servers.map((server) => server.close()));
  });

  it("are given one chain each where they have room for one; the third waits, and has what one hands on at once", async () => {
    const [one, other] = [chain(), chain()];
    const [first, second] = [await work(1, one, other), await work(1, one, other)];
    await until(() => first.has.size + second.has.size === 2, "both chains");
    const third = await work(1, one, other);
    await setTimeout(2_500);
    assert.deepEqual(
      running(first, second, third).map((names) => names.length),
      [1, 1, 0],
    );
    const [handed] = first.has;
    await first.end();
    assert.equal(await keyOf(one.name === handed ? one : other), ":0", "the lease is given back by the end");
    await until(() => third.has.has(handed ?? ""), "that the third has it");
    assert.equal(second.has.size, 1);
  });

  it("run at most as many as they may, and all of them when no other is left", async () => {
    const three = [chain(), chain(), chain()];
    const first = await work(2, ...three);
    await until(() => first.has.size === 2, "two of them");
    const second = await work(3, ...three);
    await until(() => first.has.size + second.has.size === 3, "all three");
    assert.equal(first.has.size, 2);
    await first.end();
    await until(() => second.has.size === 3, "that one has all");
    assert.deepEqual(running(second)[0], three.map(({ name }) => name).sort());
  });

  it("end a chain whose lease is another's: it was lost with what Redis held, and another took it", async () => {
    const one = chain();
    const first = await work(1, one);
    await until(() => first.has.size === 1, "the chain");
    await redis.command(`SET tonsor:fleet:${one.name} another PX 4000`);
    await until(() => first.has.size === 0, "that it ends");
    assert.match(first.said.join("\n"), /another worker of the fleet has this chain: it ends here/);
    assert.match(await redis.command(`GET tonsor:fleet:${one.name}`), /another/, "whose lease it is keeps it");
    await until(() => first.has.size === 1, "that it has it again when that one is gone");
    assert.equal(first.begun(), 2);
  });

  it("keep it by renewing where Redis has only forgotten it", async () => {
    const one = chain();
    const first = await work(1, one);
    await until(() => first.has.size === 1, "the chain");
    await redis.command(`DEL tonsor:fleet:${one.name}`);
    await until(async () => (await keyOf(one)) === ":1", "the lease again");
    assert.deepEqual([first.begun(), first.has.size], [1, 1]);
  });

  it("leave a chain whose state folder another process has alone, and its lease with it", async () => {
    const one = chain();
    const alone = lockInstance(one.state);
    const first = await work(1, one);
    await setTimeout(500);
    assert.deepEqual([first.has.size, await keyOf(one)], [0, ":0"]);
    alone.release();
    await until(() => first.has.size === 1, "the chain");
    assert.throws(() => lockInstance(one.state), { code: "STATE_IN_USE" });
  });

  it("take the chain of one that is stopped and still has its folder when its lease has ended, but not while Redis is gone", async () => {
    const one = chain();
    const stopped = lockInstance(one.state, "workers");
    const own = await ownRedis();
    await own.kill();
    const first = await workOn(own, 1, one);
    await until(() => /ECONNREFUSED/.test(first.said.join()), "a look without Redis");
    await setTimeout(500);
    assert.equal(first.has.size, 0);
    await own.restart();
    await until(() => first.has.size === 1, "the chain");
    stopped.release();
  });

  it("say why a chain's folder cannot be had, and give back its lease and the room", async () => {
    const [wrong, right] = [chain(), chain()];
    writeFileSync(wrong.state, "a file");
    const first = await work(1);
    await assert.rejects(
      first.fleet.inTurn(wrong, async () => assert.fail("it ran")),
      { code: "BAD_CONFIG" },
    );
    assert.equal(await keyOf(wrong), ":0");
    const broken = first.fleet.inTurn(right, () => Promise.reject(new Error("broke")));
    await assert.rejects(broken, { message: "broke" });
    assert.equal(await keyOf(right), ":0");
    lockInstance(right.state).release();
    await first.fleet.inTurn(right, async () => {});
  });

  it("that are asked to stop while they ask for a chain begin none and leave no lease", async () => {
    const one = chain();
    const first = await work(1);
    const asked = first.fleet.inTurn(one, async () => assert.fail("it ran"));
    // The question waits for the connection.
    await setTimeout(0);
    first.stop.abort();
    await asked;
    assert.equal(await keyOf(one), ":0");
  });

  const LEASE = "tonsor:fleet:31337-0x5fbdb2315678afecb367f032d93f642f64180aa3";
  /** A worker as a process, of one chain whose node is not there or is at `node`. */
  const startWorker = (rank: number, more: Readonly<Record<string, string>> = {}) => {
    const here = temporaryFolder();
    const [state, file] = [join(here, "state"), join(here, "a.env")];
    writeFileSync(file, `CHAIN_ID=31337\nTONSOR_STATE=${state}\nINSTANCE_RANK=${rank}\nSTATUS_PORT=0\n`);
    const environment = {
      ...{ PATH: process.env["PATH"], TONSOR_DEPLOYMENTS: recordWithoutChain(join(here, "records")) },
      ...{ RPC_URL: "http://127.0.0.1:9", VENUE_URLS: "deribit=http://127.0.0.1:9", TICK_SECONDS: "1" },
      ...{ FLEET_CHAINS: "1", REDIS_URL: redis.url, ...more },
    };
    const child = startTonsor(["run", "--env", file], environment, here);
    ends.push(async () => child.kill("SIGKILL"));
    return { child, state };
  };

  it("that are processes name the chain's lease, end the chain when it is another's, and themselves with 0 and without it when asked to", async () => {
    const { child, state } = startWorker(1);
    await child.until(({ err }) => err.includes("tick failed"), "a tick");
    assert.match(await redis.command(`GET ${LEASE}-1`), new RegExp(` ${child.pid} `));
    assert.throws(() => lockInstance(state), { code: "STATE_IN_USE" });
    await redis.command(`SET ${LEASE}-1 another PX 4000`);
    const order = /it ends here[\s\S]*keeper stopped[\s\S]*this worker has the chain[\s\S]*tick failed/;
    await child.until(({ err }) => order.test(err), "that it ends the chain, and has it again");
    child.kill("SIGTERM");
    assert.equal((await child.ended).code, 0);
    assert.match(await redis.command(`EXISTS ${LEASE}-1`), /^:0/, "given back by the end");
  });

  it("that lost a chain while they opened it leave the journal to whose it is", async () => {
    const answer = Promise.withResolvers<void>();
    const node = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      await answer.promise;
      const block = { number: "0x1", timestamp: "0x6979d7af", hash: `0x${"1".repeat(64)}`, transactions: [] };
      const reply = ({ id, method }: { id: number; method: string }) => {
        const result = /getBlock/.test(method) ? block : "0x7a69";
        return { jsonrpc: "2.0", id, result };
      };
      const asked = JSON.parse(Buffer.concat(parts).toString());
      response.end(JSON.stringify(Array.isArray(asked) ? asked.map(reply) : reply(asked)));
    }).listen(0, "127.0.0.1");
    await once(node, "listening");
    const RPC_URL = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
    const { child, state } = startWorker(2, { RPC_URL, TONSOR_CLOCK: "chain" });
    await child.until(({ err }) => err.includes("this worker has the chain"), "the chain");
    await redis.command(`SET ${LEASE}-2 another`);
    await child.until(({ err }) => err.includes("it ends here"), "that it is lost");
    answer.resolve();
    await until(() => existsSync(join(state, "journal.sqlite")), "the journal");
    child.kill("SIGTERM");
    assert.equal((await child.ended).code, 0);
    node.close();
    const journal = new DatabaseSync(join(state, "journal.sqlite"), { readOnly: true });
    assert.equal(journal.prepare("SELECT owner FROM identity").get()?.["owner"], 0);
    journal.close();
    assert.match(await redis.command(`GET ${LEASE}-2`), /another/);
  });

  it("go on while Redis stands still, and one of them has the chain when it is back; it is told of", async () => {
    const own = await ownRedis();
    const one = chain();
    const first = await workOn(own, 1, one);
    await until(() => first.has.size === 1, "the chain");
    const second = await workOn(own, 1, one);
    own.signal("SIGSTOP");
    await until(() => /Redis has not answered for 3000 ms/.test(first.said.join()), "the complaint");
    await until(() => /Redis has not answered for 3000 ms/.test(second.said.join()), "the other's complaint");
    assert.deepEqual([first.has.size, second.has.size, first.begun()], [1, 0, 1]);
    own.signal("SIGCONT");
    // As after a stop that its lease did not outlast.
    await own.command(`DEL tonsor:fleet:${one.name}`);
    await until(async () => (await keyOf(one, own)) === ":1" && first.has.size + second.has.size === 1, "one of them");
    await Promise.all([first.end(), second.end()]);
  });

  it("take what nobody runs by its folder alone while Redis is gone, and keep it when it is back", async () => {
    const own = await ownRedis();
    await own.kill();
    const one = chain();
    const first = await workOn(own, 1, one);
    await until(() => first.has.size === 1, "the chain");
    const second = await workOn(own, 1, one);
    assert.throws(() => lockInstance(one.state, "workers"), { code: "STATE_IN_USE" }, "alone");
    await own.restart();
    await until(async () => (await keyOf(one, own)) === ":1" && first.has.size + second.has.size === 1, "the lease");
    await first.end();
    await until(() => second.has.size === 1, "the next one");
  });
});
