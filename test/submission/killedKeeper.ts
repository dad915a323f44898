/**
 * A keeper that is killed with SIGKILL at a named place of one submission. Run as a process by killed.e2e.test.ts:
 * node killedKeeper.ts <place> <journal> <rpc> <key> <contract> <n>
 */
import type { Hex } from "viem";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { contextFor, journalFor, submissionFor } from "./submissionWorld.ts";

const [place, path, rpc, key, contract, n] = process.argv.slice(2);
const die = (here: string) => {
  if (here === place) process.kill(process.pid, "SIGKILL");
};
const journal = journalFor(contract as Hex, path);
const context = contextFor(journal, rpc as string, key as Hex);
const { broadcaster } = context;
// What an earlier process sent is not due to be sent again: the first send here is that of the submission.
for (const { transactionHash } of journal.openIntents()) context.sends.note(transactionHash, "again");
let handedOver = false;
await submitBatch(submissionFor(journal, contract as Hex, Number(n)), {
  ...context,
  journal: {
    ...journal,
    planIntent: (plan) => {
      die("before the journal row");
      const intent = journal.planIntent(plan);
      die("between journal row and send");
      return intent;
    },
    markSent: (id, at) => {
      // Settling an earlier transaction writes such a row too; the place is after a send of our own.
      if (!handedOver) return journal.markSent(id, at);
      die("between send and the row that says so");
      journal.markSent(id, at);
      die("between send and receipt");
    },
    resolveIntent: (id, change) => {
      die("between receipt and the row that says so");
      journal.resolveIntent(id, change);
    },
  },
  broadcaster: {
    ...broadcaster,
    send: async (raw) => {
      handedOver = true;
      // The bytes are on the wire; nobody waits for the answer.
      if (place === "during the send") broadcaster.send(raw).catch(() => undefined);
      if (place === "during the send") setTimeout(() => die("during the send"), 5);
      await (place === "during the send" ? new Promise(() => undefined) : broadcaster.send(raw));
    },
  },
});
process.exit(3);
