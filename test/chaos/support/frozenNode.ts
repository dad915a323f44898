import { httpFaultProxy } from "./httpFaultProxy.ts";

/** A node whose head can be made to stand still: it answers everything of one old block while the chain goes on. */
export type FrozenNode = {
  readonly url: string;
  freezeAt(block: { readonly number: bigint; readonly hash: string }): void;
  hang(): void;
  cut(): void;
  /** Honest again. */
  thaw(): void;
  close(): Promise<void>;
};

type Message = { readonly id: unknown; readonly method: string; readonly params?: readonly unknown[] };
type Answer = { readonly id: unknown; readonly jsonrpc: string; readonly result?: unknown };

/** Tags that mean "now" to a node. */
const NOW = /"(latest|pending|safe|finalized)"/g;
const HASH = /"blockHash":"(0x[0-9a-f]{64})"/;

/** @param rpcUrl the real node behind it */
export async function frozenNode(rpcUrl: string): Promise<FrozenNode> {
  const proxy = await httpFaultProxy(rpcUrl);
  return {
    url: proxy.url,
    freezeAt(block) {
      const tag = `"0x${block.number.toString(16)}"`;
      proxy.rule = () => ({
        ask: (body) => body.replaceAll(NOW, tag),
        change: (answer, { body }) => frozen(answer, body, block),
      });
    },
    hang() {
      proxy.rule = () => "hang";
    },
    cut() {
      proxy.rule = () => "loseRequest";
    },
    thaw() {
      proxy.rule = () => "none";
    },
    close: () => proxy.close(),
  };
}

/** The answers as a node gives them that has no later block: its own number, and nothing of what came after. */
function frozen(text: string, body: string, block: { readonly number: bigint; readonly hash: string }): string {
  const asked = new Map([JSON.parse(body) as Message | Message[]].flat().map((one) => [one.id, one]));
  const change = (answer: Answer): object => {
    const { id, jsonrpc, result } = answer;
    const { method = "", params = [] } = asked.get(id) ?? {};
    if (method === "eth_blockNumber") return { ...answer, result: `0x${block.number.toString(16)}` };
    const [, hash = block.hash] = HASH.exec(JSON.stringify(params)) ?? [];
    if (hash !== block.hash) return { id, jsonrpc, error: { code: -32_000, message: "header not found" } };
    return isLater(result, block.number) ? { ...answer, result: null } : answer;
  };
  const given = JSON.parse(text) as Answer | Answer[];
  return JSON.stringify(Array.isArray(given) ? given.map(change) : change(given));
}

/** Whether a block, a receipt or a transaction is of a later block. */
function isLater(result: unknown, number: bigint): boolean {
  if (typeof result !== "object" || result === null) return false;
  const { blockNumber, number: own } = result as { readonly blockNumber?: unknown; readonly number?: unknown };
  return [blockNumber, own].some((one) => typeof one === "string" && BigInt(one) > number);
}
