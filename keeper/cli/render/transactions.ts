import { moment, shortHash } from "../../domain/format.ts";
import { INTENT_STATUSES } from "../../domain/intent.ts";
import type { TransactionRow } from "../../operations/transactions.ts";
import type { MovedTransaction } from "../../submission/manage.ts";
import { left, right } from "./layout.ts";

/** Transactions as text: one line each, with why under those that need a word. */
export function renderTransactions(rows: readonly TransactionRow[]): string {
  if (rows.length === 0) return "no transaction";
  const line = (...cells: readonly [string, string, string, string, string, string]): string => {
    const [time, nonce, status, fee, hash, what] = cells;
    return `${left(time, 22)}${right(nonce, 6)}  ${left(status, 19)}${right(fee, 11)}  ${left(hash, 15)}${what}`.trimEnd();
  };
  const lines = rows.flatMap((row) => {
    const ended = !INTENT_STATUSES[row.status].open;
    const status = ended && !row.final ? `${row.status}, shallow` : row.status;
    const what =
      row.kind === "CANCEL"
        ? "cancellation"
        : row.kind === "SYNC"
          ? "brings lenders up"
          : `${row.tightens ? "tightens" : "no tightening"} ${row.markets.join(", ")}`;
    const route = row.route === "private" ? " (private)" : "";
    const fee = `${row.maxFeePerGasGwei.toFixed(3)}`;
    const head = line(moment(row.plannedAt), String(row.nonce), status, fee, shortHash(row.hash), `${what}${route}`);
    return row.detail === null ? [head] : [head, `    ${row.detail}`];
  });
  return [line("planned", "nonce", "status", "gwei a gas", "hash", "what"), ...lines].join("\n");
}

/** What became of a cancellation or a bump, in one line. */
export function renderMoved({ action, nonce, hash, maxFeePerGasGwei, status }: MovedTransaction): string {
  const offer = `${hash} at ${maxFeePerGasGwei} gwei a gas`;
  if (INTENT_STATUSES[status].open)
    return `nonce ${nonce} is not used yet: ${offer} is ${status}. Look again with \`tonsor tx list --open\`.`;
  if (status === "CONFIRMED") return `nonce ${nonce}: ${action === "cancel" ? "cancelled" : "landed"} by ${offer}.`;
  return `nonce ${nonce} is used, not by ${offer}, which is ${status}. \`tonsor tx list\` shows by which.`;
}

/** Transactions as JSON. */
export function transactionsJson(rows: readonly TransactionRow[]) {
  const iso = (seconds: number): string => new Date(seconds * 1_000).toISOString();
  return {
    transactions: rows.map(({ sequence, plannedAt, updatedAt, deadline, blockNumber, ...row }) => ({
      ...row,
      sequence: sequence.toString(),
      plannedAt: iso(plannedAt),
      updatedAt: iso(updatedAt),
      deadline: new Date(Math.min(deadline, 8.64e12) * 1_000).toISOString(),
      blockNumber: blockNumber?.toString() ?? null,
    })),
  };
}

/** A moved transaction as JSON; `used` says whether its nonce is used. */
export function movedJson(moved: MovedTransaction) {
  return { ...moved, used: !INTENT_STATUSES[moved.status].open };
}
