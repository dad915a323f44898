import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { hostname } from "node:os";
import { ANSWER_MS, answered, type Connections, connect } from "./connection.ts";

/** Who says nothing for this long has lost its lease. */
export const LEASE_MS = 15_000;

/** Leases of one process: each name is one process's at a time, as long as Redis and clocks are as they should be, and no longer. */
export type Leases = {
  /**
   * Takes the lease for 15 s or, being its holder, keeps it so long again; false: another process has it.
   * @throws when Redis does not answer within 3 s, or says what is neither
   */
  hold(name: string): Promise<boolean>;
  /** Gives it up, if it is held, so that nobody need wait for its end. Never throws. */
  release(name: string): Promise<void>;
  close(): void;
};

/** -1: too late, by Redis's own clock. A lease that has longer to go than any is given, or no end, is one from before that clock was set back. */
const HOLD = `
  local time = redis.call("TIME")
  if time[1] * 1000 + time[2] / 1000 > tonumber(ARGV[3]) then return -1 end
  local holder = redis.call("GET", KEYS[1])
  if holder and holder ~= ARGV[1] then
    local left = redis.call("PTTL", KEYS[1])
    if left < 0 or left > tonumber(ARGV[2]) then redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
    return 0
  end
  redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
  return 1`;
const RELEASE = `if redis.call("GET", KEYS[1]) == ARGV[1] then redis.call("DEL", KEYS[1]) end`;

/**
 * Opens the leases `tonsor:fleet:<name>` of a Redis server; nothing is awaited. `redis-cli get` shows the holder: host, process id, and what no other has.
 * @example await openLeases("redis://127.0.0.1:6379", log.warn).hold("1-0x5fbd...-0") // true
 */
export function openLeases(url: string, onProblem: (problem: Error) => void): Leases {
  const connections: Connections = { all: [], closed: false };
  const redis = connect(url, onProblem, connections);
  const holder = `${hostname()} ${process.pid} ${randomUUID()}`;
  const key = (name: string) => `tonsor:fleet:${name}`;
  let opening: Promise<unknown> | null = null;
  /** Waits with one listener, however many ask. */
  const opened = () => {
    const over = new AbortController();
    opening ??= answered(once(redis, "ready", { signal: over.signal })).finally(() => {
      over.abort();
      opening = null;
    });
    return opening;
  };
  return {
    async hold(name) {
      if (redis.status !== "ready") await opened();
      // What a Redis that was stopped or cut off does late, it does after its answer was given up: it would take the lease for
      // nobody, from whoever runs the chain. So what is asked says until when.
      const [seconds, micros] = await answered(redis.time());
      const until = Math.ceil(Number(seconds) * 1_000 + Number(micros) / 1_000) + ANSWER_MS;
      const said = await answered(redis.eval(HOLD, 1, key(name), holder, LEASE_MS, until));
      if (said !== 0 && said !== 1) throw new Error(`Redis says ${said} of a lease`);
      return said === 1;
    },
    async release(name) {
      if (redis.status === "ready") await answered(redis.eval(RELEASE, 1, key(name), holder)).catch(() => undefined);
    },
    close() {
      connections.closed = true;
      redis.disconnect();
    },
  };
}
