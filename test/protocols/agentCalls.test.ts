import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createPublicClient,
  custom,
  decodeFunctionData,
  encodeAbiParameters,
  encodeErrorResult,
  type Hex,
  numberToHex,
  parseAbi,
} from "viem";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { AGENT_ABI, encodeAgentCalls, simulateAgentCalls } from "../../keeper/protocols/agentCalls.ts";

const AGENT = `0x${"bb".repeat(20)}` as const;
const FROM = `0x${"ff".repeat(20)}` as const;
const CALLS = [
  { functionName: "syncSupplyCap", asset: `0x${"01".repeat(20)}` },
  { functionName: "sync", asset: `0x${"02".repeat(20)}` },
  { functionName: "lower", asset: `0x${"03".repeat(20)}`, key: 7 },
] as const;
const CHAIN = {
  id: 31_337,
  name: "x",
  nativeCurrency: { name: "x", symbol: "x", decimals: 18 },
  rpcUrls: { default: { http: [] } },
};

/** What is found of the calls on a node that answers `eth_call` so. */
async function simulated(answer: Hex | Error) {
  const request = async ({ method }: { method: string }) => {
    if (method === "eth_chainId") return numberToHex(CHAIN.id);
    if (method === "eth_estimateGas") return numberToHex(123_456);
    assert.equal(method, "eth_call");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const client = createPublicClient({ chain: CHAIN, transport: custom({ request }, { retryCount: 0 }) });
  return await simulateAgentCalls(client as never, { agent: AGENT, calls: CALLS }, FROM);
}
const results = (...each: readonly Hex[]) => encodeAbiParameters([{ type: "bytes[]" }], [each]);
const word = (value: bigint) => numberToHex(value, { size: 32 });

describe("the calls at an agent", () => {
  it("travel in one multicall, in their order", () => {
    const outer = decodeFunctionData({ abi: AGENT_ABI, data: encodeAgentCalls({ agent: AGENT, calls: CALLS }) });
    assert.equal(outer.functionName, "multicall");
    const [datas] = (outer.args ?? []) as unknown as readonly [readonly Hex[]];
    const inner = datas.map((data) => decodeFunctionData({ abi: AGENT_ABI, data }));
    assert.deepEqual(
      inner.map(({ functionName, args }) => [functionName, ...(args ?? [])]),
      CALLS.map((call) => [call.functionName, call.asset, ...("key" in call ? [call.key] : [])]),
    );
  });

  it("count as changes where they answer true, with the gas that they take", async () => {
    assert.deepEqual(await simulated(results(word(1n), word(0n))), { gas: 123_456n, changed: 1 });
    assert.deepEqual((await simulated(results(word(1n), word(1n)))).changed, 2);
  });

  it("change nothing where the answer is no truth value, whatever it is", async () => {
    for (const given of ["0x", "0x01", word(2n), `${word(1n)}00`, word(2n ** 256n - 1n)] as const) {
      assert.equal((await simulated(results(given))).changed, 0, given);
    }
    assert.equal((await simulated(results())).changed, 0);
  });

  it("are an error of the catalogue where the answer cannot be read at all", async () => {
    for (const given of ["0x", "0x00", word(5n), word(2n ** 200n)] as const) {
      await assert.rejects(simulated(given), (error) => error instanceof TonsorError, given);
    }
  });

  it("say what a lender says against them on one line, without what a terminal obeys, and cut", async () => {
    const abi = parseAbi(["error Error(string)"]);
    const refused = async (message: string, text?: string) => {
      const data = text && encodeErrorResult({ abi, errorName: "Error", args: [text] });
      const error: unknown = await simulated(Object.assign(new Error(message), { code: 3, data })).catch((it) => it);
      assert.ok(error instanceof TonsorError);
      return error.message;
    };
    const reverted = "execution reverted";
    assert.equal(await refused(reverted, "no\u001b[2J\nrole"), "Error: no [2J role");
    assert.equal(await refused(`${reverted}: no\u001b[2J\nrole`), `${reverted}: no [2J role`);
    for (const most of [await refused(reverted, "x".repeat(1e5)), await refused(`${reverted}: ${"x".repeat(1e5)}`)]) {
      assert.equal(most.length, 300);
    }
  });
});
