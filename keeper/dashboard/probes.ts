import type { Probe, StatusSnapshot } from "./status.ts";

/** Whether the keeper still makes progress, for a supervisor that restarts it. */
export function live({ keeper }: StatusSnapshot): Probe {
  const dead = keeper.state === "failed" || keeper.state === "stopped";
  return { ok: !dead, reason: `${keeper.state}: ${keeper.message}` };
}

/** Whether the values on chain may be relied on: the keeper is past its first cycle and nothing is stale. */
export function ready(snapshot: StatusSnapshot): Probe {
  const alive = live(snapshot);
  if (!alive.ok) return alive;
  if (snapshot.markets.length === 0) return { ok: false, reason: "no market has been assessed yet" };
  const stale = snapshot.markets.filter(({ onChain }) => onChain === null || onChain.stale).map(({ market }) => market);
  if (stale.length > 0) return { ok: false, reason: `stale or not listed on chain: ${stale.join(", ")}` };
  return { ok: true, reason: `${snapshot.markets.length} markets fresh on chain` };
}
