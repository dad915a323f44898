import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { getAddress, numberToHex, toFunctionSelector } from "viem";
import type { Hex } from "../../keeper/domain/contract.ts";
import type { Call, CallResult } from "../../keeper/io/rpc.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { lenderReader } from "../../keeper/protocols/lenderReader.ts";

const at = (byte: string): Hex => `0x${byte.repeat(20)}`;
const [PROVIDER, POOL, AGENT, WETH, WBTC, USD] = ["a1", "a2", "a3", "b1", "b2", "c1"].map(at) as [
  ...[Hex, Hex, Hex, Hex, Hex, Hex],
];
const AAVE = {
  ...{ kind: "aave-v3", name: "Aave", fromBlock: 0, provider: PROVIDER, pool: POOL, markets: [1, 2] },
  agent: { address: AGENT },
};
const record = (lenders: readonly object[] | null) =>
  ({
    markets: [
      { id: 1, name: "WETH", collateral: WETH, debt: USD },
      { id: 2, name: "WBTC", collateral: WBTC, debt: USD },
      { id: 3, name: "LINK", collateral: at("b3"), debt: USD },
    ],
    ...(lenders && { lenders }),
  }) as unknown as Deployment;

const words = (...values: readonly (number | bigint)[]): CallResult => {
  const data = `0x${values.map((value) => numberToHex(value, { size: 32 }).slice(2)).join("")}` as const;
  return { ok: true, data };
};
/** A reserve's configuration: bits as Aave v3 has them. */
const configuration = ({ ltv = 7_400, threshold = 8_100, bonus = 10_500, frozen = 0, cap = 12_000 } = {}) =>
  words(
    BigInt(ltv) | (BigInt(threshold) << 16n) | (BigInt(bonus) << 32n) | (BigInt(frozen) << 57n) | (BigInt(cap) << 116n),
  );
const refused = (reason: string): CallResult => ({ ok: false, reason });

const SAYS = {
  "getPool()": words(BigInt(POOL)),
  "stepSeconds()": words(14_400),
  "maxThresholdStepBps()": words(25),
  "preview(address)": words(7_300, 8_100, 1),
  "previewSupplyCap(address)": words(11_000, 1),
  "progressOf(address)": words(1_700_000_000, 0),
  "getConfiguration(address)": configuration(),
};
type Says = Partial<Record<keyof typeof SAYS, CallResult | undefined>>;
/** Of WBTC's, what it answers otherwise. */
const OF_WBTC: Says = {
  "preview(address)": words(6_900, 7_500, 0),
  "getConfiguration(address)": configuration({ ltv: 7_000 }),
};

/** What is read of a lender that answers as given, and else as a sound one. */
async function read(says: Says, lenders: readonly object[] | null = [AAVE]) {
  const asked: (readonly Call[])[] = [];
  const answers = { ...SAYS, ...says };
  const calls = async (given: readonly Call[], block: bigint) => {
    assert.equal(block, 7n);
    asked.push(given);
    return given.map(({ data }) => {
      const own = data.endsWith(WBTC.slice(2)) ? { ...answers, ...OF_WBTC } : answers;
      const found = Object.entries(own).find(([signature]) => data.startsWith(toFunctionSelector(signature)));
      return found?.[1] as CallResult;
    });
  };
  const readings = await lenderReader({ rpc: { calls }, deployment: record(lenders) })(7n);
  return { readings, asked, first: readings[0] as (typeof readings)[number] };
}

describe("what is read of a lender", () => {
  it("is what it has, what its agent would set, and from when its threshold may step, in one turn", async () => {
    const { readings, asked, first } = await read({});
    assert.deepEqual(
      readings.map(({ market, asset }) => [market, asset]),
      [
        ["WETH", WETH],
        ["WBTC", WBTC],
      ],
    );
    assert.deepEqual(first, {
      ...{ lender: "Aave", market: "WETH", agent: AGENT, asset: WETH },
      has: { ltvBps: 7_400, thresholdBps: 8_100, supplyCap: 12_000, bonusBps: 10_500, frozen: false },
      collateral: { ltvBps: 7_300, thresholdBps: 8_100, changes: true },
      cap: { supplyCap: 11_000, changes: true },
      due: [],
      ...{ stepFrom: 1_700_014_400, stepSeconds: 14_400, stepBps: 25, fault: null },
    });
    assert.deepEqual([readings[1]?.has?.ltvBps, readings[1]?.collateral?.ltvBps], [7_000, 6_900]);
    assert.equal(asked.length, 1);
    const places = asked[0]?.map(({ to, data }) => `${to.slice(0, 4)} ${data.slice(-40, -36)}`) ?? [];
    assert.deepEqual(places.slice(3, 7), ["0xa3 b1b1", "0xa3 b1b1", "0xa3 b1b1", "0xa2 b1b1"]);
    const frozen = async (bits: number) =>
      (await read({ "getConfiguration(address)": configuration({ frozen: bits }) })).first.has?.frozen;
    // From bit 57: frozen, borrowing, stable, paused, borrowable in isolation.
    for (const [bits, is] of [
      [1, true],
      [8, true],
      [2, false],
      [4, false],
      [16, false],
    ] as const) {
      assert.equal(await frozen(bits), is, String(bits));
    }
  });

  it("is nothing of a lender without an agent, of another kind, or where the record names none", async () => {
    for (const lenders of [null, [], [{ ...AAVE, agent: null }], [{ ...AAVE, kind: "morpho-blue" }]]) {
      const { readings, asked } = await read({}, lenders);
      assert.deepEqual([readings, asked], [[], []]);
    }
  });
});

