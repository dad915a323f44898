import assert from "node:assert/strict";
import { test } from "node:test";
import { limitOf, tokensOf } from "../../keeper/domain/contract.ts";
import type { PolicyParameters } from "../../keeper/domain/parameters.ts";
import { listingProblems, type MarketListing, RISK_CLASSES, USD, WRITER_BUDGETS } from "../../keeper/markets/limits.ts";
import { marketNamed } from "../../keeper/markets/marketFiles.ts";
import { limitsProblem } from "../../keeper/policy/limitsCheck.ts";
import { limitsSchema } from "../../keeper/protocols/deployment.ts";
import { SHIPPED } from "../support/shipped.ts";

/** The contract's windows of eight hours. */
const WINDOWS_A_DAY = 3;
/** The most that the policy loosens after one cool-down, bps. */
const rested = ({ maxLooseningBpsPerDay, looseningCooldownSeconds }: PolicyParameters) =>
  (maxLooseningBpsPerDay * looseningCooldownSeconds) / 86_400;
const markets = SHIPPED.map(({ parameters, listing }) => {
  return { ...parameters, listing, limits: RISK_CLASSES[listing.riskClass].limits };
});

test("USD is address(840).", () => {
  assert.equal(BigInt(USD), 840n);
});

for (const { name, limits } of Object.values(RISK_CLASSES)) {
  test(`Class ${name}: its limits have the form of the record, and the contract takes them.`, () => {
    limitsSchema.parse(limits);
    assert.equal(limitsProblem(limits), null);
  });

  test(`Class ${name}: the quorum's limits are wider than the hot key's.`, () => {
    assert.ok(limits.quorumStepBps > limits.hotStepBps);
    assert.ok(limits.quorumBudgetBps > limits.hotBudgetBps);
    assert.ok(limits.quorumRaiseStep > limits.hotRaiseStep);
    assert.ok(limits.quorumRaiseBudget > limits.hotRaiseBudget);
  });

  test(`Class ${name}: who opens a position at the limit has thirty days' notice.`, () => {
    assert.ok(limits.tightenSpeedBpsPer30Days > 0 && limits.tightenSpeedBpsPer30Days <= limits.minGapBps);
    const faster = { ...limits, tightenSpeedBpsPer30Days: limits.minGapBps + 1 };
    assert.deepEqual(limitsProblem(faster), {
      ...{ what: "tightenSpeedBpsPer30Days", given: limits.minGapBps + 1, allowed: limits.minGapBps },
    });
  });
}

test("Classes have numbers of their own.", () => {
  const ids = Object.values(RISK_CLASSES).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});

for (const { name, model, policy, listing, limits } of markets) {
  const { initialBps, maintenanceBps, limitTokens, lowestLimitTokens, highestLimitTokens } = listing;

  test(`${name}: it starts inside its bounds, with the gap.`, () => {
    assert.ok(initialBps >= limits.minInitialBps && initialBps <= limits.maxInitialBps);
    assert.ok(maintenanceBps >= limits.minMaintenanceBps && maintenanceBps <= limits.maxMaintenanceBps);
    assert.ok(initialBps - maintenanceBps >= limits.minGapBps);
  });

  test(`${name}: its exposure limit starts inside its bounds, and all three are written to a tenth of a percent.`, () => {
    assert.ok(lowestLimitTokens < limitTokens && limitTokens <= highestLimitTokens);
    for (const tokens of [lowestLimitTokens, limitTokens, highestLimitTokens]) {
      const written = Number(tokensOf(limitOf(tokens)));
      assert.ok(written <= tokens && written > tokens * 0.999, `${tokens}: ${written}`);
    }
  });

  test(`${name}: governance's cap is where the limit starts, and the highest.`, () => {
    assert.equal(highestLimitTokens, limitTokens);
    assert.equal(model.supplyCapUsd, limitTokens * (name === "WETH" ? 2_500 : 75_000));
  });

  test(`${name}: a loosening by the keeper's own policy fits one window and one step, and a day's the day's windows.`, () => {
    assert.ok(rested(policy) <= limits.hotBudgetBps);
    assert.ok(policy.maxLooseningBpsPerDay <= WINDOWS_A_DAY * limits.hotBudgetBps);
    assert.ok(policy.maxLooseningBpsPerDay <= limits.hotStepBps);
    assert.ok(policy.heartbeatSeconds < limits.ttlHours * 3_600);
  });
}

test("All markets together may loosen once by the keeper's policy in one window without tripping.", () => {
  const asked = markets.reduce((sum, { policy }) => sum + rested(policy), 0);
  assert.ok(asked <= WRITER_BUDGETS.hot.aggregateBps, `${asked} of ${WRITER_BUDGETS.hot.aggregateBps}`);
  assert.ok(WRITER_BUDGETS.quorum.aggregateBps > WRITER_BUDGETS.hot.aggregateBps);
  for (const { aggregateBps, tripBps } of Object.values(WRITER_BUDGETS)) assert.ok(tripBps >= 2 * aggregateBps);
});

test("The policy's pace fits the hot key's limits, so that planning for the quorum's would change next to nothing.", () => {
  const paces = markets.map(({ policy }) => policy.maxLooseningBpsPerDay);
  for (const { name, policy, limits } of markets) {
    const { hotBudgetBps, hotStepBps } = limits;
    const pace = policy.maxLooseningBpsPerDay;
    assert.ok(pace <= WINDOWS_A_DAY * hotBudgetBps, `${name}: a day of its budget`);
    assert.ok(pace <= hotStepBps, `${name}: one step`);
  }
  // All markets at their full pace for a day: what the aggregate budget, of which the keeper leaves a tenth, holds back.
  const aDay = WINDOWS_A_DAY * Math.floor((WRITER_BUDGETS.hot.aggregateBps * 9) / 10);
  const heldBack = paces.reduce((sum, pace) => sum + pace, 0) - aDay;
  assert.ok(heldBack <= 30, `${heldBack} bp a day of all markets together wait for the next window`);
});

test("A listing that the contract would refuse is named with field, value and what is expected.", () => {
  const { listing: good } = marketNamed(SHIPPED, "WETH");
  const { limits } = RISK_CLASSES.major;
  const said = (listing: MarketListing) =>
    listingProblems(listing, limits).map(({ path, given, expected }) => `${path} is ${given}, expected ${expected}`);
  assert.deepEqual(said(good), []);
  for (const [change, problem] of [
    [
      { limitTokens: 1_000 },
      "listing.limitTokens is 1000, expected tokens from the lowest, 1200, to the highest, 12000",
    ],
    [{ lowestLimitTokens: 0 }, "listing.lowestLimitTokens is 0, expected whole tokens, 1 or more"],
    [
      { limitTokens: 1_200.5 },
      "listing.limitTokens is 1200.5, expected tokens from the lowest, 1200, to the highest, 12000",
    ],
    [
      { initialBps: 2_199 },
      "listing.initialBps is 2199, expected whole bp in [2200,5000]: its class's bounds, and a gap of 300",
    ],
    [
      { maintenanceBps: 699 },
      "listing.maintenanceBps is 699, expected whole bp in [700,4500], the bounds of its class",
    ],
  ] as const) {
    assert.deepEqual(said({ ...good, ...change }), [problem]);
  }
  const crossed = said({ ...good, highestLimitTokens: 1_199 });
  assert.equal(crossed[0], "listing.highestLimitTokens is 1199, expected whole tokens, the lowest, 1200, or more");
  assert.equal(crossed.length, 2, "nor is the limit between them");
});
