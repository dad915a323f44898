import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "../../keeper/runtime/metrics.ts";
import { METRICS } from "../../keeper/runtime/metricTable.ts";
import { alertRules, metricsIn, serviceFile } from "../support/serviceFiles.ts";
import { tableRows } from "../support/tableRows.ts";

const families = (text: string) =>
  [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type] as const);

test("METRICS.md is the table of metrics, word for word, in order", () => {
  const rows = tableRows(serviceFile("METRICS.md")).map((row) => row.map((cell) => cell.replaceAll("`", "")));
  const expected = Object.entries(METRICS).map(([name, { type, labels, help }]) => {
    return [name, type, labels.length === 0 ? "-" : labels.join(", "), help];
  });
  assert.deepEqual(rows, expected);
});

const WATCHERS_ALONE = [
  ["tonsor_challenges_total", "counter"],
  ["tonsor_challenge_possible", "gauge"],
  ["tonsor_challenges_affordable", "gauge"],
  ["tonsor_proven_open", "gauge"],
] as const;

test("a keeper serves the metrics of the table with their types but the watcher's, and prom-client's own under its own names", async () => {
  const served = families(await createMetrics().text());
  const own = WATCHERS_ALONE.map(([name]) => name as string);
  const expected = Object.entries(METRICS).map(([name, { type }]) => [name, type] as const);
  assert.deepEqual(
    served.filter(([name]) => name?.startsWith("tonsor_")),
    expected.filter(([name]) => !own.includes(name)),
  );
  const others = served.filter(([name]) => !/^(tonsor|process|nodejs)_/.test(name ?? ""));
  assert.deepEqual(others, []);
  assert.ok(served.some(([name]) => name === "process_resident_memory_bytes"));
});

test("the watcher serves its own metrics, and of a keeper's none that no watcher sets, for a gauge without labels is 0 and would alert", async () => {
  const served = families(await createMetrics("watcher").text()).filter(([name]) => name?.startsWith("tonsor_"));
  const table = new Map(Object.entries(METRICS).map(([name, { type }]) => [name, type] as const));
  for (const [name, type] of served) assert.equal(table.get(name as string), type);
  assert.deepEqual(served.slice(-4), WATCHERS_ALONE);
  const names = served.map(([name]) => name);
  const alerts = alertRules().flatMap(({ expr }) => metricsIn(expr));
  const alerted = names.filter((name) => alerts.includes(name as string));
  assert.deepEqual(alerted, [
    "tonsor_tick_period_seconds",
    "tonsor_live",
    "tonsor_ticks_total",
    "tonsor_head_age_seconds",
    "tonsor_node_up",
    "tonsor_signer_balance_eth",
    "tonsor_notifications_total",
    "tonsor_challenge_possible",
    "tonsor_challenges_affordable",
    "tonsor_proven_open",
  ]);
});

test("names say unit and kind as Prometheus asks: counters end in _total, no other does, units are base units", () => {
  for (const [name, { type, labels }] of Object.entries(METRICS)) {
    assert.equal(name.endsWith("_total"), type === "counter", name);
    assert.doesNotMatch(name, /_(ms|milliseconds|minutes|percent)(_|$)/);
    for (const label of labels) assert.match(label, /^[a-z_]+$/);
  }
});

test("counters add up, gauges move, a value that is none takes its line away, histograms count in seconds", async () => {
  const metrics = createMetrics();
  metrics.add("tonsor_ticks_total", { outcome: "done" });
  metrics.add("tonsor_ticks_total", { outcome: "done" }, 2);
  metrics.set("tonsor_price_usd", 3000.5, { market: "WETH" });
  metrics.set("tonsor_price_usd", 1, { market: "WBTC" });
  metrics.set("tonsor_price_usd", null, { market: "WBTC" });
  metrics.set("tonsor_depth_usd", Number.POSITIVE_INFINITY, { market: "WETH" });
  metrics.observe("tonsor_tick_duration_seconds", 0.2);
  const text = await metrics.text();
  assert.match(text, /^tonsor_ticks_total\{outcome="done"\} 3$/m);
  assert.match(text, /^tonsor_price_usd\{market="WETH"\} 3000\.5$/m);
  assert.doesNotMatch(text, /WBTC|tonsor_depth_usd\{/);
  assert.match(text, /^tonsor_tick_duration_seconds_bucket\{le="0\.1"\} 0$/m);
  assert.match(text, /^tonsor_tick_duration_seconds_bucket\{le="0\.25"\} 1$/m);
});

test("a metric is used as what it is, and with the labels it has", () => {
  const metrics = createMetrics();
  assert.throws(() => metrics.add("tonsor_live"), /tonsor_live is no Counter/);
  assert.throws(() => metrics.set("tonsor_price_usd", 1, { pool: "x" }), /label/i);
});
