import type { StatusSnapshot } from "../dashboard/status.ts";
import type { StatusBook } from "../dashboard/statusBook.ts";
import type { Hex } from "../domain/contract.ts";
import type { KeeperChain, KeeperIdentity, KeeperRecords } from "../keeper.ts";
import { type CycleSummary, transactionStatus } from "./summary.ts";

/** Bytes of an evidence bundle, or null when there is none of that hash or it was changed. */
export async function evidenceBytes(
  { evidence }: Pick<KeeperRecords, "evidence">,
  hash: string,
): Promise<Uint8Array | null> {
  return await evidence.get(hash as Hex).catch(() => null);
}

/** Writes one cycle into the book that the status page reads. */
export function noteCycle(
  book: StatusBook,
  keeper: Pick<KeeperRecords, "store"> & Pick<KeeperChain, "deployment">,
  summary: CycleSummary,
): void {
  for (const { explanation, transaction } of summary.entries) {
    book.decided(explanation, transaction?.status === "CONFIRMED");
  }
  for (const intent of keeper.store.recentIntents(50)) {
    book.sent(transactionStatus(intent, keeper.deployment));
  }
}

/** The head of a status snapshot of a live keeper. */
export function headOf(
  { chainId, contract, now }: Pick<KeeperIdentity, "chainId" | "contract" | "now">,
  state: StatusSnapshot["keeper"]["state"],
  message: string,
): Omit<StatusSnapshot, "markets" | "transactions"> {
  return {
    time: now(),
    keeper: { state, message, cycles: 0, lastCycle: null },
    data: { kind: "live", label: "live sources" },
    replay: null,
    chain: { chainId, contract },
  };
}
