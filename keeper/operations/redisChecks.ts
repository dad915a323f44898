import { ownError } from "../domain/errors.ts";
import { INSTALL_REDIS, withRedisLibraries } from "../runtime/redis/libraries.ts";
import type { Check } from "./configChecks.ts";

/** What `doctor` says of the Redis of `REDIS_URL`; none without one. An unhealthy Redis stops no tick, and is warned of; without its libraries no keeper starts. */
export async function redisChecks(url: string | null): Promise<readonly Check[]> {
  if (url === null) return [];
  const name = "redis";
  const warn = (found: string, cure: string): Check => ({ name, state: "warn", found, cure });
  // Loaded only where it is used: it costs start-up time and memory.
  const loaded = await withRedisLibraries(() => import("../runtime/redis/connection.ts")).catch((error: unknown) => {
    if (ownError(error) === null) throw error;
    return null;
  });
  if (loaded === null) {
    const found = "REDIS_URL is set, and bullmq or ioredis is not installed";
    return [{ name, state: "fail", found, cure: `Run \`${INSTALL_REDIS}\`, or take REDIS_URL away.` }];
  }
  const state = await loaded.redisState(url);
  if (!state.reached) {
    const cure =
      "Start it (`systemctl start redis-server`), correct REDIS_URL, or take it away; the keeper ticks by its own clock.";
    return [warn(`does not answer: ${state.why}`, cure)];
  }
  const checks: Check[] = [];
  if (state.policy !== null && state.policy !== "noeviction") {
    const found = `maxmemory-policy ${state.policy}: it may throw jobs away to make room`;
    checks.push(warn(found, "Set `maxmemory-policy noeviction` in redis.conf."));
  }
  if (state.appendOnly === false) {
    const found = "appendonly no: a restart forgets the schedule, until the keeper writes it again 2 s later";
    checks.push(warn(found, "Set `appendonly yes` in redis.conf."));
  }
  if (checks.length > 0) return checks;
  const unknown = state.policy === null || state.appendOnly === null;
  const found = unknown ? "answers; it does not tell its settings" : "answers, noeviction, appendonly yes";
  return [{ name, state: "ok", found, cure: null }];
}
