import type { Headline } from "../dashboard/operations.ts";
import type { Obstacle } from "../domain/cycle.ts";
import { DATA_STATES, type DataState } from "../domain/decision.ts";
import type { Alert } from "../runtime/alertMessage.ts";
import type { CosignCondition } from "./cosignWatch.ts";
import type { MirrorState } from "./evidenceMirror.ts";

/** What is known of a keeper that runs. Times are Unix seconds of the keeper's clock, balances ether. */
export type Condition = {
  readonly live: { readonly ok: boolean; readonly reason: string };
  /** Age of the last block read, or null before the first; below 0 while the keeper's clock is behind the chain's. */
  readonly headAge: number | null;
  /** What went wrong in the last tick, or null. */
  readonly lastError: string | null;
  /** Ticks that failed one after another up to now. */
  readonly failedInARow: number;
  readonly markets: readonly {
    readonly market: string;
    readonly listed: boolean;
    readonly stale: boolean;
    readonly ageSeconds: number | null;
    /** Of its data in the last cycle; null: it was never assessed. */
    readonly dataState: DataState | null;
  }[];
  readonly signer: string | null;
  /** Whether the signer holds every power that its way of sending asks for; null while that is not known. */
  readonly allowed: boolean | null;
  /** What it may do, or what is missing, in words: "may publish". */
  readonly powers: string;
  readonly balanceEth: number | null;
  /** Nodes that answer and are not set aside, of all; how many must agree. All 0 with a single node. */
  readonly nodes: { readonly up: number; readonly all: number; readonly quorum: number };
  readonly switches: readonly { readonly name: string; readonly reason: string }[];
  /** Why the next tightening could not be sent, as the last cycle found; null: it came to no rehearsal. */
  readonly obstacles: readonly Obstacle[] | null;
  readonly oldestTransactionAge: number | null;
  /** Of the last batches those whose evidence is not in the folder. */
  readonly evidenceMissing: number;
  /** Null: there is no mirror. */
  readonly mirror: MirrorState | null;
  /** Markets whose update the impact gate held in the last cycle. */
  readonly held: readonly { readonly market: string; readonly reason: string }[];
  /** For how long batches have been due and none was sent, and why the last was not; null: not so. */
  readonly unsent: { readonly seconds: number; readonly reason: string } | null;
  /** Redis brings no ticks in time: the own clock makes them. */
  readonly queueSilent: boolean;
  /** The state of signing with other keeper instances; null: it is off. */
  readonly cosign: CosignCondition | null;
};

/** The checks of `/ready`, in the order in which one would mend them. */
const CHECKS = ["progress", "chain", "nodes", "signer", "pause", "tightening", "data", "balance"] as const;
type CheckName = (typeof CHECKS)[number];

/** One thing that is not as it should be. */
type Finding = Omit<Alert, "name"> & {
  /** The alert that it is, of alerts.yml; null: it is said, and nobody is woken for it. */
  readonly alert: string | null;
  /** The check of `/ready` that it fails; null: none. */
  readonly check: CheckName | null;
};

/** A block older than this is not the head of a chain that lives, and one later than now by this shows a wrong clock, seconds. */
export const OLDEST_HEAD = 120;
/** Below this a keeper runs dry within a day of ordinary fees, ether. */
export const LOW_BALANCE_ETH = 0.02;
/** A transaction that waits longer than this needs attention, seconds. */
const LONGEST_WAIT = 300;
/** So long what is due may go unsent, seconds. */
const LONGEST_UNSENT = 900;
/** Ticks that failed in a row which a person should know of. */
const MANY_FAILURES = 3;
/** So many findings are said in one sentence. */
const MOST_SAID = 3;

/**
 * How a keeper is: word, severity and sentence that the page, `/ready`, `/status` and `tonsor status` show unchanged. The
 * sentence is what alerts say, the worst first. Green is only who could send the next tightening and whose data is fresh.
 * @example headline(calm) // { state: "running", severity: "good", message: "the next tightening could be sent, ..." }
 */
