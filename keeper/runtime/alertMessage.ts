/** Labels that make an alert, or what is said of it. */
export type Labels = Readonly<Record<string, string>>;

/** A condition that a person should know of while it lasts. `name` is an alert of `deployments/service/alerts.yml`. */
export type Alert = {
  readonly name: string;
  /** Distinguishes alerts of one name, by labels of the rule of that name: `{ market: "WETH" }`; empty: there is one. */
  readonly about: Labels;
  readonly severity: "critical" | "warning";
  readonly reason: string;
};

/** An alert as it is told. Times are Unix seconds. */
type ToldAlert = { readonly labels: Labels; readonly annotations: Labels; readonly startsAt: number };

/** The alert of these labels, with what the rules of `alerts.yml` say of one: a summary, and the section of the runbook. */
export function toldAlert({ name, about, severity, reason }: Alert, whose: Labels, startsAt: number): ToldAlert {
  const runbook = `deployments/service/RUNBOOK.md#${name.toLowerCase()}`;
  return {
    labels: { alertname: name, severity, ...about, ...whose },
    annotations: { summary: reason, runbook },
    startsAt,
  };
}

/** What Alertmanager says of an alert that has not ended. */
const NO_END = "0001-01-01T00:00:00Z";

/**
 * One call of the webhook: what Alertmanager posts (prometheus.io/docs/alerting/latest/configuration/#webhook_config,
 * version 4) of a group of this one alert, as with `group_by: ["..."]`; and `text`, which chat services show.
 * @param endsAt Unix seconds; null while it lasts
 * @param page address of the keeper's status page
 */
export function alertMessage({ labels, annotations, startsAt }: ToldAlert, endsAt: number | null, page: string) {
  const status = endsAt === null ? ("firing" as const) : ("resolved" as const);
  const { alertname, severity, ...rest } = labels;
  const words = endsAt === null ? annotations["summary"] : "has ended";
  const of = Object.entries(rest).map(([name, value]) => `${name} ${value}`);
  const one = {
    ...{ status, labels, annotations, startsAt: iso(startsAt), endsAt: endsAt === null ? NO_END : iso(endsAt) },
    ...{ generatorURL: page, fingerprint: fingerprint(labels) },
  };
  return {
    ...{ version: "4", groupKey: `{}:${inBraces(labels)}`, truncatedAlerts: 0, status, receiver: "tonsor" },
    ...{ groupLabels: labels, commonLabels: labels, commonAnnotations: annotations },
    ...{ externalURL: page, alerts: [one], text: `${severity}: ${alertname}: ${words}. ${of.join(", ")}` },
  };
}

export type AlertMessage = ReturnType<typeof alertMessage>;

/** Names an alert by its labels, as Prometheus does: FNV-1a of 64 bits over names and values in order, each followed by 0xff. */
export function fingerprint(labels: Labels): string {
  let hash = 0xcbf29ce484222325n;
  const bytes = sorted(labels).flatMap((pair) => pair.flatMap((text) => [...Buffer.from(text), 0xff]));
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}

function inBraces(labels: Labels): string {
  return `{${sorted(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ")}}`;
}

function sorted(labels: Labels): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

function iso(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
