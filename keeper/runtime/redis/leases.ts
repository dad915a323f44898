import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { hostname } from "node:os";
import { answered, type Connections, connect } from "./connection.ts";

/** Who says nothing for this long has lost its lease. */
export const LEASE_MS = 15_000;

/** Leases of one process: each name is one process's at a time, as long as Redis and clocks are as they should be, and no longer. */
export type Leases = {
  /**
   * Takes the lease for 15 s or, being its holder, keeps it so long again; false: another process has it.
   * @throws when Redis does not answer within 3 s
   */
  hold(name: string): Promise<boolean>;
  /** Gives it up, if it is held, so that nobody need wait for its end. Never throws. */
  release(name: string): Promise<void>;
  close(): void;
};

const HOLD = `
  local holder = redis.call("GET", KEYS[1])
  if holder and holder ~= ARGV[1] then return 0 end
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
  return {
    async hold(name) {
      // Nothing is queued while the connection is down: late, it would take what somebody else has by then.
      if (redis.status !== "ready") await answered(once(redis, "ready"));
      return (await answered(redis.eval(HOLD, 1, key(name), holder, LEASE_MS))) === 1;
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
