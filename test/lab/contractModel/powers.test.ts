import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NEVER_LAPSES } from "../../../keeper/domain/contract.ts";
import {
  admit,
  changeMarket,
  delistMarket,
  setLimits,
  setManually,
} from "../../../scripts/lab/contractModel/govern.ts";
import { haltWriter, holdClass } from "../../../scripts/lab/contractModel/guard.ts";
import { listMarket } from "../../../scripts/lab/contractModel/listMarket.ts";
import { readExposureLimit, readHaircuts } from "../../../scripts/lab/contractModel/read.ts";
import { accountOf, marketOf } from "../../../scripts/lab/contractModel/state.ts";
import { CLASS_LIMITS } from "../../support/classLimits.ts";
import { ACCOUNTS, NO_CONTRACT, PROBES } from "./calls.ts";
import { COLLATERAL, debtOf, GENESIS, HIGHEST_LIMIT, LIMIT, LOWEST_LIMIT, START } from "./genesis.ts";
import { as, calm, DAY, done, entryOf, HOUR, marketIn, mode, publish, refusal } from "./world.ts";

const NOW = START + HOUR;
const state = calm();
const governance = as("governance", NOW);
const setting = {
  classId: 0,
  lowestLimit: LOWEST_LIMIT,
  highestLimit: HIGHEST_LIMIT,
  probe: `0x${"0".repeat(40)}`,
} as const;
const listing = GENESIS.markets[0] as (typeof GENESIS.markets)[number];

describe("reads", () => {
  it("initial rises in a straight line once stale, the limit grows no more, and maintenance stops", () => {
    const falling = done(publish(state, START + 60, [entryOf(state, 1, START + 60, { maintenanceTargetBps: 1_720 })]));
    const at = (hours: number) => readHaircuts(falling, 1, START + 60 + hours * HOUR);
    assert.equal(at(6).initialBps, 2_300);
    assert.equal(at(18).initialBps, 2_300 + (10_000 - 2_300) / 2);
    assert.equal(at(30).initialBps, 10_000);
    assert.equal(at(6).maintenanceBps, at(500).maintenanceBps);
    assert.ok(at(6).maintenanceBps < 1_800);
    assert.deepEqual(readExposureLimit(falling, 1, START + 60 + 6 * HOUR), { tokens: 55_168n, mayGrow: true });
    assert.deepEqual(readExposureLimit(falling, 1, START + 120 + 6 * HOUR), { tokens: 55_168n, mayGrow: false });
    assert.deepEqual(readExposureLimit(falling, 9, NOW), { tokens: 0n, mayGrow: false });
    assert.deepEqual(readHaircuts(falling, 9, NOW).known, false);
  });
});

