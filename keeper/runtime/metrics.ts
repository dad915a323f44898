import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { METRICS, type Metric, type MetricName, SERVED_BY } from "./metricTable.ts";

type Labels = Readonly<Record<string, string>>;

/** The keeper's figures for Prometheus. */
export type Metrics = {
  /** Sets a gauge; a value that is no number takes its line away. */
  set(name: MetricName, value: number | null, labels?: Labels): void;
  /** Adds to a counter. */
  add(name: MetricName, labels?: Labels, by?: number): void;
  /** Notes one value in a histogram. */
  observe(name: MetricName, value: number, labels?: Labels): void;
  /** Forgets every line of a gauge, before those that still hold are set again. */
  clear(name: MetricName): void;
  /** The text that Prometheus reads, and its content type. */
  text(): Promise<string>;
  readonly contentType: string;
};

/** An empty registry of what a process serves of `METRICS`, beside prom-client's own `process_*` and `nodejs_*`. */
export function createMetrics(by: "keeper" | "watcher" = "keeper"): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const made = new Map(SERVED_BY[by].map((name) => [name, make(name, METRICS[name], register)] as const));
  const of = <T>(name: MetricName, kind: new (...args: never[]) => T): T => {
    const metric = made.get(name);
    if (metric instanceof kind) return metric;
    throw new TypeError(`${name} is no ${kind.name}`);
  };
  return {
    set(name, value, labels = {}) {
      const gauge = of(name, Gauge<string>);
      if (value === null || !Number.isFinite(value)) gauge.remove(labels);
      else gauge.set(labels, value);
    },
    add: (name, labels = {}, by = 1) => of(name, Counter<string>).inc(labels, by),
    observe: (name, value, labels = {}) => of(name, Histogram<string>).observe(labels, value),
    clear: (name) => of(name, Gauge<string>).reset(),
    text: () => register.metrics(),
    contentType: register.contentType,
  };
}

function make(name: string, { type, help, labels, buckets }: Metric, register: Registry) {
  const about = { name, help, labelNames: [...labels], registers: [register] };
  if (type === "counter") return new Counter(about);
  if (type === "gauge") return new Gauge(about);
  return new Histogram({ ...about, buckets: [...(buckets ?? [])] });
}
