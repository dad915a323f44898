import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeFunctionData, numberToHex, parseAbi } from "viem";
import type { Hex } from "../../keeper/domain/contract.ts";
import type { Call, CallResult } from "../../keeper/io/rpc.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { lenderReader } from "../../keeper/protocols/lenderReader.ts";

const at = (byte: string): Hex => `0x${byte.repeat(20)}`;
const [SPOKE, HUB, AGENT, WETH, WBTC, USD] = ["a1", "a2", "a3", "b1", "b2", "c1"].map(at) as [
  ...[Hex, Hex, Hex, Hex, Hex, Hex],
];
const RECORD = {
  markets: [
    { id: 1, name: "WETH", collateral: WETH, debt: USD },
    { id: 2, name: "WBTC", collateral: WBTC, debt: USD },
  ],
  lenders: [
    {
      ...{ kind: "aave-v4", name: "Aave v4", fromBlock: 0, spoke: SPOKE, hub: HUB, markets: [1, 2] },
      agent: { address: AGENT },
    },
  ],
} as unknown as Deployment;

const ABI = parseAbi([
  "function getAssetId(address underlying) view returns (uint256)",
  "function getReserveId(address hub, uint256 assetId) view returns (uint256)",
  "function getReserve(uint256 reserveId) view returns (uint256)",
  "function getSpokeConfig(uint256 assetId, address spoke) view returns (uint256)",
  "function getDynamicReserveConfig(uint256 reserveId, uint32 key) view returns (uint256)",
  "function stepSeconds() view returns (uint256)",
  "function preview(address asset) view returns (uint256)",
  "function previewSupplyCap(address asset) view returns (uint256)",
  "function lowerable(address asset, uint32 from, uint32 to) view returns (uint256)",
]);
const words = (...values: readonly (number | bigint)[]): CallResult => {
  const data = `0x${values.map((value) => numberToHex(value, { size: 32 }).slice(2)).join("")}` as const;
  return { ok: true, data };
};
const keys = (...values: readonly number[]) => words(32, values.length, ...values);
const no: CallResult = { ok: false, reason: "execution reverted" };
const MOST = (1n << 256n) - 1n;
const NO_CAP = 2n ** 40n - 1n;

/** A hub that lists WETH as 3 and WBTC as 4, a spoke that has them as 7 and 8, the newest configurations 5 and 1. */
const LISTED: Record<Hex, { assetId: bigint; reserveId: bigint; newest: number }> = {
  [WETH]: { assetId: 3n, reserveId: 7n, newest: 5 },
  [WBTC]: { assetId: 4n, reserveId: 8n, newest: 1 },
};
type View = (typeof ABI)[number]["name"];
type Says = Partial<Record<View, CallResult | ((asset: Hex) => CallResult | undefined) | undefined>>;

function aave(says: Says = {}) {
  const turns: (readonly Call[])[] = [];
  const listed = structuredClone(LISTED);
  const of = (field: "assetId" | "reserveId", id: unknown) =>
    Object.entries(listed).find(([, one]) => one[field] === id) as
      | [Hex, { reserveId: bigint; assetId: bigint; newest: number }]
      | undefined;
  const sound = (functionName: View, args: readonly unknown[]): readonly [Hex | undefined, CallResult] => {
    const asset = args[0] as Hex;
    switch (functionName) {
      case "getAssetId":
        return [asset, words(listed[asset]?.assetId ?? 0n)];
      case "getReserveId": {
        const found = args[0] === HUB ? of("assetId", args[1]) : undefined;
        return [found?.[0], found === undefined ? no : words(found[1].reserveId)];
      }
      case "getReserve": {
        const [of_, one] = of("reserveId", args[0]) ?? [];
        if (of_ === undefined || one === undefined) return [of_, no];
        return [of_, words(BigInt(of_), BigInt(HUB), one.assetId, 18, 0, 4, one.newest)];
      }
      case "getSpokeConfig":
        return [of("assetId", args[0])?.[0], args[1] === SPOKE ? words(12_000, 500, 0, 1, 0) : no];
      case "getDynamicReserveConfig": {
        const found = of("reserveId", args[0]);
        const isNewest = found?.[1].newest === args[1];
        return [found?.[0], isNewest ? words(7_400, 10_500, 1_000) : words(0, 0, 0)];
      }
      case "stepSeconds":
        return [undefined, words(14_400)];
      case "preview":
        return [asset, words(7_300, 8_100, 1)];
      case "previewSupplyCap":
        return [asset, words(11_000, 1)];
      case "lowerable":
        return [asset, asset === WETH && args[1] === 0 ? keys(0, 3) : keys()];
    }
  };
  const calls = async (given: readonly Call[], block: bigint) => {
    assert.equal(block, 7n);
    turns.push(given);
    return given.map(({ to, data }) => {
      const { functionName, args = [] } = decodeFunctionData({ abi: ABI, data });
      const mine = ["getAssetId", "getSpokeConfig"].includes(functionName) ? HUB : SPOKE;
      assert.equal(to, functionName.startsWith("get") ? mine : AGENT, functionName);
      const low = args.map((arg) => (typeof arg === "string" ? (arg.toLowerCase() as Hex) : arg));
      const [asset, answer] = sound(functionName, low);
      if (!(functionName in says)) return answer;
      const said = says[functionName];
      return (typeof said === "function" ? (said(asset ?? WETH) ?? answer) : said) as CallResult;
    });
  };
  const read = lenderReader({ rpc: { calls }, deployment: RECORD });
  const replace = (newest: number) => {
    listed[WETH] = { assetId: 3n, reserveId: 7n, newest };
  };
  return { read: () => read(7n), turns, replace };
}