describe("a guardian", () => {
  it("closes for 72 of 96 hours, makes its own closing stricter but not longer, and opens nothing", () => {
    const closed = done(mode(state, NOW, "guardian", "NO_NEW_RISK"));
    assert.equal(marketIn(closed, 1).modeUntil, NOW + 72 * HOUR);
    assert.deepEqual(readHaircuts(closed, 1, NOW).initialBps, 10_000);
    assert.deepEqual(refusal(mode(closed, NOW, "guardian", "NORMAL")), ["ModeNotSafer", 1, 0, 1]);
    const frozen = done(mode(closed, NOW + HOUR, "guardian", "FROZEN"));
    assert.equal(marketIn(frozen, 1).modeUntil, NOW + 72 * HOUR);
    const cool = ["GuardianCoolingDown", NOW + 96 * HOUR];
    assert.deepEqual(refusal(mode(frozen, NOW + 95 * HOUR, "guardian", "FROZEN")), cool);
    assert.ok("state" in mode(frozen, NOW + 96 * HOUR, "guardian", "FROZEN"));
  });

  it("leaves alone what governance closed, and makes longer what a challenge closed", () => {
    const byGovernance = done(mode(state, NOW, "governance", "NO_NEW_RISK"));
    assert.equal(marketIn(byGovernance, 1).modeUntil, NEVER_LAPSES);
    assert.deepEqual(refusal(mode(byGovernance, NOW, "guardian", "FROZEN")), ["HeldByGovernance", 1, 1]);
    const challenged = done(mode(state, NOW, "challenger", "NO_NEW_RISK"));
    assert.deepEqual([marketIn(challenged, 1).modeUntil, marketIn(challenged, 1).challenged], [NOW + 6 * HOUR, true]);
    assert.equal(marketIn(done(mode(challenged, NOW, "guardian", "FROZEN")), 1).modeUntil, NOW + 72 * HOUR);
    assert.deepEqual(refusal(mode(challenged, NOW, "challenger", "NO_NEW_RISK")), ["ModeNotSafer", 1, 1, 1]);
  });

  it("halts hot keys and holds classes, each for 72 of 96 hours, and never the quorum", () => {
    const guardian = as("guardian", NOW);
    assert.deepEqual(refusal(haltWriter(state, ACCOUNTS.quorum, guardian)), ["NotAHotKey", ACCOUNTS.quorum]);
    const halted = done(haltWriter(state, ACCOUNTS.keeper, guardian));
    assert.equal(accountOf(halted, ACCOUNTS.keeper).haltedUntil, NOW + 72 * HOUR);
    const cool = ["GuardianCoolingDown", NOW + 96 * HOUR];
    assert.deepEqual(refusal(haltWriter(halted, ACCOUNTS.keeper, as("guardian", NOW + 73 * HOUR))), cool);
    const held = done(holdClass(state, 0, guardian));
    assert.deepEqual(refusal(holdClass(held, 0, as("guardian", NOW + DAY))), cool);
    assert.deepEqual(refusal(holdClass(state, 7, guardian)), ["UnknownClass", 7]);
    assert.deepEqual(refusal(holdClass(state, 0, as("keeper", NOW))), ["NotAllowed", ACCOUNTS.keeper]);
    const limits = { ...CLASS_LIMITS, hotStepBps: 79 };
    const changed = done(setLimits(held, 0, limits, governance));
    assert.deepEqual(changed.classes.get(0), { limits, heldUntil: NOW + 72 * HOUR }, "new limits end no hold");
  });
});

