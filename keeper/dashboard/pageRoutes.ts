import { z } from "zod";
import { type Answer, type AnyRoute, get, JSON_TYPE, json, problem, type Route } from "../io/routes.ts";
import { ASSETS } from "./assets.ts";
import { seriesCsv } from "./csv.ts";
import { healthRoutes, metricsRoute } from "./healthRoutes.ts";
import { noticeRoutes } from "./noticeRoutes.ts";
import type { HealthAnswer } from "./operations.ts";
import { operationsSchema, seriesSchema, snapshotSchema } from "./schemas.ts";
import type { DashboardData, StatusSnapshot } from "./status.ts";

/** All that the page serves; what is made anew for each who asks is made in turn where everybody may ask. */
export function pageRoutes(data: DashboardData, isPublic: boolean): readonly AnyRoute[] {
  return [
    ...ASSETS,
    get({
      path: "/api/status",
      summary: "All markets, transactions and lenders after the last cycle",
      returns: snapshotSchema,
      inTurn: isPublic,
      answer: () => json(withHeadline(data)),
    }),
    ...seriesRoutes(data, isPublic),
    ...noticeRoutes(data, isPublic),
    ...healthRoutes("Whether the next tightening could be sent", {
      live: () => data.operations?.live() ?? live(data.snapshot()),
      ready: () => data.operations?.ready() ?? ready(data.snapshot()),
    }),
    ...operatorRoutes(data),
    ...evidenceRoutes(data),
  ];
}

const seriesQuery = z.object({
  market: z
    .preprocess((given) => given ?? "", z.string())
    .describe("name of a market; a 404 names those that there are"),
  since: z.coerce.number("Unix seconds").optional().describe("Unix s: points later than this; absent: all"),
});

function seriesRoutes(data: DashboardData, inTurn: boolean): readonly AnyRoute[] {
  const of = (path: string, returns: Route["returns"], shown: (market: string, since?: number) => Answer) =>
    get({
      ...{ path, returns, inTurn, query: seriesQuery },
      summary: "One point for each decision of a market, oldest first",
      answer({ query: { market, since } }) {
        const known = data.snapshot().markets.map((entry) => entry.market);
        if (known.includes(market)) return shown(market, since);
        const expected = `market=${known.join(" or market=") || "<name>, once one has been assessed"}`;
        return problem(404, "unknown market", expected);
      },
    });
  return [
    of("/api/series", seriesSchema, (market, since) =>
      json({ market, points: data.series(market, since), events: data.events(market) }),
    ),
    of("/api/series.csv", "text/csv", (market, since) => {
      return { status: 200, type: "text/csv; charset=utf-8", body: seriesCsv(data.series(market, since)) };
    }),
  ];
}

function operatorRoutes({ operations }: DashboardData): readonly AnyRoute[] {
  if (operations === undefined) return [];
  return [
    get({
      path: "/status",
      summary: "For operators: checks, kill switches and alerts",
      returns: operationsSchema,
      answer: () => json(operations.status()),
    }),
    metricsRoute(operations.metrics),
  ];
}

function evidenceRoutes(data: DashboardData): readonly AnyRoute[] {
  const read = async (name: string): Promise<Answer> => {
    const body = await data.evidence(name.toLowerCase());
    return body === null ? NO_EVIDENCE : { status: 200, type: JSON_TYPE, body, isForever: true };
  };
  const both = { returns: "application/json", inTurn: true };
  return [
    get({
      ...both,
      path: "/evidence/{hash}",
      summary: "The canonical JSON whose keccak-256 is the hash",
      values: z.object({ hash: z.string().regex(/^0x[0-9a-fA-F]{64}$/) }),
      answer: ({ values }) => read(values.hash),
    }),
    get({
      ...both,
      path: "/evidence/parts/{name}",
      summary: "The canonical JSON whose sha256 is the name",
      values: z.object({ name: z.string().regex(/^[0-9a-fA-F]{64}$/) }),
      answer: ({ values }) => read(values.name),
    }),
  ];
}

const NO_EVIDENCE = problem(
  404,
  "no evidence of that hash is kept here",
  "a hash from /api/status, or what the evidence of one names",
);

/** The snapshot, with how a keeper that runs is now: it may have changed since its last cycle. */
function withHeadline({ snapshot, operations }: DashboardData): StatusSnapshot {
  const book = snapshot();
  return operations === undefined ? book : { ...book, keeper: { ...book.keeper, ...operations.headline() } };
}

function live({ keeper }: StatusSnapshot): HealthAnswer {
  const dead = keeper.state === "failed" || keeper.state === "stopped";
  return { ok: !dead, reason: `${keeper.state}: ${keeper.message}` };
}

/** Whether a market was assessed and nothing critical is said of the keeper. */
function ready({ keeper, markets }: StatusSnapshot): HealthAnswer {
  return { ok: markets.length > 0 && keeper.severity !== "critical", reason: keeper.message };
}
