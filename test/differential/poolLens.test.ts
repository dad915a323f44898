import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { encodeFunctionData, type Hex } from "viem";
import { rpcQuorum } from "../../keeper/io/quorum/rpcQuorum.ts";
import { type Call, openRpc, type Rpc } from "../../keeper/io/rpc.ts";
import { lensCall, readLens, wordRange } from "../../keeper/venues/uniswapV3/parse.ts";
import { uniswapV3 } from "../../keeper/venues/uniswapV3/uniswapV3.ts";
import { POOLS } from "../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { mined, replicaClient, send } from "../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../scripts/lab/replica/startReplica.ts";
import { uniforms } from "../../scripts/lab/validation/statistics/random.ts";
import { type HttpFaultProxy, httpFaultProxy } from "../chaos/support/httpFaultProxy.ts";
import { type NodeProxy, nodeProxy } from "../io/quorum/nodeProxy.ts";

const NOBODY: Hex = `0x${"ab".repeat(20)}`;

test("the code that is handed to nodes is what the compiler makes of its source", () => {
  const { bytecode } = ownArtifact("contracts/lens/PoolLens");
  const { code = "0x" } = lensCall(NOBODY, 10, [0], undefined);
  assert.ok(bytecode.includes(code.slice(2)), "contracts/lens/PoolLens.sol was changed: carry its code over");
});

