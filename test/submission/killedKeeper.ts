/**
 * A keeper that is killed with SIGKILL at a named place of one submission. Run as a process by killed.e2e.test.ts:
 * node killedKeeper.ts <place> <journal> <rpc> <key> <contract> <n>
 */
import type { Hex } from "viem";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { killedAt } from "./killedAt.ts";
import { contextFor, journalFor, submissionFor } from "./submissionWorld.ts";

const [place = "", path, rpc, key, contract, n] = process.argv.slice(2);
const journal = journalFor(contract as Hex, path);
const context = contextFor(journal, rpc as string, key as Hex);
// What an earlier process sent is not due to be sent again: the first send here is that of the submission.
for (const { transactionHash } of journal.openIntents()) context.sends.note(transactionHash, "again");
const killed = killedAt(place, journal, context.broadcaster);
await submitBatch(submissionFor(journal, contract as Hex, Number(n)), { ...context, ...killed });
process.exit(3);
