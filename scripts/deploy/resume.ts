import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { trackTransaction } from "@nomicfoundation/ignition-core";
import type { JsonRpcProvider } from "ethers";
import { z } from "zod";
import { TonsorError } from "../../keeper/domain/errors.ts";

/** A journal line about who sends the transactions of a step. */
const sender = z.object({ futureId: z.string(), from: z.string() });

/** A journal line about a transaction on its way: its nonce was chosen, or its hash noted. */
const step = z.object({
  type: z.enum(["TRANSACTION_PREPARE_SEND", "TRANSACTION_SEND"]),
  futureId: z.string(),
  networkInteractionId: z.number(),
  nonce: z.number(),
});

/** A journal line about a deployed contract. */
const deployed = z.object({
  type: z.literal("DEPLOYMENT_EXECUTION_STATE_COMPLETE"),
  futureId: z.string(),
  result: z.object({ type: z.literal("SUCCESS"), address: z.string() }),
});

/**
 * Settles what a kill left open in Ignition's journal: a nonce that was chosen while no hash was noted. Ignition itself
 * stops there and asks a person for the hash. Either the node has a transaction of that nonce (then its hash is noted),
 * or it has none (then the choice is forgotten; should the transaction turn up after all, the same nonce admits only
 * one of the two, and both create the same contract at the same address).
 *
 * @throws TonsorError TRANSACTION_UNKNOWN when the nonce was used by a transaction that the endpoint cannot show.
 */
export async function settleJournal(folder: string, provider: JsonRpcProvider): Promise<void> {
  const file = join(folder, "journal.jsonl");
  if (!existsSync(file)) return;
  const text = readFileSync(file, "utf8");
  const lines = begunLines(wholeLines(text));
  const open = unrecorded(lines);
  const sent = open !== null && (await provider.getTransactionCount(open.from, "pending")) > open.nonce;
  if (open !== null && !sent) lines.splice(open.line, 1);
  const settled = lines.map((line) => `${line}\n`).join("");
  if (settled.trim() !== text.trim()) writeFileSync(file, settled);
  writeAddresses(join(folder, "deployed_addresses.json"), lines);
  if (open === null || !sent) return;
  const hash = await transactionOf(provider, open.from, open.nonce);
  if (hash === null) {
    const facts = { field: "nonce", given: open.nonce, expected: "an endpoint that still has the block it is in" };
    throw new TonsorError("TRANSACTION_UNKNOWN", `a transaction of ${open.from} cannot be found`, facts);
  }
  await trackTransaction(folder, hash, {
    request: async ({ method, params }) => await provider.send(method, (params ?? []) as unknown[]),
  });
}

/** Returns the lines of a journal; a last line cut short by a crash says nothing and is left out. */
function wholeLines(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  try {
    JSON.parse(lines.at(-1) ?? "null");
    return lines;
  } catch {
    return lines.slice(0, -1);
  }
}

/** A journal line that announces a step, or the first request of one. */
const begin = z.object({ type: z.string(), futureId: z.string() });

/**
 * Returns the lines without steps that were announced and never begun: nothing was sent for them, and Ignition takes
 * them for damage.
 */
function begunLines(lines: readonly string[]): string[] {
  const parsed = lines.map((line) => begin.safeParse(JSON.parse(line)).data);
  const requested = new Set(
    parsed.filter((line) => line?.type === "NETWORK_INTERACTION_REQUEST").map((line) => line?.futureId),
  );
  const announces = /^(DEPLOYMENT|CALL)_EXECUTION_STATE_INITIALIZE$/;
  return lines.filter((_, index) => {
    const line = parsed[index];
    return line === undefined || !announces.test(line.type) || requested.has(line.futureId);
  });
}

/** The last nonce chosen without a hash noted after it, or null. Deployments go one transaction at a time. */
function unrecorded(lines: readonly string[]): { line: number; nonce: number; from: string } | null {
  const senders = new Map<string, string>();
  for (const text of lines) {
    const { data } = sender.safeParse(JSON.parse(text));
    if (data !== undefined) senders.set(data.futureId, data.from);
  }
  for (let line = lines.length - 1; line >= 0; line--) {
    const parsed = step.safeParse(JSON.parse(lines[line] ?? "null")).data;
    if (parsed?.type === "TRANSACTION_SEND") return null;
    const from = parsed === undefined ? undefined : senders.get(parsed.futureId);
    if (parsed !== undefined && from !== undefined) return { line, nonce: parsed.nonce, from };
  }
  return null;
}

/** Writes Ignition's list of addresses anew from its journal: a kill may have cut it short, and then Ignition stops at it. */
function writeAddresses(file: string, lines: readonly string[]): void {
  const done = lines.flatMap((line) => deployed.safeParse(JSON.parse(line)).data ?? []);
  if (done.length === 0) return;
  const addresses = Object.fromEntries(done.map(({ futureId, result }) => [futureId, result.address]));
  writeFileSync(file, `${JSON.stringify(addresses, null, 2)}\n`);
}

/** Returns the hash of an account's transaction by nonce, pending or mined; null when the endpoint cannot show it. */
async function transactionOf(provider: JsonRpcProvider, from: string, nonce: number): Promise<string | null> {
  const latest = await provider.getBlockNumber();
  const minedBy = async (block: number) => (await provider.getTransactionCount(from, block)) > nonce;
  let block: number | "pending" = "pending";
  if (await minedBy(latest)) {
    // Back in growing steps, so that an endpoint without old state is asked no further than needed; then halve.
    let [low, high] = [latest, latest];
    for (let back = 1; low >= 0 && (await minedBy(low)); back *= 2) [low, high] = [low - back, low];
    low = Math.max(low, -1);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await minedBy(middle)) high = middle;
      else low = middle;
    }
    block = high;
  }
  const found = await provider.getBlock(block, true);
  const match = found?.prefetchedTransactions.find(
    (transaction) => transaction.nonce === nonce && transaction.from.toLowerCase() === from.toLowerCase(),
  );
  return match?.hash ?? null;
}
