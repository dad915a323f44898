import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { rpcQuorum } from "../../../keeper/io/quorum/rpcQuorum.ts";
import { type AnvilProcess, spawnAnvil } from "../../../scripts/lab/replica/anvil.ts";
import { type Asked, type Conduct, type NodeProxy, nodeProxy } from "./nodeProxy.ts";

const CHAIN_ID = 31337;
const RICH = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const balance = { method: "eth_getBalance", params: [RICH, "latest"] } as const;
const latest = { method: "eth_getBlockByNumber", params: ["latest", false] } as const;
const forged = "0x1";
const lie: Conduct = {
  kind: "lies",
  lie: ({ method }: Asked) => (method === "eth_getBalance" ? forged : undefined),
};

describe("a quorum over real nodes behind faulty wires", () => {
  let anvil: AnvilProcess;
  let nodes: NodeProxy[] = [];
  before(async () => {
    anvil = await spawnAnvil({ chainId: CHAIN_ID });
    await mine(60);
    nodes = await Promise.all(Array.from({ length: 5 }, () => nodeProxy(anvil.url)));
  });
  after(async () => {
    for (const node of nodes) await node.close();
    await anvil?.close();
  });
  afterEach(() => {
    for (const node of nodes) node.become({ kind: "honest" });
  });

  const direct = async (method: string, params: readonly unknown[] = []): Promise<unknown> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(anvil.url, { method: "POST", headers: { "content-type": "application/json" }, body });
    return ((await answer.json()) as { result: unknown }).result;
  };
  const mine = (count: number) => direct("anvil_mine", [`0x${count.toString(16)}`]);
  const conduct = (...all: readonly Conduct["kind"][]) => {
    for (const [i, kind] of all.entries()) {
      if (kind === "lies") nodes[i]?.become(lie);
      else if (kind === "otherChain") nodes[i]?.become({ kind, chainId: 1 });
      else if (kind === "lags") nodes[i]?.become({ kind, blocks: 5 });
      else nodes[i]?.become({ kind });
    }
  };
  const open = (count: number, quorum: number, more: Partial<Parameters<typeof rpcQuorum>[0]> = {}) =>
    rpcQuorum({
      urls: nodes.slice(0, count).map(({ url }) => url),
      quorum,
      chainId: CHAIN_ID,
      timeoutMs: 400,
      graceMs: 60,
      restMs: 0,
      ...more,
    });
  const states = (rpc: ReturnType<typeof open>) => rpc.nodes().map(({ quarantine }) => quarantine);
  const refused = (code: string, words: RegExp) => (error: unknown) => {
    assert.ok(error instanceof TonsorError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  };

  it("answers as any of the nodes when all are fine, and its block is the chain's", async () => {
    const rpc = open(3, 2);
    assert.equal(await rpc.request(balance), await direct("eth_getBalance", [RICH, "latest"]));
    const [block, own] = [await rpc.request(latest), await direct("eth_getBlockByNumber", ["latest", false])];
    assert.equal((block as { hash: string }).hash, (own as { hash: string }).hash);
    assert.deepEqual(states(rpc), [null, null, null]);
  });

  it("reads at the elected block when no block is named, too", async () => {
    const rpc = open(3, 2);
    const gas = await rpc.request({ method: "eth_estimateGas", params: [{ from: RICH, to: RICH }] });
    assert.equal(gas, "0x5208");
  });

  it("believes the two that agree and sets the forger aside", async () => {
    conduct("honest", "lies", "honest");
    const rpc = open(3, 2);
    assert.equal(await rpc.request(balance), await direct("eth_getBalance", [RICH, "latest"]));
    await rpc.request(balance);
    assert.deepEqual(states(rpc), [null, "DISAGREES", null]);
  });

  it("believes nobody when two are silent and the third forges, and recovers by itself", async () => {
    conduct("hangs", "hangs", "lies");
    const rpc = open(3, 2);
    await assert.rejects(rpc.request(balance), refused("NO_QUORUM", /no answer in time.*2 of 3 nodes in agreement/));
    conduct("honest", "honest", "lies");
    assert.equal(await rpc.request(balance), await direct("eth_getBalance", [RICH, "latest"]));
  });

  it("never lets two that agree on a lie pass for the three that are asked for", async () => {
    conduct("lies", "lies", "honest", "hangs", "refuses");
    const rpc = open(5, 3);
    await assert.rejects(rpc.request(balance), refused("NO_QUORUM", /eth_getBalance: 3 nodes answered, and too few/));
    conduct("lies", "lies", "honest", "honest", "honest");
    assert.equal(await rpc.request(balance), await direct("eth_getBalance", [RICH, "latest"]));
  });

  for (const blocks of [5, 50]) {
    it(`sets a node aside that is ${blocks} blocks behind, and takes it back only when it kept up three times`, async () => {
      const rpc = open(3, 2);
      nodes[2]?.become({ kind: "lags", blocks });
      const block = (await rpc.request(latest)) as { number: string };
      assert.equal(block.number, await direct("eth_blockNumber"));
      assert.deepEqual(states(rpc), [null, null, "LAGS"]);
      assert.match(rpc.nodes()[2]?.detail ?? "", new RegExp(`^${blocks} blocks behind`));
      nodes[2]?.become({ kind: "honest" });
      await rpc.request(latest);
      nodes[2]?.become({ kind: "lags", blocks });
      await rpc.request(latest);
      nodes[2]?.become({ kind: "honest" });
      for (const _ of [1, 2]) await rpc.request(latest);
      assert.deepEqual(states(rpc), [null, null, "LAGS"], "two in a row are not enough");
      await rpc.request(latest);
      assert.deepEqual(states(rpc), [null, null, null]);
    });
  }

  it("believes nobody when two of three are 50 blocks behind and nothing says that their block is fresh", async () => {
    const rpc = open(3, 2);
    for (const node of nodes.slice(0, 2)) node.become({ kind: "lags", blocks: 50 });
    await assert.rejects(rpc.request(balance), refused("NO_QUORUM", /they lag, or it lies/));
    conduct("honest", "honest", "honest");
    assert.equal(await rpc.request(balance), await direct("eth_getBalance", [RICH, "latest"]));
  });

  it("believes nobody below what was shared before, when the one that kept up is set aside and the others lag", async () => {
    const rpc = open(3, 2);
    nodes[2]?.become({ kind: "lags", blocks: 5 });
    await rpc.request(latest);
    assert.deepEqual(states(rpc), [null, null, "LAGS"]);
    conduct("honest", "honest", "honest");
    for (const node of nodes.slice(0, 2)) node.become({ kind: "lags", blocks: 50 });
    for (const _ of [1, 2, 3]) await assert.rejects(rpc.request(balance), refused("NO_QUORUM", /was before: they lag/));
    conduct("honest", "honest", "honest");
    assert.equal(await rpc.request(balance), await direct("eth_getBalance", [RICH, "latest"]));
    for (const _ of [1, 2]) await rpc.request(latest);
    assert.deepEqual(states(rpc), [null, null, null], "the one set aside was not blamed for what it saw alone");
  });

  it("sets the one aside that claims blocks nobody has, while the others' block is fresh", async () => {
    const claim = (asked: Asked, truth: unknown) =>
      asked.method === "eth_getBlockByNumber" && asked.params[0] === "latest"
        ? { ...(truth as object), number: "0xffff", hash: `0x${"ab".repeat(32)}` }
        : undefined;
    nodes[0]?.become({ kind: "lies", lie: claim });
    const rpc = open(3, 2, { isFresh: () => true });
    const block = (await rpc.request(latest)) as { number: string };
    assert.equal(block.number, await direct("eth_blockNumber"));
    assert.deepEqual(states(rpc), ["AHEAD", null, null]);
  });

  it("sets a node of another block at the elected height aside", async () => {
    const fork = (asked: Asked, truth: unknown) =>
      asked.method === "eth_getBlockByNumber" ? { ...(truth as object), hash: `0x${"cd".repeat(32)}` } : undefined;
    nodes[1]?.become({ kind: "lies", lie: fork });
    const rpc = open(3, 2);
    await rpc.request(latest);
    assert.deepEqual(states(rpc), [null, "FORKED", null]);
  });

  it("takes no word from a node that answers for another chain in mid-run, and none at all when all do", async () => {
    const rpc = open(3, 2);
    await rpc.request(balance);
    conduct("honest", "otherChain", "honest");
    assert.equal(await rpc.request(balance), await direct("eth_getBalance", [RICH, "latest"]));
    assert.deepEqual(states(rpc), [null, "WRONG_CHAIN", null]);
    conduct("otherChain", "otherChain", "honest");
    await assert.rejects(rpc.request(balance), refused("NO_QUORUM", /answers for chain 0x1/));
    conduct("otherChain", "otherChain", "otherChain");
    await assert.rejects(rpc.request(balance), refused("WRONG_CHAIN", /every node is of another chain/));
    conduct("honest", "honest", "honest");
    for (const _ of [1, 2]) await assert.rejects(rpc.request(balance), refused("NO_QUORUM", /./));
    await rpc.request(balance).catch(() => undefined);
    assert.equal(await rpc.request(balance), await direct("eth_getBalance", [RICH, "latest"]));
  });

  it("hands a transaction to every node, those that lag too, and knows it when one of them does", async () => {
    const rpc = open(3, 2);
    const raw = await signed(0);
    nodes[2]?.become({ kind: "lags", blocks: 5 });
    await rpc.request(latest);
    const counts = nodes.slice(0, 3).map(({ seen }) => seen.get("eth_sendRawTransaction") ?? 0);
    const hash = await rpc.request({ method: "eth_sendRawTransaction", params: [raw] });
    const grown = nodes.slice(0, 3).map(({ seen }, i) => (seen.get("eth_sendRawTransaction") ?? 0) - (counts[i] ?? 0));
    assert.deepEqual(grown, [1, 1, 1]);
    const hide: Conduct = {
      kind: "lies",
      lie: ({ method }) => (method === "eth_getTransactionByHash" ? null : undefined),
    };
    nodes[0]?.become(hide);
    nodes[1]?.become({ kind: "honest" });
    nodes[2]?.become(hide);
    const known = (await rpc.request({ method: "eth_getTransactionByHash", params: [hash] })) as { hash: string };
    assert.equal(known.hash, hash);
  });

  it("says that a send is unclear as long as one node has not answered, whatever the others say", async () => {
    const rpc = open(3, 2);
    const refusal = { method: "eth_sendRawTransaction", params: ["0x02"] } as const;
    await assert.rejects(rpc.request(refusal), (error: Error) => !(error instanceof TonsorError));
    conduct("honest", "honest", "hangs");
    await assert.rejects(rpc.request(refusal), refused("RPC_FAILED", /not every one answered/));
  });

  it("refuses a quorum that is no majority", () => {
    assert.throws(() => open(4, 2), refused("BAD_ARGUMENT", /more than half of 4/));
    assert.throws(() => open(3, 4), refused("BAD_ARGUMENT", /quorum/));
  });
});

async function signed(nonce: number): Promise<string> {
  const { privateKeyToAccount } = await import("viem/accounts");
  const { replicaAccounts } = await import("../../../scripts/lab/replica/accounts.ts");
  const account = privateKeyToAccount(replicaAccounts().trader.privateKey);
  return account.signTransaction({
    type: "eip1559",
    chainId: CHAIN_ID,
    nonce,
    to: account.address,
    gas: 21_000n,
    maxFeePerGas: 10n ** 11n,
    maxPriorityFeePerGas: 1n,
  });
}
