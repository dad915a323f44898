import { ASSETS } from "./assets.ts";
import { seriesCsv } from "./csv.ts";
import type { HealthAnswer } from "./operations.ts";
import type { DashboardData, StatusSnapshot } from "./status.ts";

export type Answer = {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array | string;
  /** It is named by its hash: whoever keeps it need never ask again. */
  readonly isForever?: boolean;
};

const JSON_TYPE = "application/json; charset=utf-8";

/** The answer to one GET; anything unknown is 404 with a JSON body that says what there is. */
export async function answer(url: URL, data: DashboardData): Promise<Answer> {
  const asset = ASSETS.get(url.pathname);
  if (asset !== undefined) return { status: 200, type: asset.type, body: await asset.read() };
  switch (url.pathname) {
    case "/api/status":
      return json(200, withHeadline(data));
    case "/api/series":
    case "/api/series.csv":
      return series(url, data);
    case "/live":
      return health(data.operations?.live() ?? live(data.snapshot()));
    case "/ready":
      return health(data.operations?.ready() ?? ready(data.snapshot()));
  }
  if (data.operations !== undefined && url.pathname === "/status") return json(200, data.operations.status());
  if (data.operations !== undefined && url.pathname === "/metrics") {
    return { status: 200, ...(await data.operations.metrics()) };
  }
  const evidence = /^\/evidence\/(?:(0x[0-9a-f]{64})|parts\/([0-9a-f]{64}))$/i.exec(url.pathname);
  if (evidence === null) {
    const operators = data.operations === undefined ? "" : " /status, /metrics,";
    const served = `/, /api/status, /api/series, /api/series.csv, /live, /ready,${operators} /evidence/<hash>, /evidence/parts/<name>`;
    return problem(404, "there is nothing here", served);
  }
  const bytes = await data.evidence((evidence[1] ?? evidence[2] ?? "").toLowerCase());
  if (bytes === null)
    return problem(
      404,
      "no evidence of that hash is kept here",
      "a hash from /api/status, or what the evidence of one names",
    );
  return { status: 200, type: JSON_TYPE, body: bytes, isForever: true };
}

function series(url: URL, data: DashboardData): Answer {
  const query = url.searchParams;
  const market = query.get("market");
  const known = data.snapshot().markets.map((entry) => entry.market);
  if (market === null || !known.includes(market)) {
    return problem(
      404,
      "unknown market",
      `market=${known.join(" or market=") || "<name>, once one has been assessed"}`,
    );
  }
  const text = query.get("since");
  const since = text === null || text === "" ? undefined : Number(text);
  if (since !== undefined && !Number.isFinite(since)) return problem(400, "since is not a number", "Unix seconds");
  const points = data.series(market, since);
  if (url.pathname === "/api/series") return json(200, { market, points, events: data.events(market) });
  return { status: 200, type: "text/csv; charset=utf-8", body: seriesCsv(points) };
}

function health({ ok, reason }: HealthAnswer): Answer {
  return json(ok ? 200 : 503, { ok, reason });
}

/** An error as JSON: what was wrong and what was expected. */
export function problem(status: number, message: string, expected: string): Answer {
  return json(status, { error: { message, expected } });
}

function json(status: number, body: unknown): Answer {
  const text = JSON.stringify(body, (_, value) => (typeof value === "bigint" ? value.toString() : value));
  return { status, type: JSON_TYPE, body: text };
}

/** The snapshot, with how a keeper that runs is now: it may have changed since its last cycle. */
function withHeadline({ snapshot, operations }: DashboardData): StatusSnapshot {
  const book = snapshot();
  return operations === undefined ? book : { ...book, keeper: { ...book.keeper, ...operations.headline() } };
}

/** Whether the keeper still makes progress, for a supervisor that restarts it. */
function live({ keeper }: StatusSnapshot): HealthAnswer {
  const dead = keeper.state === "failed" || keeper.state === "stopped";
  return { ok: !dead, reason: `${keeper.state}: ${keeper.message}` };
}

/** Whether a market was assessed and nothing critical is said of the keeper. */
function ready({ keeper, markets }: StatusSnapshot): HealthAnswer {
  return { ok: markets.length > 0 && keeper.severity !== "critical", reason: keeper.message };
}
