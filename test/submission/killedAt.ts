import type { Journal } from "../../keeper/domain/journal.ts";
import type { SendContext } from "../../keeper/submission/context.ts";

/** Where a process is killed with SIGKILL in the life of one transaction, in its order. */
export const PLACES = [
  "before the journal row",
  "between journal row and send",
  "during the send",
  "between send and the row that says so",
  "between send and receipt",
  "between receipt and the row that says so",
] as const;

/** The journal and broadcaster of a process that dies at `place`, at the first send of its own. */
export function killedAt<Sending extends SendContext["broadcaster"]>(
  place: string,
  journal: Journal,
  broadcaster: Sending,
): { readonly journal: Journal; readonly broadcaster: Sending } {
  const die = (here: string) => {
    if (here === place) process.kill(process.pid, "SIGKILL");
  };
  let handedOver = false;
  return {
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
      noteLenders: (states) => {
        die("before it is written how the lenders stand");
        journal.noteLenders(states);
      },
    },
    broadcaster: {
      ...broadcaster,
      send: async (raw) => {
        handedOver = true;
        if (place !== "during the send") return await broadcaster.send(raw);
        // The bytes are on the wire; nobody waits for the answer.
        broadcaster.send(raw).catch(() => undefined);
        setTimeout(() => die("during the send"), 5);
        await new Promise(() => undefined);
      },
    },
  };
}
