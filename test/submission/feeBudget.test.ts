import assert from "node:assert/strict";
import { test } from "node:test";
import type { IntentKind } from "../../keeper/domain/intent.ts";
import type { Journal } from "../../keeper/domain/journal.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import type { Broadcaster } from "../../keeper/submission/broadcaster.ts";
import { assertBudget, lowFunds } from "../../keeper/submission/fees.ts";
import { IDENTITY, NOW, samplePlan } from "../journal/sample.ts";

const FEES = { maxFeePerGas: 100n, maxPriorityFeePerGas: 1n };

/** A journal with 60 paid half an hour ago and 30 paid two hours ago. */
function world() {
  const journal = openJournal(":memory:", IDENTITY);
  const tick = journal.recordTick({ now: NOW, blockNumber: null, markets: [] });
  const plan = samplePlan(tick);
  for (const [n, feeWei, age] of [
    [1, 60n, 1_800],
    [2, 30n, 7_200],
  ] as const) {
    const { id } = journal.planIntent(samplePlan(tick, n, { nonce: n }));
    journal.resolveIntent(id, { status: "CONFIRMED", at: NOW - age, feeWei });
  }
  const budget = { perHour: 100n, perDay: 1_000n };
  const fits = (
    most: bigint,
    more: { tightens?: boolean; nonce?: number; kind?: IntentKind } = {},
    now = NOW,
    at: { perHour: bigint; perDay: bigint } | undefined = budget,
    lendersPerDay: bigint | undefined = 50n,
  ) => {
    const expense = { from: plan.from, nonce: 3, most, tightens: true, ...more };
    try {
      const limits = { ...FEES, ...(at && { budget: at }), ...(lendersPerDay && { lendersPerDay }) };
      assertBudget(expense, limits, journal, now);
      return true;
    } catch (error) {
      assert.equal((error as { code?: string }).code, "SPEND_BUDGET");
      return false;
    }
  };
  return { journal, tick, fits };
}

test("an expense fits the hour to the last wei, and what was paid before the hour does not count", () => {
  const { fits } = world();
  assert.deepEqual([fits(40n), fits(41n)], [true, false]);
  assert.equal(fits(100n, {}, NOW + 3_600), true);
});

test("an expense fits the day to the last wei", () => {
  const { fits } = world();
  const limits = { perHour: 1_000n, perDay: 100n };
  assert.deepEqual([fits(10n, {}, NOW, limits), fits(11n, {}, NOW, limits)], [true, false]);
});

test("what does not tighten has half of it, so that a tightening finds room", () => {
  const { fits } = world();
  assert.equal(fits(1n, { tightens: false }), false);
  assert.equal(fits(40n, { tightens: true }), true);
});

test("what is open at another nonce counts at its most, its rivals once, and what is open at this nonce not at all", () => {
  const { journal, tick, fits } = world();
  const offer = (n: number, maxFeePerGas: bigint, replaces: number | null) =>
    journal.planIntent(samplePlan(tick, n, { nonce: 3, gasLimit: 1n, maxFeePerGas, replaces })).id;
  const first = offer(3, 20n, null);
  offer(4, 25n, first);
  assert.equal(fits(40n, { nonce: 3 }), true);
  assert.deepEqual([fits(15n, { nonce: 2 }), fits(16n, { nonce: 2 })], [true, false]);
});

test("what is for lenders has its own budget of the day: neither takes anything of the other's, paid or open", () => {
  const { journal, tick, fits } = world();
  const paid = journal.planIntent(samplePlan(tick, 5, { nonce: 5, kind: "SYNC" }));
  journal.resolveIntent(paid.id, { status: "REVERTED", at: NOW - 7_200, feeWei: 20n });
  const lenders = (most: bigint, more: { tightens?: boolean } = {}, now = NOW) =>
    fits(most, { kind: "SYNC", ...more }, now);
  assert.deepEqual([lenders(30n), lenders(31n)], [true, false], "50 a day, of which 20 are paid");
  assert.deepEqual([fits(40n), fits(41n)], [true, false], "as before");
  assert.deepEqual([lenders(5n, { tightens: false }), lenders(6n, { tightens: false })], [true, false], "half of it");
  assert.equal(lenders(50n, {}, NOW + 80_000), true, "a day later");

  journal.planIntent(samplePlan(tick, 6, { nonce: 7, kind: "SYNC", gasLimit: 1n, maxFeePerGas: 7n }));
  assert.deepEqual([lenders(23n), lenders(24n)], [true, false], "what is open counts");
  assert.deepEqual([fits(40n), fits(41n)], [true, false], "among its own");
  journal.planIntent(samplePlan(tick, 7, { nonce: 6, gasLimit: 1n, maxFeePerGas: 9n }));
  assert.deepEqual([lenders(23n), lenders(24n), fits(31n), fits(32n)], [true, false, true, false]);
});

