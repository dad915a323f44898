import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { conditionAlerts, readyChecks } from "../../keeper/operations/readiness.ts";
import { METRICS, type Metric } from "../../keeper/runtime/metricTable.ts";
import { aCondition } from "../support/condition.ts";
import { programPath, withoutProgram } from "../support/programs.ts";
import { alertRules, metricsIn, serviceFile } from "../support/serviceFiles.ts";

/** Every query of the Grafana dashboard: its panels', its variables', then its annotations'. */
function dashboardQueries(): readonly string[] {
  const dashboard = JSON.parse(serviceFile("grafana/dashboard.json")) as {
    panels: readonly { targets?: readonly { expr: string }[] }[];
    annotations: { list: readonly { expr: string }[] };
    templating: { list: readonly { query: string | { query: string } }[] };
  };
  const variables = dashboard.templating.list.flatMap(({ query }) => {
    const metric = typeof query === "string" ? undefined : /^label_values\((\w+), \w+\)$/.exec(query.query)?.[1];
    return metric === undefined ? [] : [metric];
  });
  const annotations = dashboard.annotations.list.map(({ expr }) => expr);
  return [
    ...dashboard.panels.flatMap(({ targets }) => (targets ?? []).map(({ expr }) => expr)),
    ...variables,
    ...annotations,
  ];
}

