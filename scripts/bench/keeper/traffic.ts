import type { HttpFaultProxy } from "../../../test/chaos/support/httpFaultProxy.ts";

/** What went through two proxies. */
export type Traffic = {
  /** Calls of JSON-RPC methods, those of a batch one by one. */
  rpcCalls: number;
  rpcRequests: number;
  venueRequests: number;
  /** Bodies both ways, without HTTP's own headers. */
  bytes: number;
};

/** Counts what a keeper asks of node and venue, and reports when it sends a transaction. */
export function watchTraffic(
  node: HttpFaultProxy,
  venue: HttpFaultProxy,
  onSend: () => void,
): { readonly take: () => Traffic } {
  let traffic = none();
  const answered = (answer: string) => {
    traffic.bytes += Buffer.byteLength(answer);
    return answer;
  };
  node.rule = ({ body }) => {
    if (body.includes("eth_sendRawTransaction")) onSend();
    const asked: unknown = JSON.parse(body);
    // The clock of a replay asks for the newest block four times a second; a keeper on the wall's clock never does.
    if (!Array.isArray(asked) && body.includes("eth_getBlockByNumber")) return "none";
    traffic.rpcRequests += 1;
    traffic.rpcCalls += Array.isArray(asked) ? asked.length : 1;
    traffic.bytes += Buffer.byteLength(body);
    return { change: answered };
  };
  venue.rule = ({ path }) => {
    traffic.venueRequests += 1;
    traffic.bytes += path.length;
    return { change: answered };
  };
  return {
    take() {
      const seen = traffic;
      traffic = none();
      return seen;
    },
  };
}

function none(): Traffic {
  return { rpcCalls: 0, rpcRequests: 0, venueRequests: 0, bytes: 0 };
}
