import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { network } from "hardhat";
import { encodeFunctionData, type Hex } from "viem";
import { gatherParams } from "../../keeper/io/joined.ts";
import { type Call, openRpc, type Rpc } from "../../keeper/io/rpc.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { mined, replicaClient, send } from "../../scripts/lab/replica/node.ts";
import { httpFaultProxy } from "../chaos/support/httpFaultProxy.ts";

const CHAIN_ID = 31337;
/** In the order of the contract's enum, without the one that burns all gas: a node alone fails at that too. */
const FAILURES = { REVERT: 0, SHORT: 1, BOMB: 3, INCOMPLETE: 4 };
const BURN = 2;

const NODES = {
  Hardhat: async () => {
    const server = await network.createServer({ override: { chainId: CHAIN_ID } }, "127.0.0.1");
    const { address, port } = await server.listen();
    return { url: `http://${address}:${port}`, close: () => server.close() };
  },
  anvil: () => spawnAnvil({ chainId: CHAIN_ID }),
};

test("the code that is handed to nodes is what the compiler makes of its source", () => {
  const { bytecode } = ownArtifact("contracts/lens/Gather");
  const [, , overrides] = gatherParams([], "0x1") ?? assert.fail("no calls can be gathered");
  const [{ code }] = Object.values(overrides) as [{ code: Hex }];
  // Around the runtime code: the part that puts it on a chain, and the hash of the source.
  assert.ok(bytecode.includes(code.slice(2)), "contracts/lens/Gather.sol was changed: carry its code over");
});

for (const [name, spawn] of Object.entries(NODES)) {
  describe(`calls gathered on ${name} are the calls one by one`, () => {
    const { abi, bytecode } = ownArtifact("test/mocks/MockBrokenFeed");
    const open: (() => Promise<unknown>)[] = [];
    const questions: number[] = [];
    const targets: Hex[] = [];
    let burning: Hex;
    let gathered: Rpc;
    let single: Rpc;
    let block: bigint;

    before(async () => {
      const node = await spawn();
      open.push(node.close);
      const client = replicaClient(node.url, CHAIN_ID);
      const from = replicaAccounts().deployer.address;
      const put = async (failure: number): Promise<Hex> => {
        const [at] = await mined(client, [await send(client, { from, data: bytecode })]);
        const data = encodeFunctionData({ abi, functionName: "fail", args: [failure] });
        await mined(client, [await send(client, { from, to: at!, data })]);
        return at!;
      };
      for (const failure of Object.values(FAILURES)) targets.push(await put(failure));
      burning = await put(BURN);
      const proxy = await httpFaultProxy(node.url);
      open.push(proxy.close);
      proxy.rule = ({ body }) => {
        questions.push([...body.matchAll(/eth_call/g)].length);
        return "none";
      };
      gathered = openRpc({ url: proxy.url, chainId: CHAIN_ID });
      single = openRpc({ url: node.url, chainId: CHAIN_ID, gather: false });
      block = (await single.block("latest")).number;
    });
    after(async () => {
      for (const close of open.toReversed()) await close();
    });

    const data = [
      encodeFunctionData({ abi, functionName: "decimals" }),
      encodeFunctionData({ abi, functionName: "latestRoundData" }),
      encodeFunctionData({ abi, functionName: "getRoundData", args: [1n] }),
      "0x",
      "0xdeadbeef",
    ] as const;
    const nobody: Hex = `0x${"ab".repeat(20)}`;
    const identity: Hex = `0x${"00".repeat(19)}04`;
    const call = () => fc.record({ to: fc.constantFrom(...targets, nobody, identity), data: fc.constantFrom(...data) });

    test("for any mixture of answers, refusals, contracts that are none and precompiles", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(call(), { maxLength: 30 }), async (calls) => {
          assert.deepEqual(await gathered.calls(calls, block), await single.calls(calls, block));
        }),
        { numRuns: 25, seed: 7 },
      );
    });

    test("and 60 of them are one question", async () => {
      const calls: Call[] = Array.from({ length: 60 }, (_, i) => ({ to: targets[i % 4]!, data: data[0] }));
      const before = questions.length;
      assert.deepEqual(await gathered.calls(calls, block), await single.calls(calls, block));
      assert.deepEqual(questions.slice(before), [1]);
    });

    // Hardhat takes seconds to run out of gas.
    if (name === "Hardhat") return;
    test("one that burns all gas is named, and not those after it", async () => {
      const calls: Call[] = [
        { to: targets[3]!, data: data[0] },
        { to: burning, data: data[0] },
        { to: burning, data: data[1] },
        ...Array.from({ length: 8 }, () => ({ to: targets[3]!, data: data[1] })),
      ];
      for (const rpc of [gathered, single]) {
        await assert.rejects(rpc.calls(calls, block), { code: "RPC_FAILED", message: /EVM error OutOfGas$/ });
      }
      const good = calls.filter(({ to }) => to !== burning);
      assert.deepEqual(await gathered.calls(good, block), await single.calls(good, block));
    });
  });
}
