import assert from "node:assert/strict";
import { test } from "node:test";
import { WINDOWS_TOUCHED } from "../../keeper/domain/calendar.ts";
import {
  AGGREGATE_BUDGET,
  classOfMarket,
  limitsOfMarket,
  PROFILES,
  RISK_CLASSES,
  USD,
} from "../../keeper/markets/limits.ts";
import { allMarkets, listingOf, type MarketName, marketByName } from "../../keeper/markets/registry.ts";
import { limitsProblem, profileProblem } from "../../keeper/policy/limitsCheck.ts";
import { deploymentSchema, limitsSchema } from "../../keeper/protocols/deployment.ts";

const names = allMarkets().map(({ name }) => name as MarketName);

test("USD is address(840).", () => {
  assert.equal(BigInt(USD), 840n);
});

for (const { id, name, limits } of Object.values(RISK_CLASSES)) {
  test(`Class ${name}: its limits have the form of the record, and the contract takes them.`, () => {
    limitsSchema.parse(limits);
    assert.equal(limitsProblem(limits, PROFILES[id % 4] ?? PROFILES[0]), null);
  });

  test(`Class ${name}: the quorum's limits are wider than the hot key's.`, () => {
    assert.ok(limits.quorumLooseningStepBps > limits.maxLooseningStepBps);
    assert.ok(limits.quorumLooseningBudgetBpsPerDay > limits.looseningBudgetBpsPerDay);
  });
}

for (const [index, profile] of PROFILES.entries()) {
  test(`Profile ${index}: the contract takes it, and it comes down slower than it goes up.`, () => {
    deploymentSchema.shape.profiles.parse([profile]);
    assert.equal(profileProblem(profile), null);
    assert.ok(profile.loosenSpeedBpsPerDay < profile.tightenSpeedBpsPerDay);
  });
}

test("Classes have numbers of their own, and a group has one class and at most five markets.", () => {
  const ids = Object.values(RISK_CLASSES).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const groups = Map.groupBy(names, (name) => listingOf(name).group);
  for (const [group, members] of groups) {
    assert.ok(members.length <= 5, `group ${group}`);
    assert.equal(new Set(members.map((name) => listingOf(name).riskClass)).size, 1, `group ${group}`);
  }
});

for (const name of names) {
  const { initialBps, maintenanceBps } = listingOf(name);
  const limits = limitsOfMarket(name);

  test(`${name}: it starts inside its bounds, with the gap.`, () => {
    assert.ok(initialBps >= limits.minInitialBps && initialBps <= limits.maxInitialBps);
    assert.ok(maintenanceBps >= limits.minMaintenanceBps && maintenanceBps <= limits.maxMaintenanceBps);
    assert.ok(initialBps - maintenanceBps >= limits.minGapBps);
  });

  test(`${name}: a day's loosening by the keeper's own policy fits one window, and one step.`, () => {
    const { policy } = marketByName(name);
    assert.ok(policy.maxLooseningBpsPerDay <= limits.looseningBudgetBpsPerDay / 4);
    assert.ok(policy.maxLooseningBpsPerDay <= limits.maxLooseningStepBps);
    assert.ok(policy.heartbeatSeconds < limits.ttlSeconds);
  });

  test(`${name}: at full speed, maintenance cannot use up the 200 bp that borrowers at the limit have in a day.`, () => {
    assert.ok(limits.tightenSpeedBpsPerDay < 200);
  });
}

test("All markets together may loosen a day's worth of the keeper's policy in one window without tripping.", () => {
  const asked = names.reduce((sum, name) => sum + marketByName(name).policy.maxLooseningBpsPerDay, 0);
  assert.ok(asked <= AGGREGATE_BUDGET.hotBps, `${asked} of ${AGGREGATE_BUDGET.hotBps}`);
  assert.ok(AGGREGATE_BUDGET.quorumBps > AGGREGATE_BUDGET.hotBps);
});

test("A market's class is what the contract finds by its number.", () => {
  assert.equal(classOfMarket("WBTC").limits.minInitialBps, 1_200);
  assert.equal(limitsOfMarket("WBTC").tightenSpeedBpsPerDay, PROFILES[0].tightenSpeedBpsPerDay);
});

test("The policy's pace fits the hot key's limits, so that planning for the quorum's door would change next to nothing.", () => {
  const paces = names.map((name) => marketByName(name).policy.maxLooseningBpsPerDay);
  for (const [i, name] of names.entries()) {
    const { looseningBudgetBpsPerDay, maxLooseningStepBps } = limitsOfMarket(name);
    const pace = paces[i] ?? Number.POSITIVE_INFINITY;
    assert.ok(pace <= looseningBudgetBpsPerDay / WINDOWS_TOUCHED, `${name}: one window of its budget`);
    assert.ok(pace <= maxLooseningStepBps, `${name}: one step`);
  }
  // All markets at their full pace in one window: what the aggregate budget, of which the keeper leaves a tenth, holds back.
  const heldBack = paces.reduce((sum, pace) => sum + pace, 0) - Math.floor((AGGREGATE_BUDGET.hotBps * 9) / 10);
  assert.ok(heldBack <= 10, `${heldBack} bp of all markets together wait for the next window`);
});