test("what is beyond a budget names the window, the sum, and the setting that would allow it", () => {
  const { journal } = world();
  const of = (kind: IntentKind, tightens: boolean) => () =>
    assertBudget(
      { from: samplePlan(1).from, nonce: 3, most: 41n, kind, tightens },
      { ...FEES, budget: { perHour: 100n, perDay: 1_000n }, lendersPerDay: 40n },
      journal,
      NOW,
    );
  assert.throws(
    of("BATCH", true),
    /fees of this hour would exceed .* given 101; expected <= 100 \(fees.hourlyBudgetEther\)/,
  );
  assert.throws(
    of("CANCEL", false),
    /given 101; expected <= 50 \(fees.hourlyBudgetEther, half of it for what does not/,
  );
  assert.throws(
    of("SYNC", true),
    /this day for lenders would .* given 41; expected <= 40 \(fees.lendersDailyBudgetEther\)/,
  );
});

test("without a budget nothing is asked of it", () => {
  const { fits } = world();
  assert.equal(fits(10n ** 30n, { kind: "SYNC" }, NOW, undefined, 0n), true);
});

/**
 * What is said of a balance, warned of below `warnBelow` batches; the last of them, before a cancellation, had this gas limit, unless
 * there was none.
 */
const said = (
  balance: bigint,
  baseFee: bigint,
  { warnBelow = 1_000, gasLimit = 1_000n as bigint | null, fees = FEES } = {},
) =>
  lowFunds("0xaa", warnBelow, {
    broadcaster: { balance: async () => balance } as unknown as Broadcaster,
    baseFee,
    journal: {
      recentIntents: () =>
        gasLimit === null
          ? []
          : [
              { kind: "CANCEL", gasLimit: 1n },
              { kind: "BATCH", gasLimit },
            ],
    } as unknown as Journal,
    fees,
  });

test("the funds left are whole batches at twice the base fee, at the cap at most", async () => {
  const batches = async (...given: Parameters<typeof said>) =>
    Number(/pays for (\d+) /.exec((await said(...given)) ?? "")?.[1]);
  assert.equal(await batches(21_000n, 10n), 1);
  assert.equal(await batches(20_999n, 10n), 0);
  assert.equal(await batches(300_000n, 80n), 3);
  const gwei = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 9n };
  assert.equal(await batches(10n ** 18n, 10n ** 9n, { gasLimit: 1_000_000n, fees: gwei }), 333);
  assert.equal(await batches(3_150_000n, 10n, { gasLimit: null }), 1, "150 000 gas while nothing was sent");
});

test("a low balance is warned of below the number asked for, and says when nothing can be sent", async () => {
  const warned = (balance: bigint) => said(balance, 10n, { warnBelow: 5 });
  assert.equal(await warned(105_000n), null);
  assert.match((await warned(104_999n)) ?? "", /0xaa pays for 4 more batches.*below one/);
  assert.match((await warned(20_999n)) ?? "", /nothing can be sent/);
});

test("a balance that cannot be read is not warned of: the cycle reports the node", async () => {
  const silent = async () => Promise.reject(new Error("no answer"));
  const broadcaster = { balance: silent } as unknown as Broadcaster;
  const journal = { recentIntents: () => [] } as unknown as Journal;
  assert.equal(await lowFunds("0xaa", 5, { broadcaster, journal, fees: FEES, baseFee: 1n }), null);
});