describe("a lender that answers wrongly", () => {
  const fault = async (says: Says) => {
    const { first } = await read(says);
    return `${first.fault?.state}: ${first.fault?.detail}`;
  };
  const most = (1n << 256n) - 1n;

  it("is of another pool, with both addresses", async () => {
    assert.equal(
      await fault({ "getPool()": words(BigInt(AGENT)) }),
      `POOL_REPLACED: given ${getAddress(AGENT)}, the record has ${POOL}`,
    );
    assert.match(await fault({ "getPool()": words(most) }), /^POOL_REPLACED/);
    assert.match(await fault({ "getPool()": refused("execution reverted") }), /given execution reverted/);
  });

  it("is unreadable, and says which view and what it answered", async () => {
    const of = async (view: keyof typeof SAYS, answers: readonly (CallResult | undefined)[]) => {
      for (const answer of answers) {
        const { first } = await read({ [view]: answer });
        assert.equal(first.fault?.state, "UNREADABLE", `${view} ${JSON.stringify(answer)}`);
        assert.match(first.fault.detail, new RegExp(`^${view.split("(")[0]}: .`));
        assert.deepEqual([first.collateral === null || first.cap === null], [true]);
      }
    };
    const silent = [undefined, refused("no"), { ok: true, data: "0x" } as const];
    await of("getConfiguration(address)", [...silent, words(1, 2)]);
    await of("stepSeconds()", [...silent, words(0), words(2n ** 32n), words(most), words(1, 2)]);
    await of("maxThresholdStepBps()", [...silent, words(0), words(10_001), words(most), words(1, 2)]);
    await of("progressOf(address)", [...silent, words(0), words(2n ** 40n, 0), words(most, 0)]);
    await of("preview(address)", [
      ...silent,
      ...[words(8_101, 8_100, 1), words(7_300, 10_001, 1), words(7_300, 8_100, 2), words(7_300, 8_100)],
    ]);
    await of("previewSupplyCap(address)", [...silent, words(0, 1), words(2n ** 36n, 1), words(5, 2), words(5)]);
  });

  it("says what it was given as a number where a number is out of range", async () => {
    assert.match(await fault({ "stepSeconds()": words(0) }), /^UNREADABLE: stepSeconds: answered 0x0{64}$/);
  });

  it("stops nothing of another: what its agent says of the cap is taken without a preview, and the other way round", async () => {
    const capless = await read({ "previewSupplyCap(address)": refused("no") });
    assert.deepEqual([capless.first.collateral?.changes, capless.first.cap], [true, null]);
    const closed = await read({
      "preview(address)": refused("ClosedByOthers"),
      "getConfiguration(address)": configuration({ ltv: 0 }),
    });
    assert.deepEqual([closed.first.collateral, closed.first.cap?.changes], [null, true]);
  });

  it("has a reason for a preview that is refused", async () => {
    const state = async (reserve: Parameters<typeof configuration>[0], answer = refused("execution reverted")) =>
      (await read({ "preview(address)": answer, "getConfiguration(address)": configuration(reserve) })).first.fault
        ?.state;
    assert.equal(await state({ ltv: 0 }), "CLOSED_BY_OTHERS");
    assert.equal(await state({ ltv: 0, threshold: 0 }), "NOT_COLLATERAL");
    assert.equal(await state({}), "UNREADABLE");
    assert.equal(await state({ ltv: 0 }, words(1)), "UNREADABLE", "nonsense is no refusal");
  });

  it("that cannot be asked is a fault of every market of it, and of no other lender", async () => {
    let turn = 0;
    const calls = async (given: readonly Call[]) => {
      turn += 1;
      if (turn === 1) throw new Error("socket hang up");
      return given.map(() => refused("no"));
    };
    const other = { ...AAVE, name: "Spark", markets: [1] };
    const readings = await lenderReader({ rpc: { calls }, deployment: record([AAVE, other]) })(7n);
    assert.deepEqual(
      readings.map(({ lender, market, fault: what }) => `${lender} ${market} ${what?.state} ${what?.detail}`),
      [
        "Aave WETH UNREADABLE socket hang up",
        "Aave WBTC UNREADABLE socket hang up",
        `Spark WETH POOL_REPLACED given no, the record has ${POOL}`,
      ],
    );
  });
});
