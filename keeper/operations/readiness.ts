import type { Alert } from "../runtime/notifier.ts";
import type { CosignCondition } from "./cosignWatch.ts";

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
    /** No usable price or depth in the last cycle. */
    readonly halted: boolean;
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
  readonly oldestTransactionAge: number | null;
  /** Why the key's next nonce was not clear in the last cycle; null: it was, or was not asked for. */
  readonly nonceUnclear: string | null;
  /** Of the last batches those whose evidence is not in the folder. */
  readonly evidenceMissing: number;
  /** Markets whose update the impact gate held in the last cycle. */
  readonly held: readonly { readonly market: string; readonly reason: string }[];
  /** For how long batches have been due and none was sent, and why the last was not; null: not so. */
  readonly unsent: { readonly seconds: number; readonly reason: string } | null;
  /** Redis brings no ticks in time: the own clock makes them. */
  readonly queueSilent: boolean;
  /** The state of signing with other keeper instances; null: it is off. */
  readonly cosign: CosignCondition | null;
};

/** One check of `/ready`. */
type ReadyCheck = { readonly name: ReadyName; readonly ok: boolean; readonly found: string };

/** The checks of `/ready`, each with the alert that its failure is. */
const READY_ALERTS = {
  progress: { alert: "TonsorNotLive", severity: "critical" },
  chain: { alert: "TonsorHeadOld", severity: "warning" },
  nodes: { alert: "TonsorRpcQuorumLost", severity: "critical" },
  data: { alert: "TonsorValueStale", severity: "critical" },
  signer: { alert: "TonsorSignerMissing", severity: "critical" },
  balance: { alert: "TonsorBalanceLow", severity: "warning" },
  nonce: { alert: "TonsorNonceUnclear", severity: "critical" },
} as const satisfies Record<string, { readonly alert: string; readonly severity: Alert["severity"] }>;
type ReadyName = keyof typeof READY_ALERTS;

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

/** Every check of `/ready`, in the order in which one would mend them. */
export function readyChecks(c: Condition): readonly ReadyCheck[] {
  const stale = c.markets.filter(({ listed, stale }) => !listed || stale).map(({ market }) => market);
  const check = (name: ReadyName, ok: boolean, found: string): ReadyCheck => ({ name, ok, found });
  return [
    check("progress", c.live.ok, c.live.reason),
    c.lastError !== null
      ? check("chain", false, c.lastError)
      : check("chain", c.headAge !== null && Math.abs(c.headAge) <= OLDEST_HEAD, headWords(c.headAge)),
    check(
      "nodes",
      c.nodes.up >= c.nodes.quorum,
      c.nodes.all === 0
        ? "one node, no quorum"
        : `${c.nodes.up} of ${c.nodes.all} nodes answer and agree, ${c.nodes.quorum} must`,
    ),
    check(
      "data",
      c.markets.length > 0 && stale.length === 0,
      c.markets.length === 0
        ? "no market has been assessed yet"
        : stale.length === 0
          ? `${c.markets.length} markets fresh on chain`
          : `stale or not listed on chain: ${stale.join(", ")}`,
    ),
    check("signer", c.signer !== null && c.allowed === true, signerWords(c)),
    check(
      "balance",
      (c.balanceEth ?? 0) >= LOW_BALANCE_ETH,
      c.balanceEth === null
        ? "balance not read yet"
        : `${c.balanceEth.toFixed(4)} ETH, at least ${LOW_BALANCE_ETH} wanted`,
    ),
    check("nonce", c.nonceUnclear === null, c.nonceUnclear ?? "nothing speaks against the key's next nonce"),
  ];
}

/** Whether every check of `/ready` holds, and in words why not. */
export function readiness(c: Condition): { readonly ok: boolean; readonly reason: string } {
  const failing = readyChecks(c).filter(({ ok }) => !ok);
  const reason = failing.map(({ name, found }) => `${name}: ${found}`).join("; ");
  return { ok: failing.length === 0, reason: failing.length === 0 ? "every check holds" : reason };
}

/**
 * Whether the next tightening could be sent, as far as is known: data on chain may be stale, for that is what sending
 * mends, and what is closed on chain takes tightenings; everything else that stands in the way counts.
 */