export function headline(c: Condition): Headline {
  const found = findings(c);
  const rank = ({ check, severity }: Finding) => (check === null ? 2 : 0) + (severity === "critical" ? 0 : 1);
  const message = sentence(found.toSorted((a, b) => rank(a) - rank(b)).map(({ reason }) => reason));
  const critical = found.some(({ severity }) => severity === "critical");
  return { state: stateOf(c), severity: found.length === 0 ? "good" : critical ? "critical" : "warning", message };
}

/**
 * The same for strangers: what the chain and the markets' data say is public and said as it is; of nodes, key, pauses and the
 * rest that is the operator's only which of them it is.
 */
export function publicHeadline(c: Condition): Headline {
  const { state, severity } = headline(c);
  const onChain = ofSwitches(c).filter(({ about }) => about["name"] === "onChain");
  const open = [...onChain, ...(started(c) ? ofData({ ...c, held: [] }) : [])].map(({ reason }) => reason);
  const own = findings(c).filter(({ reason }) => !open.includes(reason));
  return { state, severity, message: sentence([...own.map(({ check }) => PUBLIC_WORDS[check ?? "other"]), ...open]) };
}

const PUBLIC_WORDS: Readonly<Record<CheckName | "other", string>> = {
  progress: "the keeper makes no progress",
  chain: "its last cycle failed, or its node lags behind",
  nodes: "too few of its nodes agree",
  signer: "it cannot sign",
  pause: "nothing is sent: a person, or a limit of its own, has stopped it",
  tightening: "it is not certain that the next tightening could be sent",
  data: "a value on chain is stale",
  balance: "it runs low on ether",
  other: "its operator has been told of something else",
};

function sentence(reasons: readonly string[]): string {
  const said = [...new Set(reasons)];
  const more = said.length > MOST_SAID ? [`and ${said.length - MOST_SAID} more`] : [];
  return said.length === 0 ? WELL : [...said.slice(0, MOST_SAID), ...more].join("; ");
}

const WELL = "the next tightening could be sent, and every value on chain is fresh";

function stateOf(c: Condition): Headline["state"] {
  if (!c.live.ok || c.lastError !== null) return "failed";
  if (!started(c)) return "starting";
  return stoppedBy(c).length > 0 ? "paused" : "running";
}

/** Whether every check of `/ready` holds, and the headline. */
export function readiness(c: Condition): { readonly ok: boolean; readonly reason: string } {
  return { ok: findings(c).every(({ check }) => check === null), reason: headline(c).message };
}

/**
 * Whether the next tightening could be sent: data on chain may be stale, for that is what sending mends, and what is
 * closed on chain takes tightenings; everything else that fails a check counts, but a balance that is merely low.
 */
export function ableToSend(c: Condition): boolean {
  return findings(c).every(({ check }) => check === null || check === "data" || check === "balance");
}

/** Every check of `/ready` with what was found. */
export function readyChecks(
  c: Condition,
): readonly { readonly name: CheckName; readonly ok: boolean; found: string }[] {
  const found = findings(c);
  return CHECKS.map((name) => {
    const failing = found.filter(({ check }) => check === name).map(({ reason }) => reason);
    return { name, ok: failing.length === 0, found: failing.length === 0 ? fine(name, c) : failing.join("; ") };
  });
}

/** What a person should know now, as alerts of the names in alerts.yml. Before the first tick ended only what is certain. */
export function conditionAlerts(c: Condition): readonly Alert[] {
  return findings(c).flatMap(({ alert, about, severity, reason }) =>
    alert === null ? [] : [{ name: alert, about, severity, reason }],
  );
}

