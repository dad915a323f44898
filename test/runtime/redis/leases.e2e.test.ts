import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { after, before, beforeEach, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { type Leases, openLeases } from "../../../keeper/runtime/redis/leases.ts";
import { type TcpFaultProxy, tcpFaultProxy } from "../../chaos/support/tcpFaultProxy.ts";
import { type RedisServer, startRedis, withoutRedis } from "../../support/redisServer.ts";

const KEY = "tonsor:fleet:1-0xabc-0";
const NAME = "1-0xabc-0";

describe("a lease on Redis", { skip: withoutRedis() }, () => {
  let redis: RedisServer;
  let proxy: TcpFaultProxy;
  const opened: Leases[] = [];
  const open = (url = redis.url) => {
    const leases = openLeases(url, () => {});
    opened.push(leases);
    return leases;
  };
  const say = async (line: string) => (await redis.command(line)).trim();
  const left = async () => Number((await say(`PTTL ${KEY}`)).slice(1));
  before(async () => {
    redis = await startRedis();
    proxy = await tcpFaultProxy(redis.port);
  });
  beforeEach(() => redis.command("FLUSHALL"));
  after(async () => {
    for (const one of opened) one.close();
    await proxy.close();
    await redis.close();
  });

  it("is one holder's at a time, who keeps it, names itself and gives it up; nobody else can", async () => {
    const [one, other] = [open(), open()];
    assert.deepEqual([await one.hold(NAME), await other.hold(NAME), await one.hold(NAME)], [true, false, true]);
    assert.match(await say(`GET ${KEY}`), new RegExp(`\\S+ ${process.pid} [0-9a-f-]{36}$`));
    assert.equal(await other.hold("1-0xdef-0"), true);
    await other.release(NAME);
    assert.equal(await other.hold(NAME), false);
    await one.release(NAME);
    assert.equal(await other.hold(NAME), true);
  });

  it("lasts for 15 s from when it was last taken, and is the next one's once it has ended", async () => {
    const [one, other] = [open(), open()];
    await one.hold(NAME);
    await say(`PEXPIRE ${KEY} 5000`);
    assert.equal(await other.hold(NAME), false);
    assert.ok((await left()) <= 5_000, "who asks in vain makes it no longer");
    await one.hold(NAME);
    const again = await left();
    assert.ok(again > 14_000 && again <= 15_000, `${again} ms`);
    await say(`DEL ${KEY}`);
    assert.deepEqual([await other.hold(NAME), await one.hold(NAME)], [true, false]);
  });

  it("ends 15 s later where it has more to go than any is given: Redis's clock was set back, or a backup has no end of it", async () => {
    for (const far of [`SET ${KEY} gone PX 3600000`, `SET ${KEY} gone`]) {
      await say(far);
      assert.equal(await open().hold(NAME), false);
      const now = await left();
      assert.ok(now > 14_000 && now <= 15_000, `${far}: ${now} ms`);
    }
  });

  it("is not taken late by who gave up asking, of a Redis that was stopped or cut off meanwhile", async () => {
    const [holder, late, cut] = [open(), open(), open(`redis://127.0.0.1:${proxy.port}`)];
    assert.deepEqual([await holder.hold(NAME), await late.hold(NAME), await cut.hold(NAME)], [true, false, false]);
    proxy.mode = "swallow";
    redis.signal("SIGSTOP");
    const silent = { message: "Redis has not answered for 3000 ms" };
    await Promise.all([late, cut].map((one) => assert.rejects(one.hold(NAME), silent)));
    redis.signal("SIGCONT");
    // Its end, which the stop may have outlasted.
    await say(`DEL ${KEY}`);
    proxy.mode = "pass";
    proxy.cut();
    await cut.hold("1-0xdef-0");
    await late.hold("1-0xdef-0");
    assert.equal(await say(`GET ${KEY}`), "$-1", "what was asked in vain took it");
    assert.equal(await holder.hold(NAME), true);
  });

  it("is refused by Redis itself to a question that comes when its asker waits no more", async () => {
    const kept: Buffer[] = [];
    const between = await meddler(redis.port, {
      asked: (bytes) => (/eval/i.test(`${bytes}`) ? !kept.push(bytes) : true),
    });
    await assert.rejects(open(between.url).hold(NAME), { message: "Redis has not answered for 3000 ms" });
    assert.deepEqual([await answerTo(redis.port, Buffer.concat(kept)), await say(`GET ${KEY}`)], [":-1", "$-1"]);
    between.close();
  });

  it("is neither held nor another's when Redis says what is no answer to it", async () => {
    const between = await meddler(redis.port, { said: (text) => text.replace(/^:1\r\n/, ":7\r\n") });
    await assert.rejects(open(between.url).hold(NAME), { message: "Redis says 7 of a lease" });
    between.close();
  });

  it("is neither held nor another's while nothing there speaks Redis, is gone, or is full", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await assert.rejects(open(`redis://127.0.0.1:${port}`).hold(NAME));
    server.close();
    await assert.rejects(open("redis://127.0.0.1:1").hold(NAME), /ECONNREFUSED/);
    await say("CONFIG SET maxmemory 1");
    await assert.rejects(open().hold(NAME), /OOM/);
    await say("CONFIG SET maxmemory 0");
    await say(`LPUSH ${KEY} nonsense`);
    await assert.rejects(open().hold(NAME), /WRONGTYPE/);
  });

  it("waits with one listener for a Redis that takes the connection and says nothing, however many ask", async () => {
    const warnings: string[] = [];
    const hear = (warning: Error) => void warnings.push(warning.name);
    process.on("warning", hear);
    redis.signal("SIGSTOP");
    const silent = open();
    const asked = Array.from({ length: 20 }, (_, n) => silent.hold(`${n}`).catch((error: Error) => error.message));
    assert.deepEqual([...new Set(await Promise.all(asked))], ["Redis has not answered for 3000 ms"]);
    redis.signal("SIGCONT");
    assert.equal(await silent.hold(NAME), true);
    await setTimeout(0);
    process.off("warning", hear);
    assert.deepEqual(warnings, []);
  });
});

/** Stands between a client and Redis: passes on what `asked` says yes to, and what `said` makes of the answers. */
async function meddler(
  port: number,
  { asked = () => true, said = (text) => text }: { asked?(bytes: Buffer): boolean; said?(text: string): string },
) {
  const server = createServer((client) => {
    const redis = connect(port, "127.0.0.1");
    client.on("data", (bytes) => void (asked(bytes) && redis.write(bytes)));
    redis.on("data", (bytes) => client.write(said(bytes.toString())));
    for (const [one, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      one.on("error", () => {});
      one.on("close", () => other.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

async function answerTo(port: number, bytes: Buffer): Promise<string> {
  const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return answer.toString().trim();
}
