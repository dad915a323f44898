import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** Text of a file under deployments/service. */
export const serviceFile = (name: string): string =>
  readFileSync(new URL(`../../deployments/service/${name}`, import.meta.url), "utf8");

/** One alert rule, as in alerts.yml. */
export type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
};

/** Every rule of alerts.yml. */
export function alertRules(): readonly Rule[] {
  const { groups } = parse(serviceFile("alerts.yml")) as { groups: readonly { rules: readonly Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

/** Names of metrics in a query: words that start as metrics do, without those of labels and functions. */
export function metricsIn(query: string): readonly string[] {
  return [...query.matchAll(/\b(?:tonsor|process|nodejs)_[a-z0-9_]+|\bup\b/g)].map(([name]) => name);
}