export function ableToSend(c: Condition): boolean {
  const stopped = c.switches.some(({ name }) => name !== "onChain");
  return !stopped && readyChecks(c).every(({ name, ok }) => ok || name === "data");
}

function headWords(age: number | null): string {
  if (age === null) return "no block read yet";
  if (age >= 0) return `the head is ${age} s old, limit ${OLDEST_HEAD} s`;
  return `the keeper's clock is ${-age} s behind the head, limit ${OLDEST_HEAD} s`;
}

function signerWords({ signer, allowed, powers }: Condition): string {
  if (signer === null) return "no key: nothing can be sent";
  return allowed === null ? `${signer}, power not read yet` : `${signer} ${powers}`;
}

/** What a person should know now, as alerts of the names in alerts.yml. Before the first tick ended only what is certain. */
export function conditionAlerts(c: Condition): readonly Alert[] {
  const started = c.headAge !== null || c.lastError !== null;
  const failing = readyChecks(c).filter(({ name, ok }) => !ok && (started || name === "progress") && known(name, c));
  const alerts: Alert[] = failing.map(({ name, found }) => {
    const { alert, severity } = READY_ALERTS[name];
    return { name: alert, about: "", severity, reason: found };
  });
  if (c.failedInARow >= MANY_FAILURES) {
    const reason = `${c.failedInARow} ticks failed in a row, the last with: ${c.lastError}`;
    alerts.push({ name: "TonsorTicksFailing", about: "", severity: "warning", reason });
  }
  for (const { name, reason } of c.switches) {
    const halted = name === "submissionHalt";
    const alert = halted ? "TonsorSubmissionHalted" : "TonsorKillSwitchSet";
    alerts.push({ name: alert, about: name, severity: halted ? "critical" : "warning", reason });
  }
  if (c.unsent !== null && c.unsent.seconds > LONGEST_UNSENT) {
    const reason = `something has been due for ${c.unsent.seconds} s and is not sent: ${c.unsent.reason}`;
    alerts.push({ name: "TonsorBatchNotSent", about: "", severity: "critical", reason });
  }
  for (const { market } of c.markets.filter(({ halted }) => halted)) {
    const reason = "no usable price or depth: nothing is written";
    alerts.push({ name: "TonsorMarketHalted", about: market, severity: "critical", reason });
  }
  for (const { market, reason } of c.held) {
    alerts.push({ name: "TonsorImpactHeld", about: market, severity: "critical", reason });
  }
  if (c.queueSilent) {
    const reason = "Redis brings no ticks: the keeper ticks by its own clock";
    alerts.push({ name: "TonsorQueueSilent", about: "", severity: "warning", reason });
  }
  if (c.oldestTransactionAge !== null && c.oldestTransactionAge > LONGEST_WAIT) {
    const reason = `a transaction waits for a block for ${c.oldestTransactionAge} s`;
    alerts.push({ name: "TonsorTransactionWaiting", about: "", severity: "warning", reason });
  }
  if (c.evidenceMissing > 0) {
    const reason = `${c.evidenceMissing} of the last batches have no evidence in the folder: nobody can verify them`;
    alerts.push({ name: "TonsorEvidenceMissing", about: "", severity: "warning", reason });
  }
  return c.cosign === null ? alerts : [...alerts, ...cosignAlerts(c.cosign)];
}

/** A batch without enough signatures, and co-signers that cannot be asked. */
function cosignAlerts({ short, peers }: CosignCondition): readonly Alert[] {
  const down = peers.flatMap(({ name, problem }): Alert[] =>
    problem === null ? [] : [{ name: "TonsorCosignerDown", about: name, severity: "warning", reason: problem }],
  );
  if (short === null) return down;
  return [{ name: "TonsorCosignShort", about: "", severity: "critical", reason: short }, ...down];
}

/** A failed tick is reported as such; what could not be read yet is no alert. */
function known(name: ReadyName, c: Condition): boolean {
  if (name === "chain") return c.lastError === null;
  if (name === "signer") return c.signer === null || c.allowed === false;
  if (name === "balance") return c.balanceEth !== null;
  if (name === "data") return c.markets.length > 0;
  return true;
}