describe("what is read of an agent of Aave v4", () => {
  it("is the newest configuration and the add cap, what the agent would set, and older ones that are due", async () => {
    const [weth, wbtc] = await aave().read();
    assert.deepEqual(weth, {
      ...{ lender: "Aave v4", market: "WETH", agent: AGENT, asset: WETH },
      has: { ltvBps: 7_400, thresholdBps: 7_400, supplyCap: 12_000, bonusBps: 10_500, frozen: false },
      collateral: { ltvBps: 7_300, thresholdBps: 7_300, changes: true },
      cap: { supplyCap: 11_000, changes: true },
      due: [0, 3],
      ...{ stepFrom: 0, stepSeconds: 14_400, stepBps: 0, fault: null },
    });
    assert.deepEqual([wbtc?.market, wbtc?.due, wbtc?.fault], ["WBTC", [], null]);
  });

  it("takes one turn, once its places are known, and another where a newer configuration is there", async () => {
    const { read, turns, replace } = aave();
    await read();
    assert.equal(turns.length, 4);
    await read();
    assert.equal(turns.length, 5);
    replace(6);
    const [weth] = await read();
    assert.deepEqual([weth?.has?.ltvBps, weth?.fault, turns.length], [7_400, null, 7]);
    assert.equal(turns[6]?.length, (turns[5]?.length ?? 0) / 2, "only of the market that moved");
  });

  it("has no cap as null, and a cap of 0 as 0", async () => {
    const cap = async (addCap: bigint) =>
      (await aave({ getSpokeConfig: words(addCap, 0, 0, 1, 0) }).read())[0]?.has?.supplyCap;
    assert.deepEqual([await cap(NO_CAP), await cap(0n), await cap(NO_CAP - 1n)], [null, 0, Number(NO_CAP) - 1]);
  });

  it("is frozen where Aave froze or paused it, or its spoke is halted or inactive", async () => {
    const frozen = async (says: Says) => (await aave(says).read())[0]?.has?.frozen;
    const flags = (bits: number) => ({
      getReserve: (asset: Hex) => words(BigInt(asset), BigInt(HUB), 0, 18, 0, bits, LISTED[asset]?.newest ?? 0),
    });
    for (const bits of [1, 2, 3, 7]) assert.equal(await frozen(flags(bits)), true, String(bits));
    for (const bits of [0, 4, 12]) assert.equal(await frozen(flags(bits)), false, String(bits));
    assert.equal(await frozen({ getSpokeConfig: words(1, 0, 0, 1, 1) }), true, "halted");
    assert.equal(await frozen({ getSpokeConfig: words(1, 0, 0, 0, 0) }), true, "inactive");
    assert.equal(await frozen({ getSpokeConfig: words(1, 0, 0, 2, 0) }), true, "neither");
  });

  it("goes through pages of older configurations, one in each look, and has none of the newest alone", async () => {
    const pages = async (newest: number) => {
      const { read, turns, replace } = aave();
      replace(newest);
      const asked: unknown[] = [];
      for (let look = 0; look < 5; look += 1) {
        await read();
        const data = turns.at(-1)?.[8]?.data ?? "0x";
        asked.push((decodeFunctionData({ abi: ABI, data }).args ?? []).slice(1).join("-"));
      }
      assert.equal(turns[0]?.[8]?.gas, 256 * 20_000, "so that no other view of that question runs out of gas");
      return asked;
    };
    assert.deepEqual(await pages(600), ["0-256", "256-512", "512-768", "0-256", "256-512"]);
    assert.deepEqual(await pages(257), ["0-256", "256-512", "0-256", "256-512", "0-256"]);
    assert.deepEqual([...new Set(await pages(256))], ["0-256"]);
  });

  it("looks at all older configurations of a market in each look, however many another one has", async () => {
    const lowerable = (asset: Hex) => (asset === WBTC ? keys(0) : keys());
    const { read, replace } = aave({ lowerable });
    replace(2 ** 32 - 1);
    for (let look = 0; look < 3; look += 1) assert.deepEqual((await read()).at(-1)?.due, [0]);
  });
});

