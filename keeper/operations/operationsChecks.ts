import { statSync } from "node:fs";
import { join } from "node:path";
import { isoTime } from "../domain/calendar.ts";
import type { ChainView } from "../domain/cycle.ts";
import type { KillSwitchName } from "../domain/journal.ts";
import { LENDER_STATES, type LenderState, lenderNumbers } from "../domain/lender.ts";
import { type NodeStatus, QUARANTINES } from "../io/quorum/nodeGroup.ts";
import { type Config, isDevelopmentChain } from "../runtime/config.ts";
import { closedOnChain } from "../runtime/guard.ts";
import { killSwitches } from "../runtime/killSwitch.ts";
import type { Check } from "./configChecks.ts";
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
  if (switches.length === 0) return [{ name, state: "ok", found: "none is set", cure: null }];
  return switches.map((one) => ({ name, state: "warn", found: one.reason, cure: SWITCH_CURES[one.name] }));
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
    checks.push({ name: ".env", state: "warn", found: `${environment} can be read by other users`, cure });
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
  if (missing.length === 0 || isDevelopmentChain(chainId)) return { name: "alerts", state: "ok", found, cure: null };
  const cure = "Set them, or watch /metrics with deployments/service/alerts.yml: else nobody hears when it stops.";
  return { name: "alerts", state: "warn", found, cure };
}

/** A block far from now on either side: the node lags, or a clock is wrong. `age` in seconds. */
export function chainCheck(found: string, age: number): Check {
  const name = "chain";
  if (Math.abs(age) <= OLDEST_HEAD) return { name, state: "ok", found, cure: null };
  if (age < 0) return { name, state: "warn", found, cure: "This machine's clock is behind: `timedatectl`, start NTP." };
  const cure =
    "The node lags behind: wait, or point RPC_URL at another one. Or this machine's clock is ahead: `timedatectl`.";
  return { name, state: "warn", found, cure };
}

/** What is closed on chain is not the keeper's to open, and the first thing to know when nothing loosens. */
export function contractCheck(contract: string, view: Pick<ChainView, "markets" | "writer" | "blockTime">): Check {
  const { markets, writer } = view;
  const name = "contract";
  const found = `${contract}, last batch ${writer.sequence}, ${markets.size} markets`;
  const [closed] = closedOnChain(view);
  if (closed === undefined) return { name, state: "ok", found, cure: null };
  const cure =
    writer.haltedUntil > view.blockTime
      ? "This key sends nothing until that lapses or governance admits it anew: ask the guardian who halted it."
      : writer.tightenOnly
        ? "Governance finds out why so much was to loosen at once, then admits the writer anew; until then it only tightens."
        : "Only tightening is written there. Ask whoever closed it; governance opens it again, or it lapses at its time.";
  return { name, state: "warn", found: `${found}; ${closed.reason}`, cure };
}

/** One check for each node of a quorum, after it was asked; none for a single node, which the chain's check is about. */
export function nodeChecks(nodes: readonly NodeStatus[]): readonly Check[] {
  return nodes.map((node) => {
    const name = `node ${node.name}`;
    if (isUp(node)) return { name, state: "ok", found: `head ${node.head}`, cure: null };
    const why = node.quarantine === null ? "does not answer" : QUARANTINES[node.quarantine];
    const found = node.detail === "" ? why : `${why}: ${node.detail}`;
    const cure = "The quorum goes on without it: ask its operator, or replace it in RPC_URLS.";
    return { name, state: "warn", found, cure };
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