describe("governance", () => {
  it("alone governs", () => {
    const stranger = as("keeper", NOW);
    const no = ["OwnableUnauthorizedAccount", ACCOUNTS.keeper];
    const admitted = { account: ACCOUNTS.keeper, power: "QUORUM", aggregateBps: 1, tripBps: 1 } as const;
    assert.deepEqual(refusal(admit(state, admitted, stranger)), no);
    assert.deepEqual(refusal(setLimits(state, 0, CLASS_LIMITS, stranger)), no);
    assert.deepEqual(refusal(delistMarket(state, 1, stranger)), no);
    assert.deepEqual(refusal(changeMarket(state, 1, setting, stranger)), no);
    assert.deepEqual(refusal(setManually(state, [], stranger)), no);
  });

  it("admits anew with nothing spent, and the number stays", () => {
    const poor = { account: ACCOUNTS.keeper, power: "HOT", aggregateBps: 1, tripBps: 2 } as const;
    const { sequence, spentBps, aggregateBps } = accountOf(done(admit(state, poor, governance)), ACCOUNTS.keeper);
    assert.deepEqual([sequence, spentBps, aggregateBps], [1, 0, 1]);
  });

  it("sets no limits that contradict each other, or that present values break", () => {
    const set = (change: Partial<typeof CLASS_LIMITS>) =>
      refusal(setLimits(state, 0, { ...CLASS_LIMITS, ...change }, governance));
    assert.deepEqual(set({ tightenSpeedBpsPer30Days: 201 }), ["BadLimits", "tightenSpeedBpsPer30Days", 201, 200]);
    assert.deepEqual(set({ minGapBps: 521 }), ["BadLimits", "minGapBps", 521, 500]);
    const wide = done(setLimits(state, 0, { ...CLASS_LIMITS, minMaintenanceBps: 1_900 }, governance));
    const bonus = { ...CLASS_LIMITS, minMaintenanceBps: 1_900, liquidationBonusBps: 2_200 };
    assert.deepEqual(refusal(setLimits(wide, 0, bonus, governance)), [
      "BadLimits",
      "liquidationBonusBps",
      2_200,
      2_195,
    ]);
    assert.deepEqual(refusal(setLimits(state, 64, CLASS_LIMITS, governance)), ["UnknownClass", 64]);
  });

  it("moves a market to another class as its next generation, and no stale one to one in which it reads less", () => {
    const moved = marketIn(done(changeMarket(state, 3, { ...setting, classId: 1 }, governance)), 3);
    assert.deepEqual([moved.generation, moved.ttlHours, moved.initialBps], [17, 63, marketIn(state, 3).initialBps]);
    const late = as("governance", NOW + DAY);
    const slower = ["BadLimits", "decayHours", 63, 24];
    assert.deepEqual(refusal(changeMarket(state, 3, { ...setting, classId: 1 }, late)), slower);
    const limits = (change: Partial<typeof CLASS_LIMITS>) => setLimits(state, 0, { ...CLASS_LIMITS, ...change }, late);
    assert.deepEqual(refusal(limits({ decayHours: 25 })), ["BadLimits", "decayHours", 25, 24]);
    const lower = { maxInitialBps: 9_000, staleInitialCapBps: 9_999 };
    assert.deepEqual(refusal(limits(lower)), ["BadLimits", "staleInitialCapBps", 9_999, 10_000]);
    done(limits({ decayHours: 1, ttlHours: 63 }));
    const longer = done(setLimits(state, 1, { ...CLASS_LIMITS, ttlHours: 7 }, governance));
    assert.deepEqual(refusal(changeMarket(longer, 3, { ...setting, classId: 1 }, late)), [
      "BadLimits",
      "ttlHours",
      7,
      6,
    ]);
    const probe = { ...setting, probe: NO_CONTRACT };
    const nowhere = { ...governance, hasCode: () => false };
    assert.deepEqual(refusal(changeMarket(state, 1, probe, nowhere)), ["NotAContract", NO_CONTRACT]);
    assert.equal(
      marketIn(done(changeMarket(state, 1, { ...setting, probe: PROBES.even }, governance)), 1).probed,
      true,
    );
    assert.deepEqual(refusal(changeMarket(state, 1, { ...setting, lowestLimit: 0 }, governance)), [
      "BadLimits",
      "lowestLimit",
      0,
      1,
    ]);
  });

  it("writes by hand past step and budget, market by market, and holds until the end of the hour", () => {
    const loose = {
      marketId: 1,
      initialBps: 2_000,
      maintenanceTargetBps: 1_000,
      limit: LIMIT + 200,
      until: NOW + 90 * 60,
    };
    const wrong = { ...loose, marketId: 2, initialBps: 900 };
    const held = marketIn(done(setManually(state, [wrong, loose], governance)), 1);
    assert.deepEqual(
      [held.initialBps, held.limit, held.heldUntil, held.spentBps],
      [2_000, LIMIT + 200, NOW + 2 * HOUR, 0],
    );
    assert.deepEqual(refusal(setManually(state, [wrong], governance)), ["NoMarketApplied", 2, 5]);
    const far = { ...loose, until: NOW + 30 * DAY + 1 };
    assert.deepEqual(refusal(setManually(state, [far], governance)), ["BadUntil", 1, far.until, NOW, NOW + 30 * DAY]);
  });

  it("ends a market for ever; its pair goes on under a new id where maintenance stood", () => {
    const falling = done(publish(state, NOW, [entryOf(state, 1, NOW, { maintenanceTargetBps: 1_720 })]));
    const later = as("governance", NOW + 5 * HOUR);
    const gone = done(delistMarket(falling, 1, later));
    const stood = readHaircuts(gone, 1, NOW + 400 * DAY);
    assert.deepEqual([stood.known, stood.initialBps, stood.mode], [true, 10_000, "NO_NEW_RISK"]);
    assert.deepEqual(refusal(mode(gone, NOW + DAY, "governance", "NORMAL")), ["UnknownMarket", 1]);
    const no = ["OwnableUnauthorizedAccount", ACCOUNTS.lister];
    assert.deepEqual(refusal(listMarket(gone, listing, as("lister", NOW + DAY))), no, "what governance has ended");
    const owner = as("governance", NOW + DAY);
    assert.deepEqual(refusal(listMarket(gone, { ...listing, classId: 1 }, owner)), ["BadLimits", "classId", 1, 0]);
    const again = done(listMarket(gone, { ...listing, maintenanceBps: 1_500 }, owner));
    assert.equal(marketOf(again, COLLATERAL, debtOf(0)), 7);
    assert.equal(readHaircuts(again, 7, NOW + DAY).maintenanceBps, stood.maintenanceBps);
    const lister = as("lister", NOW + DAY);
    assert.deepEqual(refusal(listMarket(again, listing, lister)), ["MarketExists", COLLATERAL, debtOf(0), 7]);
  });
});
