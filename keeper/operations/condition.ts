import type { Headline } from "../dashboard/operations.ts";
import type { ListedMarket, StatusSnapshot } from "../dashboard/status.ts";
import type { CycleReport } from "../domain/cycle.ts";
import { span } from "../domain/format.ts";
import type { TickRow } from "../domain/journal.ts";
import type { KeeperChain, KeeperHealth, KeeperIdentity, KeeperRecords } from "../keeper.ts";
import type { CosignCondition } from "./cosignWatch.ts";
import { isUp } from "./gauges.ts";
import { createLoopState } from "./loopState.ts";
import { type Condition, headline } from "./readiness.ts";
import { type SignerState, signerState } from "./signerState.ts";

type Asked = KeeperIdentity & KeeperHealth & KeeperRecords;

/** What of a condition only whoever watches a keeper can say. */
type Watched = Pick<Condition, "live" | "evidenceMissing" | "mirror"> &
  ReturnType<ReturnType<typeof createLoopState>["facts"]> & {
    readonly rpcQuorum: number;
    readonly signerState: SignerState | null;
    readonly cosign: CosignCondition | null;
  };

/** The condition of a keeper, of what is known of it and what it says itself. */
export function conditionOf(keeper: Asked, { rpcQuorum, signerState: state, ...watched }: Watched): Condition {
  const now = keeper.now();
  const nodes = keeper.nodes();
  const [oldest] = keeper.store.openIntents();
  return {
    ...watched,
    signer: keeper.signer,
    allowed: state?.allowed ?? null,
    powers: state?.powers ?? "",
    balanceEth: state?.balanceEth ?? null,
    nodes: { up: nodes.filter(isUp).length, all: nodes.length, quorum: nodes.length === 0 ? 0 : rpcQuorum },
    switches: keeper.guard?.all(now) ?? [],
    oldestTransactionAge: oldest === undefined ? null : Math.max(0, now - oldest.plannedAt),
  };
}

/**
 * How a keeper is after one cycle, of whoever ran that cycle and watches it no further. Without a key here the address that
 * sent last stands for it.
 * @throws viem's errors
 */
export async function headlineAfter(
  keeper: Asked & Pick<KeeperChain, "client">,
  report: CycleReport,
  markets: readonly ListedMarket[],
  { rpcQuorum = 0, live, lastError = null }: { rpcQuorum?: number; live: Condition["live"]; lastError?: string | null },
): Promise<Headline> {
  const loop = createLoopState(keeper.markets.map(({ name }) => name));
  loop.cycleDone(report, markets);
  const signer = keeper.signer ?? keeper.store.recentIntents(1)[0]?.from ?? null;
  const state = signer === null ? null : await signerState(keeper, signer);
  const watched = { rpcQuorum, signerState: state, cosign: null, evidenceMissing: 0, mirror: null, live };
  const facts = { ...loop.facts(keeper.now()), lastError, failedInARow: lastError === null ? 0 : 1 };
  return headline({ ...conditionOf(keeper, { ...facts, ...watched }), signer });
}

/**
 * What the journal says of a keeper that may run in another process: it lives while its last cycle is younger than two
 * ticks.
 * @param now Unix seconds by the keeper's clock
 * @example journalSays(undefined, { now: 0, tickSeconds: 60 }).live // { ok: false, reason: "no cycle was run yet" }
 */
export function journalSays(
  last: (Pick<TickRow, "id" | "now" | "outcome"> & Partial<Pick<TickRow, "detail">>) | undefined,
  { now, tickSeconds }: { readonly now: number; readonly tickSeconds: number },
): Pick<StatusSnapshot["keeper"], "cycles" | "lastCycle"> & Pick<Condition, "live" | "lastError"> {
  const counted = { cycles: last?.id ?? 0, lastCycle: last?.now ?? null };
  if (last === undefined) return { ...counted, live: { ok: false, reason: "no cycle was run yet" }, lastError: null };
  const why = last.detail ? ` (${last.detail})` : "";
  const end = last.outcome === null ? "has not ended" : `ended: ${last.outcome}${why}`;
  const reason = `the last cycle, ${span(Math.max(0, now - last.now))} ago, ${end}`;
  const lastError = last.outcome === "failed" ? (last.detail ?? "") : null;
  return { ...counted, live: { ok: now - last.now <= 2 * tickSeconds, reason }, lastError };
}
