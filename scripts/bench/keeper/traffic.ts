import { gzipSync } from "node:zlib";
import type { HttpFaultProxy } from "../../../test/chaos/support/httpFaultProxy.ts";

/** What went through the proxies, of one tick. */
export type Traffic = {
  /** Calls of JSON-RPC methods, those of a batch one by one. */
  readonly rpcCalls: number;
  readonly rpcRequests: number;
  readonly venueRequests: number;
  /** Bodies both ways, without HTTP's own headers. */
  readonly bytes: number;
  /** The same where node and venue compress their answers, as every request asks them to. */
  readonly packedBytes: number;
};

const NONE: Traffic = { rpcCalls: 0, rpcRequests: 0, venueRequests: 0, bytes: 0, packedBytes: 0 };

/** Counts what a keeper asks of its nodes, one a chain, and of the venue, and reports when it sends a transaction. */
export function watchTraffic(
  nodes: readonly HttpFaultProxy[],
  venue: HttpFaultProxy,
  onSend: () => void = () => undefined,
): { readonly take: (ticks: number) => Traffic } {
  let seen: Traffic[] = [];
  let heads: Traffic[] = [];
  const counted = (to: Traffic[], asked: string, counts: Partial<Traffic>) => ({
    change(answer: string) {
      const bytes = Buffer.byteLength(asked);
      const packedBytes = bytes + gzipSync(answer).byteLength;
      to.push({ ...NONE, ...counts, bytes: bytes + Buffer.byteLength(answer), packedBytes });
      return answer;
    },
  });
  for (const node of nodes) {
    node.rule = ({ body }) => {
      if (body.includes("eth_sendRawTransaction")) onSend();
      const asked: unknown = JSON.parse(body);
      const calls: readonly { readonly method?: string }[] = Array.isArray(asked) ? asked : [asked];
      const isHead = calls.at(-1)?.method === "eth_getBlockByNumber" && calls.length === 2;
      return counted(isHead ? heads : seen, body, { rpcCalls: calls.length, rpcRequests: 1 });
    };
  }
  venue.rule = ({ path }) => counted(seen, path, { venueRequests: 1 });
  return {
    // The clock of a replay asks for the newest block four times a second, as a look does once: a keeper on the wall's never does.
    take(ticks) {
      const all = [...seen, ...heads.slice(0, ticks * nodes.length)];
      [seen, heads] = [[], []];
      const mean = (of: keyof Traffic) => all.reduce((sum, one) => sum + one[of], 0) / ticks;
      const names = Object.keys(NONE) as (keyof Traffic)[];
      return Object.fromEntries(names.map((name) => [name, mean(name)])) as Traffic;
    },
  };
}