describe("pools of Uniswap's own bytecode read in one call", () => {
  let replica: Replica;
  let client: ReturnType<typeof replicaClient>;
  let proxy: HttpFaultProxy;
  let lens: Rpc;
  let single: Rpc;
  let seeder: Hex;
  const asked: { calls: number; bytes: number }[] = [];
  const refs = () => Object.entries(replica.addresses.pools).map(([name, address]) => ({ name, address }));

  before(async () => {
    replica = await startReplica({ seedFrom: null, timestamp: 1_770_000_000 });
    client = replicaClient(replica.url, replica.chainId);
    proxy = await httpFaultProxy(replica.url);
    proxy.rule = ({ body }) => {
      const look = { calls: (JSON.parse(body) as unknown[]).length, bytes: body.length };
      asked.push(look);
      return {
        change: (answer: string) => {
          look.bytes += answer.length;
          return answer;
        },
      };
    };
    lens = openRpc({ url: proxy.url, chainId: replica.chainId });
    // Without code that is sent along: the reads one by one, as they are.
    const plain = openRpc({ url: replica.url, chainId: replica.chainId, gather: false });
    const refuse = { ok: false, reason: "not here" } as const;
    single = {
      ...plain,
      calls: async (calls, ...at) => (calls[0]?.code === undefined ? plain.calls(calls, ...at) : [refuse]),
    };
    const { bytecode } = ownArtifact("test/mocks/LiquiditySeeder");
    const [at] = await mined(client, [await send(client, { from: replica.accounts.trader.address, data: bytecode })]);
    seeder = at ?? assert.fail();
  });
  after(async () => {
    await proxy?.close();
    await replica?.close();
  });

  /** Liquidity anywhere around the price, from one unit to much. */
  async function mint(random: () => number): Promise<void> {
    const { abi } = ownArtifact("test/mocks/LiquiditySeeder");
    const names = Object.keys(replica.addresses.pools) as (keyof typeof POOLS)[];
    const name = names[Math.floor(random() * names.length)] ?? assert.fail();
    const { tickSpacing } = POOLS[name];
    const at = (from: number) => Math.floor((random() * 2 - 1) * from) * tickSpacing;
    const [lower = 0, upper = 0] = [at(4_000), at(4_000)].toSorted((a, b) => a - b);
    const position = { lower, upper: upper + tickSpacing, liquidity: BigInt(Math.ceil(10 ** (random() * 15))) };
    const data = encodeFunctionData({ abi, functionName: "seed", args: [replica.addresses.pools[name], [position]] });
    await mined(client, [await send(client, { from: replica.accounts.trader.address, to: seeder, data })]);
  }

  test("are those read call by call, whatever happens to them between two looks", async () => {
    const random = uniforms(11);
    const throughLens = uniswapV3.pools(lens);
    const oneByOne = uniswapV3.pools(single);
    for (let round = 0; round < 8; round++) {
      const block = await lens.block("latest");
      assert.deepEqual(await throughLens(refs(), block), await oneByOne(refs(), block));
      await mint(random);
      if (round % 3 === 2) await replica.movePrice({ WETH: 2_500 + random() * 800, WBTC: 85_000 + random() * 9_000 });
    }
  });

  test("are two calls a look with the chain's id, and no tick twice; one that is not there costs only itself", async () => {
    const block = await lens.block("latest");
    const read = uniswapV3.pools(lens);
    const first = await read(refs(), block);
    asked.length = 0;
    assert.deepEqual(await read(refs(), block), first);
    assert.deepEqual(
      asked.map(({ calls }) => calls),
      [2],
    );
    assert.ok((asked[0]?.bytes ?? 0) < 6_000, `${asked[0]?.bytes} bytes`);
    const mixed = await read([...refs(), { name: "gone", address: NOBODY }], block);
    assert.deepEqual(mixed.slice(0, -1), first);
    assert.equal(mixed.at(-1)?.faults[0]?.code, "SCHEMA");
  });

  test("are known to a quorum beside a node that lies of one of them: that one has a fault where the lie can win, and none where it cannot", async (t) => {
    const [liar, ...honest] = await Promise.all([1, 2, 3].map(() => nodeProxy(replica.url)));
    t.after(() => Promise.all([liar, ...honest].map((node) => node?.close())));
    const [[name = "", hidden = "0x"] = [], ...others] = Object.entries(replica.addresses.pools);
    liar?.become({
      kind: "lies",
      lie: ({ method, params }, truth) => {
        const { to = "", data = "" } = (params[0] ?? {}) as { to?: string; data?: string };
        const isOf = `${to}${data}`.toLowerCase().includes(hidden.slice(2).toLowerCase());
        // One more or less of something, in the last byte but the padding of a gathered answer.
        if (method !== "eth_call" || !isOf || typeof truth !== "string" || truth.length < 66) return undefined;
        return `${truth.slice(0, 60)}${truth[60] === "0" ? "1" : "0"}${truth.slice(61)}`;
      },
    });
    const through = (nodes: readonly (NodeProxy | undefined)[]) =>
      openRpc({
        chainId: replica.chainId,
        url: rpcQuorum({
          urls: nodes.map((node) => node?.url ?? ""),
          quorum: 2,
          chainId: replica.chainId,
          graceMs: 60,
          restMs: 0,
        }),
      });
    const block = await lens.block("latest");
    const expected = await uniswapV3.pools(lens)(refs(), block);
    const two = await uniswapV3.pools(through([liar, honest[0]]))(refs(), block);
    assert.equal(two[0]?.observation, null, `${name} is not agreed on`);
    assert.equal(two.length, others.length + 1);
    assert.deepEqual(two.slice(1), expected.slice(1), "and hides no other");
    assert.deepEqual(await uniswapV3.pools(through([liar, ...honest]))(refs(), block), expected);
  });

  test("take less gas than is reckoned with", async () => {
    const block = await lens.block("latest");
    for (const { address } of refs()) {
      const [pool] = await uniswapV3.pools(lens)([{ name: "any", address }], block);
      const { tickSpacing = 0, ticks = [] } = (pool?.observation ?? {}) as { tickSpacing?: number; ticks?: unknown[] };
      const known = { hash: `0x${"00".repeat(32)}`, ticks: ticks as never } as const;
      const call: Call = lensCall(address, tickSpacing, wordRange(tickSpacing), known);
      const params = (gas: number) => [
        { to: call.to, data: call.data, gas: `0x${gas.toString(16)}` },
        "latest",
        { [call.to]: { code: call.code } },
      ];
      const request = client.request as unknown as (question: unknown) => Promise<Hex>;
      const data = await request({ method: "eth_call", params: params((call.gas ?? 0) + 100_000) });
      assert.equal(readLens({ ok: true, data }, undefined)?.ticks.length, ticks.length);
    }
  });
});