/** What is said of a check that holds. */
function fine(name: CheckName, c: Condition): string {
  const { all, up, quorum } = c.nodes;
  const words: Readonly<Record<CheckName, string>> = {
    progress: c.live.reason,
    chain: headWords(c.headAge),
    nodes: all === 0 ? "one node, no quorum" : `${up} of ${all} nodes answer and agree, ${quorum} must`,
    signer: `${c.signer} ${c.powers}`,
    pause: "no kill switch of this machine is set",
    tightening: "the next one could be sent",
    data: `${c.markets.length} markets fresh on chain`,
    balance: `the key has ${c.balanceEth?.toFixed(4)} ETH, at least ${LOW_BALANCE_ETH} wanted`,
  };
  return words[name];
}

function started(c: Condition): boolean {
  return c.headAge !== null || c.lastError !== null;
}

/** Switches by which nothing is sent; what is closed on chain takes tightenings. */
function stoppedBy({ switches }: Condition): Condition["switches"] {
  return switches.filter(({ name }) => name !== "onChain");
}

type Says = { readonly about?: Alert["about"]; readonly check?: CheckName };
const critical = (alert: string | null, reason: string, { about = {}, check }: Says = {}): Finding => {
  return { alert, about, severity: "critical", reason, check: check ?? null };
};
const warning = (alert: string | null, reason: string, says: Says = {}): Finding => {
  return { ...critical(alert, reason, says), severity: "warning" };
};

/** Everything that is not as it should be: what fails a check, then the rest. */
function findings(c: Condition): readonly Finding[] {
  const checked = started(c) ? [...ofChecks(c), ...ofSwitches(c), ...ofRehearsal(c), ...ofData(c)] : beforeTheFirst(c);
  return [...checked, ...ofTransactions(c), ...ofCosigning(c.cosign)];
}

function beforeTheFirst(c: Condition): readonly Finding[] {
  if (!c.live.ok) return [critical("TonsorNotLive", c.live.reason, { check: "progress" }), ...ofSwitches(c)];
  return [warning(null, "waiting for the first cycle", { check: "tightening" }), ...ofSwitches(c)];
}

const NO_KEY = "no key: nothing can be sent";

function ofChecks(c: Condition): readonly Finding[] {
  const { all, up, quorum } = c.nodes;
  const found: Finding[] = [];
  if (!c.live.ok) found.push(critical("TonsorNotLive", c.live.reason, { check: "progress" }));
  if (c.lastError !== null) {
    const alert = c.failedInARow >= MANY_FAILURES ? "TonsorTicksFailing" : null;
    const many =
      c.failedInARow > 1 ? `${c.failedInARow} cycles failed in a row, the last with` : "the last cycle failed";
    const reason = `${many}: ${c.lastError}`;
    found.push(warning(alert, reason, { check: "chain" }));
  } else if (Math.abs(c.headAge ?? 0) > OLDEST_HEAD)
    found.push(warning("TonsorHeadOld", headWords(c.headAge), { check: "chain" }));
  if (up < quorum) {
    const reason = `${up} of ${all} nodes answer and agree, ${quorum} must`;
    found.push(critical("TonsorRpcQuorumLost", reason, { check: "nodes" }));
  }
  if (c.signer === null) found.push(critical("TonsorSignerMissing", NO_KEY, { check: "signer" }));
  else if (c.allowed === null) found.push(warning(null, `${c.signer}, power not read yet`, { check: "signer" }));
  else if (!c.allowed) found.push(critical("TonsorSignerMissing", `${c.signer} ${c.powers}`, { check: "signer" }));
  if (c.balanceEth !== null && c.balanceEth < LOW_BALANCE_ETH) {
    const reason = `the key has ${c.balanceEth.toFixed(4)} ETH, at least ${LOW_BALANCE_ETH} wanted`;
    found.push(warning("TonsorBalanceLow", reason, { check: "balance" }));
  }
  return found;
}

