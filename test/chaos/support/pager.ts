import type { AlertMessage } from "../../../keeper/runtime/alertMessage.ts";
import { loopback } from "../../support/loopback.ts";

/** Receives the keeper's alerts as a person's pager would. */
export type Pager = {
  readonly url: string;
  /** Names that are firing, or were since the last `forget`. */
  readonly fired: () => readonly string[];
  /** True when everything that fired since the last `forget` was told to have ended. */
  readonly ended: () => boolean;
  /** Where the runbook says what to do, of each that fired. */
  readonly runbooks: () => readonly string[];
  forget(): void;
  close(): Promise<void>;
};

type Call = AlertMessage["alerts"][number];

export async function openPager(): Promise<Pager> {
  const calls: Call[] = [];
  const server = await loopback(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    calls.push(...(JSON.parse(body) as AlertMessage).alerts);
    response.writeHead(200).end();
  });
  const firing = () => calls.filter(({ status }) => status === "firing");
  const resolved = ({ fingerprint }: Call) =>
    calls.findLast((one) => one.fingerprint === fingerprint)?.status === "resolved";
  return {
    url: server.url,
    fired: () => [...new Set(firing().map(({ labels }) => labels["alertname"] ?? ""))],
    ended: () => firing().every(resolved),
    runbooks: () => [...new Set(firing().map(({ annotations }) => annotations["runbook"] ?? ""))],
    forget: () => void calls.splice(0),
    close: () => server.close(),
  };
}