describe("an Aave v4 that answers wrongly", () => {
  const silent = [undefined, no, { ok: true, data: "0x" } as const];
  const place = (...values: readonly (number | bigint)[]) => words(...values, 0, 18, 0, 4, 5);

  it("is unreadable, and says which view and what it answered", async () => {
    const wrong: Readonly<Record<string, readonly (CallResult | undefined)[]>> = {
      getAssetId: [words(3, 1)],
      getReserveId: [words()],
      getReserve: [
        place(BigInt(USD), BigInt(HUB)),
        place(BigInt(WETH), BigInt(SPOKE)),
        words(BigInt(WETH), BigInt(HUB)),
        words(BigInt(WETH), BigInt(HUB), 0, 18, 0, 4, 2n ** 32n),
      ],
      getSpokeConfig: [words(2n ** 40n, 0, 0, 1, 0), words(1, 0, 0, 1), words(MOST, 0, 0, 1, 0)],
      getDynamicReserveConfig: [words(10_000, 10_500, 0), words(7_400, 9_999, 0), words(7_400, 10_500), words(0, 0, 0)],
      stepSeconds: [words(0), words(2n ** 32n)],
      preview: [words(10_001, 8_100, 1), words(7_300, 10_001, 1), words(7_300, 8_100, 2), words(7_300, 8_100)],
      previewSupplyCap: [words(2n ** 40n, 1), words(5, 2), words(5)],
      lowerable: [
        words(64, 0),
        words(32, 2, 1),
        words(32, 1, 5),
        keys(1, 1),
        keys(3, 2),
        words(32, 1, MOST),
        keys(256),
      ],
    };
    for (const [view, answers] of Object.entries(wrong)) {
      // The last one: more than whole words.
      for (const answer of [...silent, ...answers, { ok: true, data: `0x${"00".repeat(33)}` } as const]) {
        const [weth] = await aave({ [view]: answer }).read();
        const said = `${view} ${JSON.stringify(answer)}`;
        assert.equal(weth?.fault?.state, "UNREADABLE", said);
        assert.match(weth.fault.detail, new RegExp(`^${view}: .`), said);
      }
    }
  });

  it("that says another place in each look is unreadable and is asked four times", async () => {
    let turn = 0n;
    const { read, turns } = aave({ getAssetId: () => words(++turn) });
    const [weth] = await read();
    assert.deepEqual([weth?.fault?.detail, turns.length], ["its reserve changes place", 4]);
  });

  it("is closed by others where the preview is refused and the newest factor is 0, and goes on with the rest", async () => {
    const zero = { getDynamicReserveConfig: words(0, 10_500, 0) };
    const [weth] = await aave({ ...zero, preview: no }).read();
    assert.deepEqual(
      [weth?.fault?.state, weth?.collateral, weth?.cap?.changes, weth?.due],
      ["CLOSED_BY_OTHERS", null, true, [0, 3]],
    );
    assert.equal((await aave({ ...zero, preview: words(1) }).read())[0]?.fault?.state, "UNREADABLE");
    assert.equal((await aave({ preview: no }).read())[0]?.fault?.state, "UNREADABLE");
  });

  it("stops no other market of it", async () => {
    const [weth, wbtc] = await aave({ getReserve: (asset) => (asset === WETH ? no : undefined) }).read();
    assert.deepEqual([weth?.fault?.state, wbtc?.fault], ["UNREADABLE", null]);
  });
});
