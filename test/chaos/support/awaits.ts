import { type HttpFault, type HttpFaultProxy, httpFaultProxy, type Passing } from "./httpFaultProxy.ts";

/** A place at which the keeper waits for somebody else. */
export type Await = {
  readonly label: string;
  readonly at: "node" | "venue";
  readonly request: RegExp;
  /** Counts only once the transaction of the cycle has been handed over. */
  readonly sent?: true;
  /** Held before the other side has the request, or when its answer is on the way back. */
  readonly held: "before" | "after";
  /** What is held before the other side has it arrives there although the keeper has gone; absent: it is lost. */
  readonly late?: true;
};

const SEND = /eth_sendRawTransaction/;

/** Every await of a cycle that sends, in the order of the cycle. */
export const AWAITS: readonly Await[] = [
  { label: "first look at the chain", at: "node", request: /eth_getBlockByNumber/, held: "before" },
  { label: "settling what was sent before", at: "node", request: /eth_getTransactionReceipt/, held: "before" },
  { label: "settled what was sent before", at: "node", request: /eth_getTransactionReceipt/, held: "after" },
  { label: "reading the contract and the pools", at: "node", request: /eth_call/, held: "after" },
  { label: "asking the venue for its boards", at: "venue", request: /get_book_summary/, held: "before" },
  { label: "the venue's index on its way", at: "venue", request: /get_volatility_index/, held: "after" },
  { label: "estimating", at: "node", request: /eth_estimateGas/, held: "before" },
  { label: "the estimate on its way", at: "node", request: /eth_estimateGas/, held: "after" },
  { label: "asking for the nonce", at: "node", request: /eth_getTransactionCount/, held: "before" },
  { label: "asking for the balance", at: "node", request: /eth_getBalance/, held: "after" },
  { label: "sending, and the node never has it", at: "node", request: SEND, held: "before" },
  { label: "sending, and the node has it late", at: "node", request: SEND, held: "before", late: true },
  { label: "sent, the answer on its way", at: "node", request: SEND, held: "after" },
  { label: "asking for the receipt", at: "node", request: /eth_getTransactionReceipt/, sent: true, held: "before" },
  { label: "the receipt on its way", at: "node", request: /eth_getTransactionReceipt/, sent: true, held: "after" },
  { label: "looking how deep it is", at: "node", request: /eth_getBlockByNumber/, sent: true, held: "before" },
];

/** Proxies before node and venue that hold the keeper at one await. */
export type AwaitProxies = {
  readonly environment: { readonly RPC_URL: string; readonly VENUE_URLS: string };
  /** Holds the next request of this kind; `reached` resolves when one is held. */
  hold(place: Await): { readonly reached: Promise<void>; release(): void };
  close(): Promise<void>;
};

export async function awaitProxies(rpcUrl: string, venueUrl: string): Promise<AwaitProxies> {
  const node = await httpFaultProxy(rpcUrl);
  const venue = await httpFaultProxy(venueUrl);
  const pass = (proxy: HttpFaultProxy) => {
    proxy.rule = () => "none";
  };
  return {
    environment: { RPC_URL: node.url, VENUE_URLS: `deribit=${venue.url}` },
    hold(place) {
      const reached = Promise.withResolvers<void>();
      const gate = Promise.withResolvers<void>();
      let [used, sent] = [false, false];
      const waits = async () => {
        reached.resolve();
        await gate.promise;
        if (place.held === "before" && place.late !== true) throw new Error("lost on its way");
      };
      const rule = ({ path, body }: Passing): HttpFault => {
        const counts = place.sent !== true || sent;
        sent ||= SEND.test(body);
        if (used || !counts || !place.request.test(place.at === "node" ? body : path)) return "none";
        used = true;
        return place.held === "before" ? { before: waits } : { after: waits };
      };
      pass(node);
      pass(venue);
      (place.at === "node" ? node : venue).rule = rule;
      const release = () => {
        pass(node);
        pass(venue);
        gate.resolve();
      };
      return { reached: reached.promise, release };
    },
    async close() {
      await Promise.all([node.close(), venue.close()]);
    },
  };
}
