import { setTimeout } from "node:timers/promises";
import { bareSchedule } from "../../support/bareSchedule.ts";
import { type PlainQueue, plainQueue } from "../../support/plainQueue.ts";
import { type RedisServer, startRedis, withoutRedis } from "../../support/redisServer.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import { PATIENT } from "../support/chaosWorld.ts";
import { cyclesMore, cyclesOf, stopped, within } from "../support/running.ts";
import { shuffled } from "../support/shuffled.ts";
import { type TcpFaultProxy, tcpFaultProxy } from "../support/tcpFaultProxy.ts";

/** What the keeper logs when it ticks by its own clock, and when jobs come again. */
const SILENT = "no tick came from the queue in time";
const BACK = "the queue ticks again";

type Outage = { readonly name: string; begin(): Promise<void>; end(): Promise<void>; readonly seconds: number };

/** The queue's server fails in every way it can; the keeper goes on by its own clock and takes jobs again after it. */
export const redisGone: ChaosRow = {
  fault: "Redis killed 3 / 12 / 45 / 120 s; FLUSHALL; out of memory; SIGSTOP; packets lost",
  mark: "ticks resume <= 5 s after it is back, <= 100 log lines",
  gate: true,
  without: withoutRedis,
  async run({ world: open, short, random, note }) {
    const world = await open();
    const state = world.stateOf("redis");
    const redis = await startRedis();
    const line = await tcpFaultProxy(redis.port);
    // The keeper's own cycles take as long as the machine is busy; when a tick begins is measured beside it.
    const bare = bareSchedule(`redis://127.0.0.1:${line.port}`, 1_000);
    const findings: Finding[] = [];
    try {
      await world.advance();
      const audit = await beginAudit(world);
      const REDIS_URL = `redis://127.0.0.1:${line.port}`;
      const run = world.start("run --json", {
        TONSOR_STATE: state,
        TONSOR_CONFIG: PATIENT,
        REDIS_URL,
        LOG_LEVEL: "info",
      });
      await run.until(() => cyclesOf(run).length >= 3, "three cycles with Redis");
      await first(bare.jobAfter, 0);
      const lines = () =>
        run
          .said()
          .err.split("\n")
          .filter((one) => /queue/.test(one)).length;
      const count = (words: string) => run.said().err.split(words).length - 1;
      for (const outage of outages(redis, line, short, random)) {
        note(outage.name);
        // Beside ours, on the same server and the same line; a new one each time, for some faults end it for good.
        const plain = short ? null : await alive(line.port);
        const said = lines();
        await outage.begin();
        const gone = performance.now();
        await setTimeout(outage.seconds * 1_000);
        await outage.end();
        const back = performance.now();
        const during = bare.ticksIn(gone, back);
        const [tick, job] = [await first(bare.tickAfter, back), await first(bare.jobAfter, back)];
        const other = plain === null ? "" : `; plain BullMQ ${told(await first(plain.tickAfter, back))}`;
        plain?.abandon();
        await cyclesMore(run, 1);
        // Some faults are noticed only after a while.
        const jobs = await within(60, () => count(SILENT) === count(BACK));
        findings.push({
          what: `${outage.name}: next tick after it is back`,
          value: `${told(tick)}, by the queue ${told(job)}${other}`,
          mark: "<= 5 s",
          met: tick !== null && tick <= 5,
        });
        findings.push(holds(`${outage.name}: jobs come again`, job !== null && jobs));
        findings.push(holds(`${outage.name}: ticks went on without it`, during >= Math.floor(outage.seconds / 2)));
        findings.push(atMost(`${outage.name}: log lines about it`, lines() - said, 100));
        await cyclesMore(run, 1);
      }
      const ended = await stopped(run);
      const rest = await world.tonsor("once --json", { TONSOR_STATE: state });
      const ledger = await audit.ledger([state], ended.code === 0 && rest.code === 0, "good");
      return { ledger, findings };
    } finally {
      await bare.close();
      await line.close();
      await redis.close();
    }
  },
};

/** How long a tick is waited for, seconds. */
const PATIENCE = 20;

/** A plain queue that has ticked. */
async function alive(port: number): Promise<PlainQueue> {
  const queue = await plainQueue(port, 1_000);
  if (!(await within(PATIENCE, () => queue.tickAfter(0) !== null))) throw new Error("plain BullMQ does not tick");
  return queue;
}

/** Seconds from `back` to the first tick after it; null when none came in the time given. */
async function first(tickAfter: (time: number) => number | null, back: number): Promise<number | null> {
  await within(Math.max(0, PATIENCE - (performance.now() - back) / 1_000), () => tickAfter(back) !== null);
  const at = tickAfter(back);
  return at === null ? null : (at - back) / 1_000;
}

const told = (seconds: number | null) => (seconds === null ? `never (${PATIENCE} s)` : `${seconds.toFixed(1)} s`);

function outages(redis: RedisServer, line: TcpFaultProxy, short: boolean, random: () => number): readonly Outage[] {
  const killed = (seconds: number): Outage => ({
    name: `killed ${seconds} s`,
    seconds,
    begin: () => redis.kill(),
    end: () => redis.restart(),
  });
  const nothing = async () => {};
  const command = (text: string) => async () => void (await redis.command(text));
  const flushed: Outage = { name: "FLUSHALL", seconds: 0, begin: command("FLUSHALL"), end: nothing };
  const starved: Outage = {
    name: "out of memory 6 s",
    seconds: 6,
    begin: command("CONFIG SET maxmemory 1"),
    end: command("CONFIG SET maxmemory 0"),
  };
  const asleep: Outage = {
    name: "SIGSTOP 8 s",
    seconds: 8,
    begin: async () => redis.signal("SIGSTOP"),
    end: async () => redis.signal("SIGCONT"),
  };
  const swallowed: Outage = {
    name: "packets lost 10 s",
    seconds: 10,
    begin: async () => {
      line.mode = "swallow";
    },
    end: async () => {
      line.mode = "pass";
      line.cut();
    },
  };
  const all = [killed(3), flushed, killed(12), starved, asleep, swallowed, killed(45), killed(120)];
  const chosen = short ? all.slice(0, 2) : all;
  return shuffled(chosen, random);
}
