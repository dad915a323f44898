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

type Call = { readonly state: string; readonly name: string; readonly about: string; readonly runbook: string };

export async function openPager(): Promise<Pager> {
  const calls: Call[] = [];
  const server = await loopback(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    calls.push(JSON.parse(body) as Call);
    response.writeHead(200).end();
  });
  const firing = () => calls.filter(({ state }) => state === "firing");
  const resolved = ({ name, about }: Call) =>
    calls.findLast((one) => one.name === name && one.about === about)?.state === "resolved";
  return {
    url: server.url,
    fired: () => [...new Set(firing().map(({ name }) => name))],
    ended: () => firing().every(resolved),
    runbooks: () => [...new Set(firing().map(({ runbook }) => runbook))],
    forget: () => void calls.splice(0),
    close: () => server.close(),
  };
}
