import { z } from "zod";
import { loopback } from "./loopback.ts";

const time = z.iso.datetime({ offset: true });
const labels = z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string().min(1));
const status = z.enum(["firing", "resolved"]);

/**
 * What Alertmanager posts to a webhook, field by field as its documentation has it, version 4
 * (prometheus.io/docs/alerting/latest/configuration/#webhook_config; `Message` in its notify/webhook, `Data` in its template).
 */
export const alertmanagerSchema = z.strictObject({
  version: z.literal("4"),
  groupKey: z.string().min(1),
  truncatedAlerts: z.int().nonnegative(),
  status,
  receiver: z.string().min(1),
  groupLabels: labels,
  commonLabels: labels,
  commonAnnotations: z.record(z.string(), z.string()),
  externalURL: z.url(),
  alerts: z
    .array(
      z.strictObject({
        ...{ status, labels: labels.refine(({ alertname }) => alertname !== undefined) },
        annotations: z.record(z.string(), z.string()),
        ...{ startsAt: time, endsAt: time, generatorURL: z.url() },
        fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
      }),
    )
    .min(1),
});

export type Posted = z.infer<typeof alertmanagerSchema>;

/** A webhook on loopback as one that takes Alertmanager's messages: it answers 400 to any other body, and 503 while not `up`. */
export async function alertReceiver() {
  const taken: Posted[] = [];
  const texts: string[] = [];
  const state = { up: true };
  const server = await loopback(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    // What chat services show is beside Alertmanager's fields.
    const { text, ...message } = JSON.parse(body) as { text?: string };
    const parsed = alertmanagerSchema.safeParse(message);
    const type = request.headers["content-type"] ?? "";
    const isGood = parsed.success && request.method === "POST" && type.startsWith("application/json");
    if (state.up && isGood) taken.push(parsed.data);
    if (state.up && isGood) texts.push(text ?? "");
    response.writeHead(state.up ? (isGood ? 200 : 400) : 503).end(parsed.error?.message);
  });
  /** Of every alert that was taken since the last call: "firing TonsorValueStale WETH". */
  const told = () =>
    taken.splice(0).flatMap(({ alerts }) =>
      alerts.map(({ status, labels }) => {
        const { market, name, cause, peer } = labels;
        return [status, labels["alertname"], market ?? name ?? cause ?? peer ?? ""].join(" ").trim();
      }),
    );
  return { taken, texts, state, told, url: server.url, close: server.close };
}
