import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DAY_SECONDS, HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import type { Look } from "../../keeper/domain/cycle.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import type { LenderReading } from "../../keeper/domain/lender.ts";
import { healthWadOf } from "../../keeper/impact/lenders/aaveV3/health.ts";
import type { Borrower } from "../../keeper/impact/lenders/lenderBook.ts";
import { noticeBoard } from "../../keeper/impact/notice/board.ts";
import { liquidatableAt } from "../../keeper/impact/notice/liquidatable.ts";
import { lowestThreshold } from "../../keeper/impact/notice/threshold.ts";
import { maintenanceAt } from "../../scripts/lab/contractModel/follow.ts";
import { uniforms } from "../../scripts/lab/validation/statistics/random.ts";
import { calmMarket } from "../support/onChain.ts";

const NOW = 1_769_558_430;
const MONTH = 30 * DAY_SECONDS;
const WAD = 10n ** 18n;
const ACCOUNT = `0x${"ab".repeat(20)}` as const;

const market = (change: Partial<OnChainMarket> = {}, speed = 300): OnChainMarket => {
  const calm = calmMarket(NOW);
  return { ...calm, limits: { ...calm.limits, tightenSpeedBpsPer30Days: speed }, ...change };
};
const reading = (change: Partial<LenderReading> = {}, has: object = {}): LenderReading => ({
  ...{
    lender: "Aave",
    market: "WETH",
    agent: ACCOUNT,
    asset: ACCOUNT,
    collateral: null,
    cap: null,
    due: [],
    fault: null,
  },
  ...{ stepFrom: 0, stepSeconds: 4 * HOUR_SECONDS, stepBps: 25 },
  has: { ltvBps: 7_500, thresholdBps: 8_100, supplyCap: null, bonusBps: 10_500, frozen: false, ...has },
  ...change,
});
type Carried = Parameters<typeof lowestThreshold>[0];
const carriedBy = (onChain: OnChainMarket, by = reading()) => ({ onChain, reading: by }) as Carried;

/** A borrower with parts of collateral, each of a market (or of none of ours) at a threshold. */
const borrower = (
  debt: bigint,
  ...parts: readonly (readonly [value: bigint, thresholdBps: number, marketId?: number | null, isFixed?: boolean])[]
): Borrower => ({
  ...{ account: ACCOUNT, debt, debtUsd: Number(debt) / 1e8, debts: [] },
  healthWad: healthWadOf(
    parts.reduce((sum, [value, bps]) => sum + value * BigInt(bps), 0n),
    debt,
  ),
  collateral: parts.map(([value, thresholdBps, marketId = 1, isFixed = false]) => {
    return { value, usd: Number(value) / 1e8, thresholdBps, marketId, isFixed };
  }),
});

test("a reserve that agrees with the contract follows the ramp to the minute, and its borrower is told that minute", () => {
  const ramp = market({ maintenanceTargetBps: 2_100 });
  // A threshold of 8000 covers the debt exactly: due at 7999, a tick after ten days.
  const at = liquidatableAt(borrower(800n, [1_000n, 8_100]), new Map([[1, carriedBy(ramp)]]), NOW);
  assert.ok(at !== null && at % 60 === 0);
  assert.equal(lowestThreshold(carriedBy(ramp), NOW, at), 7_999);
  assert.equal(lowestThreshold(carriedBy(ramp), NOW, at - 1), 8_000);
  assert.ok(Math.abs(at - NOW - 10.1 * DAY_SECONDS) < 3 * HOUR_SECONDS, `${(at - NOW) / DAY_SECONDS} days`);
  assert.equal(liquidatableAt(borrower(790n, [1_000n, 8_100]), new Map([[1, carriedBy(ramp)]]), NOW), null);
});

test("a threshold that is behind walks by the agent's steps: not before its next one, not faster, not past 100 % with the bonus", () => {
  const behind = reading({ stepFrom: NOW + 600 }, { thresholdBps: 8_200 });
  const lowest = (after: number, by = behind, onChain = market()) =>
    lowestThreshold(carriedBy(onChain, by), NOW, NOW + after);
  assert.deepEqual(
    [0, 599, 600].map((s) => lowest(s)),
    [8_200, 8_200, 8_175],
  );
  assert.deepEqual(
    [600 + 4 * HOUR_SECONDS - 1, 600 + 4 * HOUR_SECONDS].map((s) => lowest(s)),
    [8_175, 8_150],
  );
  assert.equal(lowest(MONTH), 8_100);
  assert.equal(lowest(MONTH, reading({}, { thresholdBps: 8_000 })), 8_000, "nobody has to raise one that is lower");
  assert.equal(lowest(MONTH, reading({}, { thresholdBps: 8_200, bonusBps: 13_000 })), 7_692);
  const borrows = borrower(816n, [1_000n, 8_200]);
  const at = (by: LenderReading) => liquidatableAt(borrows, new Map([[1, carriedBy(market(), by)]]), NOW);
  assert.equal(at(behind), NOW + 600 + 4 * HOUR_SECONDS);
  assert.equal(at(reading({}, { thresholdBps: 8_200 })), NOW + 4 * HOUR_SECONDS, "the first step may be at once");
});

