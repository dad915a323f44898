import { METRICS, type Metric } from "../../keeper/runtime/metricTable.ts";
import { serviceFile } from "./serviceFiles.ts";

/** Every query of the Grafana dashboard: its panels', then its variables'. */
export function dashboardQueries(): readonly string[] {
  const dashboard = JSON.parse(serviceFile("grafana/dashboard.json")) as {
    panels: readonly { targets?: readonly { expr: string }[] }[];
    templating: { list: readonly { query: string | { query: string } }[] };
  };
  const variables = dashboard.templating.list.flatMap(({ query }) => {
    const metric = typeof query === "string" ? undefined : /^label_values\((\w+), \w+\)$/.exec(query.query)?.[1];
    return metric === undefined ? [] : [metric];
  });
  return [...dashboard.panels.flatMap(({ targets }) => (targets ?? []).map(({ expr }) => expr)), ...variables];
}

/** Served by the keeper, by prom-client under its own names, or by Prometheus about the keeper. */
export function knownMetric(name: string): boolean {
  if (
    name === "up" ||
    ["process_start_time_seconds", "process_resident_memory_bytes", "process_open_fds"].includes(name)
  )
    return true;
  const histogram = /^(.+)_(?:bucket|sum|count)$/.exec(name)?.[1];
  const table: Readonly<Record<string, Metric>> = METRICS;
  if (table[name] !== undefined) return table[name].type !== "histogram";
  return histogram !== undefined && table[histogram]?.type === "histogram";
}