function ofSwitches(c: Condition): readonly Finding[] {
  return c.switches.map(({ name, reason }) => {
    if (name === "onChain")
      return warning("TonsorKillSwitchSet", `only tightening is written, ${reason}`, { about: { name } });
    const [of, alert] =
      name === "submissionHalt" ? [critical, "TonsorSubmissionHalted"] : [warning, "TonsorKillSwitchSet"];
    return of(alert, `nothing is sent: ${reason}`, { about: { name }, check: "pause" });
  });
}

function ofRehearsal({ obstacles, lastError, signer }: Condition): readonly Finding[] {
  const check = "tightening";
  // A cycle that failed says so itself, and so does a keeper without a key.
  if (obstacles === null)
    return lastError === null
      ? [warning(null, "whether the next tightening could be sent was not rehearsed", { check })]
      : [];
  const own = obstacles.filter(({ cause }) => cause !== "signer" || signer !== null);
  return own.map(({ cause, detail }) => {
    const reason = `the next tightening could not be sent, ${cause}: ${detail}`;
    if (cause === "nonce") return critical("TonsorNonceUnclear", reason, { check });
    return critical("TonsorCannotTighten", reason, { about: { cause }, check });
  });
}

function headWords(age: number | null): string {
  if (age === null || age >= 0) return `the head is ${age} s old, limit ${OLDEST_HEAD} s`;
  return `the keeper's clock is ${-age} s behind the head, limit ${OLDEST_HEAD} s`;
}

function ofData({ markets, held }: Condition): readonly Finding[] {
  const found: Finding[] = [];
  const stale = markets.filter(({ listed, stale }) => !listed || stale).map(({ market }) => market);
  if (stale.length > 0)
    found.push(critical("TonsorValueStale", `stale or not listed on chain: ${stale.join(", ")}`, { check: "data" }));
  if (markets.length === 0) found.push(warning(null, "no market has been assessed yet", { check: "data" }));
  for (const { market, dataState } of markets) {
    if (dataState === null || dataState === "NORMAL") continue;
    const reason = `data of ${market} ${dataState}: ${DATA_STATES[dataState]}`;
    if (dataState === "HALTED") found.push(critical("TonsorMarketHalted", reason, { about: { market } }));
    else found.push(warning(null, reason));
  }
  return [...found, ...held.map(({ market, reason }) => critical("TonsorImpactHeld", reason, { about: { market } }))];
}

function ofTransactions(c: Condition): readonly Finding[] {
  const found: Finding[] = [];
  if (c.unsent !== null && c.unsent.seconds > LONGEST_UNSENT) {
    const reason = `something has been due for ${c.unsent.seconds} s and is not sent: ${c.unsent.reason}`;
    found.push(critical("TonsorBatchNotSent", reason));
  }
  if (c.queueSilent)
    found.push(warning("TonsorQueueSilent", "Redis brings no ticks: the keeper ticks by its own clock"));
  if ((c.oldestTransactionAge ?? 0) > LONGEST_WAIT)
    found.push(warning("TonsorTransactionWaiting", `a transaction waits for a block for ${c.oldestTransactionAge} s`));
  if (c.evidenceMissing > 0) {
    const reason = `${c.evidenceMissing} of the last batches have no evidence in the folder: nobody can verify them`;
    found.push(warning("TonsorEvidenceMissing", reason));
  }
  if (c.mirror?.problem) found.push(warning("TonsorEvidenceNotMirrored", c.mirror.problem));
  return found;
}

/** A batch without enough signatures, and co-signers that cannot be asked. */
function ofCosigning(cosign: CosignCondition | null): readonly Finding[] {
  if (cosign === null) return [];
  const down = cosign.peers.flatMap(({ name, problem }) =>
    problem === null ? [] : [warning("TonsorCosignerDown", `co-signer ${name}: ${problem}`, { about: { peer: name } })],
  );
  return cosign.short === null ? down : [critical("TonsorCosignShort", cosign.short), ...down];
}
