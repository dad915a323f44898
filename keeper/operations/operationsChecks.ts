import { statSync } from "node:fs";
import { access, constants, mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { isoTime } from "../domain/calendar.ts";
import type { ChainView } from "../domain/cycle.ts";
import { ownError } from "../domain/errors.ts";
import type { KillSwitchName } from "../domain/journal.ts";
import { LENDER_STATES, type LenderState, lenderNumbers } from "../domain/lender.ts";
import { type NodeStatus, QUARANTINES } from "../io/quorum/nodeGroup.ts";
import { type Config, isDevelopmentChain } from "../runtime/config.ts";
import { closedOnChain } from "../runtime/guard.ts";
import { killSwitches } from "../runtime/killSwitch.ts";
import { INSTALL_REDIS, withRedisLibraries } from "../runtime/redis/libraries.ts";
import { type Check, fail, ok, warn } from "./configChecks.ts";
import { isUp } from "./gauges.ts";
import { OLDEST_HEAD } from "./readiness.ts";

type Settings = Pick<
  Config,
  | "paused"
  | "state"
  | "chainId"
  | "keystoreFile"
  | "keystorePasswordFile"
  | "statusHost"
  | "alertWebhookUrl"
  | "deadmanUrl"
>;

/** What `doctor` says of switches, secrets and alerts; reads files, touches no network. `now` is in Unix seconds. */
export function operationsChecks(config: Settings, folder: string, now: number): readonly Check[] {
  return [...switchChecks(config, now), ...keyChecks(config, folder), statusHostCheck(config), alertsCheck(config)];
}

/** What is to be done about each switch that is set. */
const SWITCH_CURES: Readonly<Record<KillSwitchName, string>> = {
  environment: "Nothing is sent while it is set: unset TONSOR_PAUSED and restart when you are done.",
  sentinel: "Nothing is sent while it is there: `tonsor resume`, or remove the file, when you are done.",
  submissionHalt:
    "The keeper stopped itself: find out why (deployments/service/RUNBOOK.md#tonsorsubmissionhalted), then `tonsor resume`.",
  errors: "It ends by itself when ticks succeed again; the log says why they failed.",
  onChain:
    "Tightening goes on. Whoever closed it opens it again; a tripped writer is governance's to admit anew (`admit`).",
};

function switchChecks(config: Settings, now: number): readonly Check[] {
  const name = "kill switches";
  const { switches } = killSwitches(config, now);
  if (switches.length === 0) return [ok(name, "none is set")];
  return switches.map((one) => warn(name, one.reason, SWITCH_CURES[one.name]));
}

/** Off development chains what holds secrets must be its owner's alone; here, that they are files at all. */
function keyChecks({ keystoreFile, keystorePasswordFile, chainId }: Settings, folder: string): readonly Check[] {
  const checks: Check[] = [];
  if (keystoreFile !== null) {
    const mode = modeOf(keystoreFile);
    const open = mode !== null && (mode & 0o077) !== 0;
    const found = open
      ? `${keystoreFile} can be read by other users`
      : `${keystoreFile}, password ${keystorePasswordFile ?? "asked for"}`;
    const cure = open ? `Encrypted, but it can be copied and tried: chmod 600 ${keystoreFile}.` : null;
    checks.push({ name: "keystore", state: open ? "warn" : "ok", found, cure });
  }
  const environment = join(folder, ".env");
  const mode = modeOf(environment);
  if (!isDevelopmentChain(chainId) && mode !== null && (mode & 0o077) !== 0) {
    const cure = `It holds tokens of nodes and alerts: chmod 600 ${environment}.`;
    checks.push(warn(".env", `${environment} can be read by other users`, cure));
  }
  return checks;
}

function modeOf(file: string): number | null {
  try {
    return statSync(file).mode;
  } catch {
    return null;
  }
}

function statusHostCheck({ statusHost }: Settings): Check {
  const loopback = statusHost === "::1" || statusHost.startsWith("127.");
  const cure = "Anyone who reaches the port can read it: put it behind access control, or set STATUS_HOST=127.0.0.1.";
  const found = `listens on ${statusHost}`;
  return { name: "status page", state: loopback ? "ok" : "warn", found, cure: loopback ? null : cure };
}

function alertsCheck({ alertWebhookUrl, deadmanUrl, chainId }: Settings): Check {
  const missing = [
    alertWebhookUrl === null ? "ALERT_WEBHOOK_URL" : null,
    deadmanUrl === null ? "DEADMAN_URL" : null,
  ].filter((name) => name !== null);
  const found = missing.length === 0 ? "webhook and dead man's switch are set" : `${missing.join(" and ")} not set`;
  if (missing.length === 0 || isDevelopmentChain(chainId)) return ok("alerts", found);
  const cure = "Set them, or watch /metrics with deployments/service/alerts.yml: else nobody hears when it stops.";
  return warn("alerts", found, cure);
}

/** A block far from now on either side: the node lags, or a clock is wrong. `age` in seconds. */
export function chainCheck(found: string, age: number): Check {
  const name = "chain";
  if (Math.abs(age) <= OLDEST_HEAD) return ok(name, found);
  if (age < 0) return warn(name, found, "This machine's clock is behind: `timedatectl`, start NTP.");
  const cure =
    "The node lags behind: wait, or point RPC_URL at another one. Or this machine's clock is ahead: `timedatectl`.";
  return warn(name, found, cure);
}

/** What is closed on chain is not the keeper's to open, and the first thing to know when nothing loosens. */
export function contractCheck(contract: string, view: Pick<ChainView, "markets" | "writer" | "blockTime">): Check {
  const { markets, writer } = view;
  const name = "contract";
  const found = `${contract}, last batch ${writer.sequence}, ${markets.size} markets`;
  const [closed] = closedOnChain(view);
  if (closed === undefined) return ok(name, found);
  const cure =
    writer.haltedUntil > view.blockTime
      ? "This key sends nothing until that lapses or governance admits it anew: ask the guardian who halted it."
      : writer.tightenOnly
        ? "Governance finds out why so much was to loosen at once, then admits the writer anew; until then it only tightens."
        : "Only tightening is written there. Ask whoever closed it; governance opens it again, or it lapses at its time.";
  return warn(name, `${found}; ${closed.reason}`, cure);
}

/** One check for each node of a quorum, after it was asked; none for a single node, which the chain's check is about. */
export function nodeChecks(nodes: readonly NodeStatus[]): readonly Check[] {
  return nodes.map((node) => {
    const name = `node ${node.name}`;
    if (isUp(node)) return ok(name, `head ${node.head}`);
    const why = node.quarantine === null ? "does not answer" : QUARANTINES[node.quarantine];
    const found = node.detail === "" ? why : `${why}: ${node.detail}`;
    const cure = "The quorum goes on without it: ask its operator, or replace it in RPC_URLS.";
    return warn(name, found, cure);
  });
}

/** Whether each lender has what the contract says. */
export function lenderChecks(lenders: readonly LenderState[]): readonly Check[] {
  return lenders.map(({ lender, market, state, has, says, detail, since }) => {
    const { means, differs } = LENDER_STATES[state];
    const numbers =
      has === null || says === null ? "" : `; ${lenderNumbers(has)}, the contract says ${lenderNumbers(says)}`;
    const found = `${means}${detail === null ? "" : ` (${detail})`}${since === null ? "" : `, since ${isoTime(since)}`}${numbers}`;
    const cure = differs ? "See deployments/service/RUNBOOK.md#tonsorlenderdiffers." : null;
    return { name: `${lender} ${market}`, state: differs ? "warn" : "ok", found, cure };
  });
}

const MEGABYTE = 1_000_000;
/** Below this a decision and its evidence do not fit any more. */
const FULL = MEGABYTE;
/** Below this a person should act: weeks of evidence, or a neighbour that is filling the disk. */
const SCARCE = 200 * MEGABYTE;

/**
 * What `doctor` says of the state folder and of those in it that are written before anything is sent, for each may lie on a
 * disk of its own: whether it is there, can be written, and has space. They are made when absent; the worst is told.
 */
export async function folderCheck(
  { state }: { readonly state: string },
  spaceOf: (path: string) => Promise<{ readonly bavail: number; readonly bsize: number }> = statfs,
): Promise<Check> {
  const name = "state folder";
  const checks: Check[] = [];
  for (const folder of [state, ...WITHIN.map((one) => join(state, one))]) {
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
      checks.push(spaceCheck(folder, await spaceOf(folder)));
    } catch (error) {
      const found = `${folder}: ${error instanceof Error ? error.message : String(error)}`;
      return fail(name, found, "Make it writable, or point TONSOR_STATE elsewhere.");
    }
  }
  const worst = ["fail", "warn"].map((grade) => checks.find((check) => check.state === grade));
  return worst.find((check) => check !== undefined) ?? ok(name, state);
}

