import { LENDER_STATES } from "../domain/lender.ts";
import { type Served, type ServerOptions, startServer } from "../io/server.ts";
import { pageRoutes } from "./pageRoutes.ts";
import type { DashboardData, TimelineEvent } from "./status.ts";

type DashboardOptions = Pick<ServerOptions, "host" | "port" | "clean" | "isPublic" | "onFailed"> & {
  readonly data: DashboardData;
};

/**
 * Serves the status page and its JSON, read-only: no state, no path that writes. `isPublic`: for everyone, only what
 * `publicData` leaves. A port in use rejects with the system's error (EADDRINUSE).
 */
export function startDashboard({ data, isPublic = false, ...options }: DashboardOptions): Promise<Served> {
  const routes = pageRoutes(isPublic ? publicData(data) : data, isPublic);
  return startServer({ ...options, isPublic, routes, told: { title: "Tonsor" } });
}

/**
 * What everybody may read of `data`: markets, transactions and evidence as they are, for the chain and the evidence tell them
 * anyway; of the keeper its state, and its message in public words; no operations. A reason why positions are not known may
 * name a file.
 */
function publicData({ operations, ...data }: DashboardData): DashboardData {
  return {
    ...data,
    snapshot() {
      const book = data.snapshot();
      const markets = book.markets.map((market) => {
        const { positions } = market;
        return positions.why === null ? market : { ...market, positions: { ...positions, why: "not known" } };
      });
      // In place of `deribit at proxy.internal:8080`: that it is not the venue's own address is for everyone, where it is not.
      const label = book.data.label.replaceAll(/ at [^ ,]+(?=,|$)/g, " at another address");
      const keeper = { ...book.keeper, ...operations?.publicHeadline() };
      // What a node said of a lender may name it.
      const lenders = book.lenders.map((one) => ({ ...one, detail: null, words: LENDER_STATES[one.state].means }));
      return { ...book, lenders, markets, keeper, data: { ...book.data, label } };
    },
    events: (market) => data.events(market).map(inPublicWords),
  };
}

function inPublicWords(event: TimelineEvent): TimelineEvent {
  return event.kind === "keeper" ? { ...event, words: event.words.split(":")[0] ?? "" } : event;
}