test("a freeze stops its steps until it lapses, and where there is no room a call makes it one interval before", () => {
  const borrows = borrower(818n, [1_000n, 8_200]);
  const at = (onChain: OnChainMarket, by: LenderReading) =>
    liquidatableAt(borrows, new Map([[1, carriedBy(onChain, by)]]), NOW);
  const behind = reading({}, { thresholdBps: 8_200 });
  assert.equal(at(market(), behind), NOW);
  assert.equal(at(market({ mode: "FROZEN", modeUntil: NOW + 5 * DAY_SECONDS }), behind), NOW + 5 * DAY_SECONDS);
  assert.equal(at(market(), reading({}, { thresholdBps: 8_200, ltvBps: 8_175 })), NOW + 4 * HOUR_SECONDS);
  assert.equal(at(market(), reading({}, { thresholdBps: 8_200, ltvBps: 8_174 })), NOW);
});

test("collateral of an e-mode, of another market or without an agent stays, and what falls makes nobody liquidatable", () => {
  const ramp = market({ maintenanceTargetBps: 2_600 });
  const carried = new Map([[1, carriedBy(ramp)]]);
  assert.equal(liquidatableAt(borrower(805n, [1_000n, 8_100, 1, true]), carried, NOW), null);
  assert.equal(liquidatableAt(borrower(805n, [1_000n, 8_100, null]), carried, NOW), null);
  assert.equal(liquidatableAt(borrower(805n, [1_000n, 8_100, 2]), carried, NOW), null);
  assert.equal(liquidatableAt(borrower(811n, [1_000n, 8_100, null]), carried, NOW), NOW, "by the price already");
  const falls = new Map([[1, carriedBy(market({ maintenanceTargetBps: 1_700 }))]]);
  assert.equal(liquidatableAt(borrower(805n, [1_000n, 8_100]), falls, NOW), null);
  // Half of it stays: the other half has to fall twice as far.
  const alone = liquidatableAt(borrower(800n, [1_000n, 8_100]), carried, NOW) ?? 0;
  const half = liquidatableAt(borrower(800n, [500n, 8_100], [500n, 8_100, null]), carried, NOW) ?? 0;
  assert.ok(Math.abs((half - NOW) / (alone - NOW) - 2) < 0.05, `${half - NOW} and ${alone - NOW}`);
});

