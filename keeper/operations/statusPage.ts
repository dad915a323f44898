import { explorerOf } from "../dashboard/explorers.ts";
import type { StatusSnapshot } from "../dashboard/status.ts";
import type { StatusBook } from "../dashboard/statusBook.ts";
import type { Hex } from "../domain/contract.ts";
import type { KeeperChain, KeeperIdentity, KeeperRecords } from "../keeper.ts";
import type { Config } from "../runtime/config.ts";
import { type CycleSummary, transactionStatus } from "./summary.ts";

/** Bytes of a root of evidence by its hash or of a part by its name; null when there is none or it was changed. */
export async function evidenceBytes(
  { evidence }: Pick<KeeperRecords, "evidence">,
  name: string,
): Promise<Uint8Array | null> {
  const read = name.startsWith("0x") ? evidence.get(name as Hex) : evidence.part(name);
  return await read.catch(() => null);
}

/** Writes one cycle into the book that the status page reads. */
export function noteCycle(
  book: StatusBook,
  keeper: Pick<KeeperRecords, "store"> & Pick<KeeperChain, "deployment">,
  summary: CycleSummary,
): void {
  for (const { explanation, transaction, positions } of summary.entries) {
    book.decided(explanation, transaction?.status === "CONFIRMED", positions);
  }
  for (const intent of keeper.store.recentIntents(50)) {
    if (intent.kind !== "SYNC") book.sent(transactionStatus(intent, keeper.deployment));
  }
}

/** A keeper before its first cycle. */
export const STARTING: StatusSnapshot["keeper"] = {
  state: "starting",
  severity: "warning",
  message: "waiting for the first cycle",
  cycles: 0,
  lastCycle: null,
};

/** The head of a status snapshot of a keeper before its first cycle; by the chain's clock it says that this is a replay, not of what. */
export function headOf(
  { chainId, contract, now }: Pick<KeeperIdentity, "chainId" | "contract" | "now">,
  { clock, venueUrls }: Pick<Config, "clock" | "venueUrls">,
): Omit<StatusSnapshot, "markets" | "calibration" | "lenders" | "transactions"> {
  // The rest of an address may be a secret of a proxy's.
  const replaced = Object.entries(venueUrls).map(([venue, url]) => `${venue} at ${new URL(url).host}`);
  return {
    time: now(),
    keeper: STARTING,
    data: {
      kind: clock === "chain" ? "replay" : "live",
      label: [clock === "chain" ? "the time of the chain's latest block" : "live sources", ...replaced].join(", "),
    },
    replay: null,
    chain: { chainId, contract, explorer: explorerOf(chainId) },
  };
}