/** Served by the keeper, by prom-client under its own names, or by Prometheus about the keeper. */
function knownMetric(name: string): boolean {
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

const folder = fileURLToPath(new URL("../../deployments/service/", import.meta.url));
const names = alertRules().map(({ alert }) => alert);

/** Prometheus' own checker. */
function promtool(args: readonly string[], cwd = folder): string {
  return execFileSync(programPath("promtool") ?? "", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
const missing = withoutProgram("promtool");

describe("alerts.yml", () => {
  it("passes promtool, with two tests or more for every alert", { skip: missing }, () => {
    assert.match(promtool(["check", "rules", "alerts.yml"]), new RegExp(`SUCCESS: ${names.length} rules found`));
    assert.match(promtool(["check", "config", "prometheus.yml"]), /prometheus\.yml is valid/);
    promtool(["test", "rules", "alerts.test.yml"]);
  });

  it("has a test for every alert that is silent once and fires once", () => {
    const { tests } = parse(serviceFile("alerts.test.yml")) as {
      tests: readonly {
        name: string;
        alert_rule_test: readonly { alertname: string; exp_alerts: readonly unknown[] }[];
      }[];
    };
    assert.deepEqual(
      tests.map(({ name }) => name),
      names,
    );
    for (const { name, alert_rule_test: looks } of tests) {
      assert.ok(looks.every(({ alertname }) => alertname === name));
      assert.deepEqual([...new Set(looks.map(({ exp_alerts }) => exp_alerts.length > 0))].sort(), [false, true], name);
    }
  });

  it("asks only for metrics that the keeper serves, by labels that they have", () => {
    for (const { alert, expr } of alertRules()) {
      const metrics = metricsIn(expr);
      assert.ok(metrics.length > 0, alert);
      for (const metric of metrics) assert.ok(knownMetric(metric), `${alert}: ${metric}`);
      for (const [, metric, labels] of expr.matchAll(/\b(tonsor_[a-z_]+)\{([^}]*)\}/g)) {
        const known = (METRICS as Record<string, Metric>)[metric as string]?.labels ?? [];
        for (const [, label] of (labels as string).matchAll(/(\w+)\s*[!=]/g))
          assert.ok(known.includes(label as string), `${alert}: ${label}`);
      }
    }
  });

  it("gives each alert a severity, a summary, and the section of the runbook that has its name", () => {
    const sections = [...serviceFile("RUNBOOK.md").matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    assert.deepEqual(sections, names, "one section for one alert, in the same order");
    for (const { alert, labels, annotations } of alertRules()) {
      assert.match(labels.severity, /^(critical|warning)$/, alert);
      assert.ok(annotations.summary.length > 20, alert);
      assert.equal(annotations.runbook, `deployments/service/RUNBOOK.md#${alert.toLowerCase()}`);
    }
  });

  it("knows every alert that the keeper tells by itself, with the same severity", () => {
    const worst = aCondition({
      live: { ok: false, reason: "x" },
      headAge: 999,
      failedInARow: 3,
      markets: [{ market: "WETH", listed: false, stale: true, ageSeconds: null, dataState: "HALTED" }],
      signer: null,
      balanceEth: 0,
      nodes: { up: 0, all: 3, quorum: 2 },
      switches: [
        { name: "submissionHalt", reason: "x" },
        { name: "sentinel", reason: "y" },
      ],
      oldestTransactionAge: 9_999,
      obstacles: [
        { cause: "nonce", detail: "1000000 now, 3 in block 88" },
        { cause: "chain", detail: "NotAllowed" },
      ],
      evidenceMissing: 20,
      held: [{ market: "WETH", reason: "IMPACT_OVER_BUDGET" }],
      unsent: { seconds: 901, reason: "SPEND_BUDGET" },
      queueSilent: true,
      cosign: {
        peers: [{ name: "10.0.0.2:8642", problem: "no answer in time", offsetSeconds: null, signer: null }],
        threshold: 2,
        short: "1 of 2 signatures",
      },
    });
    for (const name of ["TonsorCosignShort", "TonsorCosignerDown"]) {
      assert.ok(
        conditionAlerts(worst).some((alert) => alert.name === name),
        name,
      );
    }
    const told = conditionAlerts(worst);
    const severities = new Map(alertRules().map(({ alert, labels }) => [alert, labels.severity]));
    for (const { name, severity } of told) assert.equal(severities.get(name), severity, name);
    for (const { name, ok, found } of readyChecks(worst)) {
      assert.ok(!ok && told.some(({ reason }) => found.startsWith(reason)), `${name}: ${found}`);
    }
  });

  it("has in every section of the runbook numbered steps and when it is over", () => {
    const [, ...sections] = serviceFile("RUNBOOK.md").split(/^## /m);
    for (const section of sections) {
      const title = section.split("\n")[0];
      assert.match(section, /^1\. /m, title);
      assert.match(section, /^Over (when|after) /m, title);
    }
  });
});

describe("the dashboard", () => {
  it("asks only for metrics that the keeper serves, and leaves out none of them", () => {
    const asked = new Set(dashboardQueries().flatMap((query) => metricsIn(query)));
    for (const metric of asked) assert.ok(knownMetric(metric), metric);
    const text = [...dashboardQueries(), ...alertRules().map(({ expr }) => expr)].join("\n");
    const unseen = Object.keys(METRICS).filter((name) => !text.includes(name));
    assert.deepEqual(
      unseen,
      ["tonsor_live_limit_seconds", "tonsor_notifications_total"].filter((name) => unseen.includes(name)),
    );
  });

  it("has queries that Prometheus can read", { skip: missing }, () => {
    const rules = dashboardQueries().map((query, index) => ({
      record: `panel_${index}`,
      expr: query.replaceAll("$__rate_interval", "5m"),
    }));
    const scratch = mkdtempSync(join(tmpdir(), "tonsor-test-"));
    writeFileSync(join(scratch, "panels.yml"), JSON.stringify({ groups: [{ name: "panels", rules }] }));
    assert.match(
      promtool(["check", "rules", "panels.yml"], scratch),
      new RegExp(`SUCCESS: ${rules.length} rules found`),
    );
  });

  it("marks what happened, once each, and nothing while nothing does", { skip: missing }, () => {
    const { list } = JSON.parse(serviceFile("grafana/dashboard.json")).annotations as {
      list: readonly { name: string; expr: string }[];
    };
    const instance = 'instance="a"';
    /** A series of each annotation that moves in the third minute of six, as Prometheus writes them. */
    const moves: Readonly<Record<string, readonly [string, string]>> = {
      "Batches in force": [`tonsor_batches_total{${instance},status="CONFIRMED"}`, "0x8 1x16"],
      "Batches refused": [`tonsor_batches_total{${instance},status="REVERTED"}`, "0x8 1x16"],
      "Markets closed or opened": [`tonsor_market_open{${instance},market="WETH"}`, "1x8 0x16"],
      "Tighten only": [`tonsor_tighten_only{${instance},market="WETH"}`, "0x8 1x16"],
      "Kill switches": [`tonsor_kill_switch{${instance},name="file"}`, "0x8 1x16"],
      "Held by the impact gate": [`tonsor_impact_held_total{${instance},market="WETH"}`, "0x8 1x16"],
      "Data halted": [`tonsor_data_state{${instance},market="WETH",state="HALTED"}`, "0x8 1x16"],
      "Keeper started": [`process_start_time_seconds{${instance}}`, "100x8 300x16"],
    };
    assert.deepEqual(
      list.map(({ name }) => name),
      Object.keys(moves),
    );
    const record = (at: number) => `annotation_${at}`;
    const rules = list.map(({ expr }, at) => ({
      record: record(at),
      expr: `count(${expr.replaceAll(/\$(instance|market)\b/g, ".*")})`,
    }));
    const tests = list.map(({ name }, at) => {
      const [series, values] = moves[name] ?? ["", ""];
      const seen = (minutes: number, marks: number) => ({
        ...{ expr: record(at), eval_time: `${minutes}m` },
        exp_samples: marks === 0 ? [] : [{ labels: record(at), value: marks }],
      });
      return {
        interval: "15s",
        input_series: [{ series, values }],
        promql_expr_test: [seen(1, 0), seen(2, 0), seen(3, 1), seen(4, 0), seen(5, 0)],
      };
    });
    const scratch = mkdtempSync(join(tmpdir(), "tonsor-test-"));
    writeFileSync(join(scratch, "rules.yml"), JSON.stringify({ groups: [{ name: "annotations", rules }] }));
    const all = { rule_files: ["rules.yml"], evaluation_interval: "1m", tests };
    writeFileSync(join(scratch, "rules.test.yml"), JSON.stringify(all));
    promtool(["test", "rules", "rules.test.yml"], scratch);
  });

  it("has panels that do not overlap, each with title, unit and words", () => {
    const { panels } = JSON.parse(serviceFile("grafana/dashboard.json")) as {
      panels: readonly {
        id: number;
        type: string;
        title: string;
        description?: string;
        gridPos: { x: number; y: number; w: number; h: number };
      }[];
    };
    const cells = new Set<string>();
    for (const { type, title, description, gridPos } of panels) {
      assert.ok(title !== "" && (type === "row" || (description ?? "") !== ""), title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          assert.ok(x < 24 && !cells.has(`${x} ${y}`), title);
          cells.add(`${x} ${y}`);
        }
      }
    }
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  });
});
