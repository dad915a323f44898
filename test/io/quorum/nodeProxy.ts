import { loopback } from "../../support/loopback.ts";

/** One question of a JSON-RPC batch as it arrives. */
export type Asked = { readonly id: number; readonly method: string; readonly params: readonly unknown[] };

/** How a node behaves: as it is, not at all, or with an answer of its own. */
export type Conduct =
  | { readonly kind: "honest" }
  /** Takes the request and never answers. */
  | { readonly kind: "hangs" }
  | { readonly kind: "refuses" }
  | { readonly kind: "otherChain"; readonly chainId: number }
  /** Knows nothing of the last blocks. */
  | { readonly kind: "lags"; readonly blocks: number }
  /** Says something else where `lie` gives something else; what it gives undefined for is answered as it is. */
  | { readonly kind: "lies"; readonly lie: (asked: Asked, truth: unknown) => unknown };

/** A node on loopback: a proxy before a real one, whose conduct can be changed while it runs. */
export type NodeProxy = {
  readonly url: string;
  become(conduct: Conduct): void;
  /** Questions that came, by method. */
  readonly seen: Map<string, number>;
  close(): Promise<void>;
};

type Answer = { readonly id: number; readonly result?: unknown; readonly error?: unknown };

export async function nodeProxy(target: string): Promise<NodeProxy> {
  let conduct: Conduct = { kind: "honest" };
  const seen = new Map<string, number>();
  const forward = async (asked: readonly Asked[]): Promise<Answer[]> => {
    const body = JSON.stringify(asked.map((one) => ({ jsonrpc: "2.0", ...one })));
    const answer = await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body });
    return (await answer.json()) as Answer[];
  };
  const server = await loopback(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const parsed = JSON.parse(Buffer.concat(parts).toString("utf8")) as Asked | Asked[];
    const asked = [parsed].flat();
    for (const { method } of asked) seen.set(method, (seen.get(method) ?? 0) + 1);
    const now = conduct;
    if (now.kind === "hangs") return;
    if (now.kind === "refuses") {
      request.socket.destroy();
      return;
    }
    const answering = now.kind === "lags" ? lagging(asked, now.blocks, forward) : forward(asked);
    // A real node that does not answer in time is one that is not there, to whoever asks through here.
    const answers = await answering.catch(() => null);
    if (answers === null) return void request.socket.destroy();
    const said = answers.map((answer) =>
      told(
        asked.find(({ id }) => id === answer.id),
        answer,
        now,
      ),
    );
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(Array.isArray(parsed) ? said : said[0]));
  });
  return { url: server.url, become: (next) => (conduct = next), seen, close: () => server.close() };
}

function told(asked: Asked | undefined, answer: Answer, conduct: Conduct): unknown {
  if (asked === undefined) return answer;
  if (conduct.kind === "otherChain" && asked.method === "eth_chainId") {
    return { jsonrpc: "2.0", id: answer.id, result: `0x${conduct.chainId.toString(16)}` };
  }
  if (conduct.kind !== "lies") return answer;
  const lie = conduct.lie(asked, answer.result);
  return lie === undefined ? answer : { jsonrpc: "2.0", id: answer.id, result: lie };
}

/** The answers of a node that has not seen the last blocks: they are not there, by number or by hash. */
async function lagging(
  asked: readonly Asked[],
  blocks: number,
  forward: (asked: readonly Asked[]) => Promise<Answer[]>,
): Promise<Answer[]> {
  const [latest] = await forward([{ id: 1, method: "eth_blockNumber", params: [] }]);
  const head = Math.max(0, Number(latest?.result) - blocks);
  const missing = new Set<number>();
  const known = await Promise.all(
    asked.map(async (one) => {
      const params = one.params.map((param) => (param === "latest" ? `0x${head.toString(16)}` : param));
      const hash = params.map((param) => (param as { blockHash?: string } | null)?.blockHash).find((at) => at);
      const named =
        hash === undefined ? [] : await forward([{ id: 1, method: "eth_getBlockByHash", params: [hash, false] }]);
      const height = Number((named[0]?.result as { number?: string } | null)?.number ?? 0);
      const asksFor = one.method === "eth_getBlockByNumber" ? Number(params[0]) : height;
      if (asksFor > head) missing.add(one.id);
      return { ...one, params };
    }),
  );
  const answers = await forward(known);
  return answers.map((answer) => {
    if (!missing.has(answer.id)) return answer;
    const block = asked.find(({ id }) => id === answer.id)?.method === "eth_getBlockByNumber";
    return block
      ? { id: answer.id, result: null }
      : { id: answer.id, error: { code: -32_000, message: "header not found" } };
  });
}