/** Evidence, and reports of impact. */
const WITHIN = ["evidence", "impact"];

function spaceCheck(folder: string, { bavail, bsize }: { readonly bavail: number; readonly bsize: number }): Check {
  const name = "state folder";
  const free = bavail * bsize;
  if (free >= SCARCE) return ok(name, folder);
  const found = `${folder} has ${(free / MEGABYTE).toFixed(1)} MB left`;
  if (free >= FULL) {
    return warn(name, found, "Free space before it is full: then nothing is sent any more.");
  }
  const cure =
    "The disk is full and nothing is sent: free space or shorten RETENTION_DAYS; the keeper goes on by itself.";
  return fail(name, found, cure);
}

/**
 * What `doctor` says of the Redis of `REDIS_URL`; none without one. An unhealthy Redis stops no tick, and is warned of;
 * without its libraries no keeper starts.
 */
export async function redisChecks(url: string | null): Promise<readonly Check[]> {
  if (url === null) return [];
  const name = "redis";
  // Loaded only where it is used: it costs start-up time and memory.
  const loaded = await withRedisLibraries(() => import("../runtime/redis/connection.ts")).catch((error: unknown) => {
    if (ownError(error) === null) throw error;
    return null;
  });
  if (loaded === null) {
    const found = "REDIS_URL is set, and bullmq or ioredis is not installed";
    return [fail(name, found, `Run \`${INSTALL_REDIS}\`, or take REDIS_URL away.`)];
  }
  const state = await loaded.redisState(url);
  if (!state.reached) {
    const cure =
      "Start it (`systemctl start redis-server`), correct REDIS_URL, or take it away; the keeper ticks by its own clock.";
    return [warn(name, `does not answer: ${state.why}`, cure)];
  }
  const checks: Check[] = [];
  if (state.policy !== null && state.policy !== "noeviction") {
    const found = `maxmemory-policy ${state.policy}: it may throw jobs away to make room`;
    checks.push(warn(name, found, "Set `maxmemory-policy noeviction` in redis.conf."));
  }
  if (state.appendOnly === false) {
    const found = "appendonly no: a restart forgets the schedule, until the keeper writes it again 2 s later";
    checks.push(warn(name, found, "Set `appendonly yes` in redis.conf."));
  }
  if (checks.length > 0) return checks;
  const unknown = state.policy === null || state.appendOnly === null;
  const found = unknown ? "answers; it does not tell its settings" : "answers, noeviction, appendonly yes";
  return [ok(name, found)];
}