test("no loan opened within the limits of its day is liquidatable in 30 days, at any speed, gap, target and minute that the contract allows", () => {
  const cases = fc.record({
    gap: fc.integer({ min: 1, max: 4_095 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    maintenance: fc.integer({ min: 0, max: 5_000 }),
    rise: fc.integer({ min: 0, max: 3_191 }),
    second: fc.integer({ min: 0, max: MONTH }),
    value: fc.bigInt({ min: 1n, max: 10n ** 18n }),
    step: fc.integer({ min: 1, max: 4_000 }),
    behind: fc.integer({ min: 0, max: 500 }),
    seconds: fc.integer({ min: 1, max: 2 * DAY_SECONDS }),
  });
  let reached = 0;
  const holds = fc.property(cases, ({ gap, part, maintenance, rise, second, value, step, seconds, behind }) => {
    const since = NOW + second;
    const target = maintenance + rise;
    // The highest speed is the gap (ClassLimits.sol); the loan is as large as an initial haircut a gap above maintenance allows.
    const onChain = market({ maintenanceBps: maintenance, maintenanceTargetBps: target }, Math.ceil(part * gap));
    const ltvBps = Math.max(0, 10_000 - maintenance - gap);
    const thresholdBps = Math.min(10_000, 10_000 - maintenance + behind);
    const debt = (value * BigInt(ltvBps)) / 10_000n;
    if (debt === 0n) return;
    const has = { thresholdBps, ltvBps, bonusBps: 10_000 };
    const by = reading({ stepBps: step, stepSeconds: seconds }, has);
    const at = liquidatableAt(borrower(debt, [value, thresholdBps]), new Map([[1, carriedBy(onChain, by)]]), since);
    if (at === null) return;
    reached += 1;
    assert.ok(at >= since + MONTH, `${(at - since) / DAY_SECONDS} days`);
  });
  fc.assert(holds, { seed: 16, numRuns: 1_500 });
  assert.ok(reached > 30, `${reached} loans that a ramp reaches later`);
});

test("the minute told to 10 000 positions is the first at which the contract's model has them liquidatable", () => {
  const random = uniforms(165);
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  let [due, never] = [0, 0];
  for (let i = 0; i < 10_000; i++) {
    const maintenanceBps = whole(500, 4_000);
    const maintenanceTargetBps = maintenanceBps + whole(-50, 150);
    const onChain = market({ maintenanceBps, maintenanceTargetBps, asOf: NOW }, whole(1, 500));
    const stored = { ...onChain, ...onChain.limits, ttlHours: 1e9, settled: NOW };
    const thresholdAt = (time: number) =>
      10_000 - maintenanceAt(stored as unknown as Parameters<typeof maintenanceAt>[0], time);
    const value = BigInt(whole(1e6, 1e15));
    const debt = (value * BigInt(10_000 - maintenanceBps - whole(0, 120))) / 10_000n + BigInt(whole(-1, 1));
    const own = borrower(debt, [value, thresholdAt(NOW)]);
    const by = reading(
      { stepBps: 5_000, stepSeconds: 1 },
      { thresholdBps: thresholdAt(NOW), ltvBps: 0, bonusBps: 10_000 },
    );
    const at = liquidatableAt(own, new Map([[1, carriedBy(onChain, by)]]), NOW);
    const isDue = (time: number) => healthWadOf(value * BigInt(thresholdAt(time)), debt) < WAD;
    if (at === null) {
      never += 1;
      const end = NOW + 200 * 12 * MONTH;
      assert.ok(maintenanceTargetBps < maintenanceBps ? !isDue(NOW) : !isDue(end), `position ${i}`);
    } else if (at !== NOW) {
      due += 1;
      assert.ok(isDue(at) && !isDue(at - 1), `position ${i}`);
    }
  }
  assert.ok(due > 3_000 && never > 3_000, `${due} due, ${never} never`);
});

const look = (readings: readonly LenderReading[], onChain = market({ maintenanceTargetBps: 2_600 })) =>
  ({
    chain: { blockNumber: 7n, blockTime: NOW, markets: new Map([["WETH", onChain]]) },
    lenders: readings,
  }) as unknown as Look;
const seen = (own: readonly Borrower[], faults: Readonly<Record<string, string>> = {}) =>
  ({
    blockNumber: 7n,
    lenderBooks: [{ lender: "Aave", borrowers: own }].filter(({ lender }) => !(lender in faults)),
    states: [{ lender: "Aave", fault: faults["Aave"] ?? null }],
  }) as never;

test("each lender is told by a state, and what could not be read is not said to be safe", async () => {
  const of = async (own: readonly Borrower[], readings = [reading()], faults = {}) => {
    const board = noticeBoard();
    board.looked(look(readings));
    await board.reading(async () => seen(own, faults))?.({ number: 7n });
    const one = board.of(ACCOUNT.toUpperCase().replace("0X", "0x"))?.lenders[0];
    return [one?.state, one?.liquidatableAt];
  };
  assert.deepEqual(await of([]), ["NO_DEBT", null]);
  assert.deepEqual(await of([borrower(811n, [1_000n, 8_100])]), ["LIQUIDATABLE", NOW]);
  assert.equal((await of([borrower(800n, [1_000n, 8_100])]))[0], "BY_RAMP");
  assert.deepEqual(await of([borrower(700n, [1_000n, 8_100])]), ["NOT_BY_RAMP", null]);
  assert.deepEqual(await of([borrower(800n, [1_000n, 8_100, 1, true])]), ["FIXED", null]);
  assert.deepEqual(await of([borrower(800n, [1_000n, 8_100])], []), ["FIXED", null], "no agent");
  const other: LenderReading = { ...reading({ lender: "Other" }), has: null };
  const owes = [borrower(800n, [1_000n, 8_100])];
  assert.deepEqual(await of(owes, [reading(), other]), await of(owes));
  assert.deepEqual(await of([borrower(800n, [1_000n, 8_100])], [{ ...reading(), has: null }]), ["UNKNOWN", null]);
  assert.deepEqual(await of([], [reading()], { Aave: "PAUSED: http://node.internal" }), ["UNKNOWN", null]);
});

test("the board tells of the look and the books of one block, and keeps them while later looks read none", async () => {
  const board = noticeBoard();
  assert.deepEqual([board.chain(), board.of(ACCOUNT), board.reading(null)], [null, null, null]);
  const read = board.reading(async () => seen([borrower(800n, [1_000n, 8_100])]));
  board.looked(look([reading()]));
  await read?.({ number: 8n });
  assert.equal(board.of(ACCOUNT), null, "books of another block than the look's");
  await read?.({ number: 7n });
  const told = board.of(ACCOUNT);
  assert.deepEqual([told?.blockNumber, told?.time, told?.lenders[0]?.state], [7, NOW, "BY_RAMP"]);
  board.looked({ ...look([]), chain: { ...look([]).chain, blockNumber: 9n } });
  assert.deepEqual([board.of(ACCOUNT), board.chain()?.blockNumber], [told, 9n]);
});
