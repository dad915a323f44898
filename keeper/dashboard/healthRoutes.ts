import { type AnyRoute, get, json } from "../io/routes.ts";
import type { HealthAnswer, Operations } from "./operations.ts";
import { healthSchema } from "./schemas.ts";

/** `/live` and `/ready` of a process. @param ready what the latter says, in one line */
export function healthRoutes(
  ready: string,
  operations: { live(): HealthAnswer; ready(): HealthAnswer },
): readonly AnyRoute[] {
  const of = (path: string, summary: string, health: () => HealthAnswer) =>
    get({
      ...{ path, summary, returns: healthSchema, also: [503] },
      answer() {
        const { ok, reason } = health();
        return json({ ok, reason }, ok ? 200 : 503);
      },
    });
  return [
    of("/live", "Whether it makes progress, for a supervisor that restarts it", operations.live),
    of("/ready", ready, operations.ready),
  ];
}

/** `/metrics` of a process. */
export function metricsRoute(metrics: Operations["metrics"]): AnyRoute {
  return get({
    path: "/metrics",
    summary: "Metrics in the text format of Prometheus",
    returns: "text/plain",
    answer: async () => ({ status: 200, ...(await metrics()) }),
  });
}
