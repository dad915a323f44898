import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type RpcServer, rpcServer } from "../../support/rpcServer.ts";
import { type FrozenNode, frozenNode } from "./frozenNode.ts";

const OLD = { number: 5n, hash: `0x${"05".repeat(32)}` };
const LATER = `0x${"09".repeat(32)}`;

/** A chain at block 9 behind the node; it answers a question about a block with what it was asked. */
describe("a node whose head is frozen", () => {
  let chain: RpcServer;
  let node: FrozenNode;
  before(async () => {
    chain = await rpcServer({
      answer({ method, params }) {
        if (method === "eth_blockNumber") return { result: "0x9" };
        if (method === "eth_getTransactionReceipt") return { result: { blockNumber: params[0] } };
        if (method === "eth_getBlockByNumber") return { result: { number: params[0] } };
        return { result: params };
      },
    });
    node = await frozenNode(chain.url);
  });
  after(async () => {
    await node.close();
    await chain.close();
  });

  const ask = async (...questions: readonly (readonly [string, readonly unknown[]])[]) => {
    const body = JSON.stringify(questions.map(([method, params], id) => ({ jsonrpc: "2.0", id, method, params })));
    const response = await fetch(node.url, { method: "POST", body });
    const answers = (await response.json()) as {
      readonly id: number;
      readonly result?: unknown;
      readonly error?: unknown;
    }[];
    return answers.map(({ result, error }) => error ?? result);
  };

  it("says the old number, and answers what is asked of now by the old block", async () => {
    node.freezeAt(OLD);
    assert.deepEqual(await ask(["eth_blockNumber", []], ["eth_getBlockByNumber", ["latest", false]]), [
      "0x5",
      { number: "0x5" },
    ]);
    assert.deepEqual(await ask(["eth_call", [{ to: "0x1" }, "pending"]]), [[{ to: "0x1" }, "0x5"]]);
  });

  it("has nothing of later blocks, by number, by hash or by receipt", async () => {
    node.freezeAt(OLD);
    assert.deepEqual(await ask(["eth_getBlockByNumber", ["0x6", false]]), [null]);
    assert.deepEqual(await ask(["eth_getTransactionReceipt", ["0x9"]], ["eth_getTransactionReceipt", ["0x4"]]), [
      null,
      { blockNumber: "0x4" },
    ]);
    assert.deepEqual(await ask(["eth_call", [{}, { blockHash: LATER }]]), [
      { code: -32_000, message: "header not found" },
    ]);
    assert.deepEqual(await ask(["eth_call", [{}, { blockHash: OLD.hash }]]), [[{}, { blockHash: OLD.hash }]]);
  });

  it("is honest again once it thaws", async () => {
    node.freezeAt(OLD);
    node.thaw();
    assert.deepEqual(await ask(["eth_blockNumber", []], ["eth_getBlockByNumber", ["latest", false]]), [
      "0x9",
      { number: "latest" },
    ]);
  });
});
