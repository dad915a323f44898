import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timeOf } from "../../../keeper/domain/calendar.ts";
import type { Entry } from "../../../keeper/domain/contract.ts";
import { numbersOf } from "../../../keeper/protocols/words.ts";
import { admit, setManually } from "../../../scripts/lab/contractModel/govern.ts";
import { haltWriter, holdClass } from "../../../scripts/lab/contractModel/guard.ts";
import { preview } from "../../../scripts/lab/contractModel/publishBatch.ts";
import { accountOf, type ContractState } from "../../../scripts/lab/contractModel/state.ts";
import { CLASS_LIMITS } from "../../support/classLimits.ts";
import { ACCOUNTS } from "./calls.ts";
import { LIMIT, START } from "./genesis.ts";
import { as, calm, DAY, done, entryOf, HOUR, MINUTE, marketIn, publish, refusal, said } from "./world.ts";

const NOW = START + HOUR;
const state = calm();
const one = (change: Partial<Entry>, now = NOW) => entryOf(state, 1, now, change);

/** What the preview of the hot key says of market 1 with something changed. */
function says(change: Partial<Entry>, from: ContractState = state, now = NOW) {
  const { reason, given, allowed, numbers } = preview(
    from,
    ACCOUNTS.keeper,
    entryOf(from, 1, now, change),
    as("keeper", now),
  );
  return [reason, given, allowed, numbers === 0 ? null : numbersOf(numbers)];
}

const loosest = (change: object) => ({ initialBps: 2_250, maintenanceTargetBps: 1_720, limit: LIMIT + 30, ...change });

describe("an entry", () => {
  it("that tightens passes whatever its step", () => {
    const numbers = { initialBps: 9_000, maintenanceTargetBps: 8_000, limit: LIMIT - 500 };
    assert.deepEqual(says(numbers), ["NONE", 0, 0, numbers]);
  });

  it("is for a market of its id and its class, of young data", () => {
    const to = (entry: Partial<Entry>) => says(entry).slice(0, 3);
    assert.deepEqual(to({ marketId: 9 }), ["UNKNOWN_MARKET", 9, 0]);
    assert.deepEqual(to({ generation: 17 }), ["WRONG_GENERATION", 17, 16]);
    const minute = (NOW - timeOf(0)) / 60;
    assert.deepEqual(to({ asOf: NOW + MINUTE }), ["ASOF_IN_FUTURE", minute + 1, minute]);
    assert.deepEqual(to({ asOf: NOW - 61 * MINUTE }), ["ASOF_TOO_OLD", minute - 61, minute - 60]);
    assert.equal(says({ asOf: NOW - 60 * MINUTE })[0], "NONE");
  });

  it("keeps the bounds of each number and the gap to target and to maintenance", () => {
    const reasonOf = (change: Partial<Entry>) => says(change)[0];
    assert.equal(reasonOf({ initialBps: 999 }), "TOO_LOOSE");
    assert.equal(reasonOf({ maintenanceTargetBps: 699 }), "TOO_LOOSE");
    assert.equal(reasonOf({ limit: 8_193 }), "TOO_LOOSE");
    assert.equal(reasonOf({ initialBps: 9_001 }), "TOO_TIGHT");
    assert.equal(reasonOf({ limit: 6_153 }), "TOO_TIGHT");
    assert.equal(reasonOf({ limit: 6_154 }), "NONE");
    assert.deepEqual(says({ maintenanceTargetBps: 2_101 }).slice(0, 3), ["GAP_TOO_SMALL", 2_300, 2_301]);
    assert.deepEqual(says({ initialBps: 1_999, maintenanceTargetBps: 1_700 }).slice(0, 3), [
      "GAP_TOO_SMALL",
      1_999,
      2_000,
    ]);
  });

  it("loosens at most to what step and budget reach, each number by its own", () => {
    for (const numbers of [{ initialBps: 2_249 }, { maintenanceTargetBps: 1_719 }, { limit: LIMIT + 31 }]) {
      const [reason, , allowed] = says(numbers);
      assert.equal(reason, "STEP_TOO_LARGE");
      assert.deepEqual(numbersOf(Number(allowed)), loosest({}));
    }
    assert.equal(says(loosest({}))[0], "NONE");
    const spent = done(publish(state, NOW, [one({ initialBps: 2_260, limit: LIMIT + 30 })]));
    const [, , left] = says({ initialBps: 2_000 }, spent, NOW + MINUTE);
    assert.deepEqual(numbersOf(Number(left)), loosest({ limit: LIMIT + 50 }));
    const [, , anew] = says({ initialBps: 2_000 }, spent, NOW + 8 * HOUR);
    assert.equal(numbersOf(Number(anew)).initialBps, 2_210, "a new window has a new budget");
  });

  it("that loosens waits for newer data, for governance and for guardians, and one that tightens for nobody", () => {
    const [loose, tight] = [{ initialBps: 2_299 }, { initialBps: 2_301 }];
    const manual = { marketId: 1, initialBps: 2_300, maintenanceTargetBps: 1_800, limit: LIMIT, until: NOW };
    const held = done(setManually(state, [manual], as("governance", NOW)));
    const stopped = done(holdClass(state, 0, as("guardian", NOW)));
    const newer = done(publish(state, NOW, [one({ initialBps: 2_301 })], { by: "second" }));
    assert.equal(says({ ...loose, asOf: START })[0], "ASOF_NOT_INCREASING");
    assert.equal(says(loose, held, NOW + 59 * MINUTE)[0], "HELD");
    assert.equal(says(loose, held, NOW + HOUR)[0], "NONE", "held to the end of the hour");
    assert.equal(says(loose, stopped)[0], "TIGHTEN_ONLY");
    for (const from of [state, held, stopped, newer]) assert.equal(says({ ...tight, asOf: START }, from)[0], "NONE");
  });

  it("with orTighter is applied as far as it tightens, with the reason why not whole", () => {
    const entry = one({
      initialBps: 2_000,
      maintenanceTargetBps: 1_750,
      limit: LIMIT - 9,
      orTighter: true,
      confidence: 3,
    });
    const numbers = { initialBps: 2_300, maintenanceTargetBps: 1_800, limit: LIMIT - 9 };
    assert.deepEqual(says(entry)[3], numbers);
    const outcome = publish(state, NOW, [entry]);
    assert.deepEqual(
      said(outcome).map(({ name }) => name),
      ["LooseningSkipped", "BatchApplied"],
    );
    const { initialBps, maintenanceTargetBps, limit, confidence, spentBps, raised } = marketIn(done(outcome), 1);
    assert.deepEqual([{ initialBps, maintenanceTargetBps, limit }, confidence, spentBps, raised], [numbers, 3, 0, 0]);
  });
});

describe("a batch", () => {
  it("applies what it can, skips the rest with a reason, and touches nothing else", () => {
    const outcome = publish(state, NOW, [one({ initialBps: 0 }), entryOf(state, 2, NOW, { initialBps: 2_450 })]);
    const [skip, applied] = said(outcome);
    assert.ok(skip?.name === "MarketSkipped" && skip.reason === "TOO_LOOSE" && skip.marketId === 1);
    assert.ok(applied?.name === "BatchApplied" && applied.entries.length === 2);
    const next = done(outcome);
    assert.equal(marketIn(next, 2).initialBps, 2_450);
    for (const id of [1, 3, 4, 5, 6]) assert.deepEqual(marketIn(next, id), marketIn(state, id));
  });

  it("is of a writer, in its place, in time, and not of one that a guardian has halted", () => {
    const entries = [one({})];
    assert.deepEqual(refusal(publish(state, NOW, entries, { by: "guardian" })), ["NotAllowed", ACCOUNTS.guardian]);
    assert.deepEqual(refusal(publish(state, NOW, entries, { sequence: 3 })), ["WrongSequence", 3, 2]);
    assert.deepEqual(refusal(publish(state, NOW, entries, { deadline: NOW - 1 })), ["DeadlinePassed", NOW - 1, NOW]);
    assert.deepEqual(refusal(publish(state, NOW, [])), ["BadEntries", 0]);
    const halted = done(haltWriter(state, ACCOUNTS.keeper, as("guardian", NOW)));
    assert.deepEqual(refusal(publish(halted, NOW + DAY, [one({})])), [
      "WriterIsHalted",
      ACCOUNTS.keeper,
      NOW + 72 * HOUR,
    ]);
    assert.ok("state" in publish(halted, NOW, entries, { by: "second" }), "another writer sends all the same");
  });

  it("that does nothing is refused with the reason of the first, and its number is not used", () => {
    const entries = [one({ generation: 3 }), one({ initialBps: 0 })];
    assert.deepEqual(refusal(publish(state, NOW, entries)), ["NoMarketApplied", 1, 2]);
  });

  it("loosens no more than the writer's own aggregate budget, and past the trip asked for the writer only tightens", () => {
    const free = done(
      admit(state, { account: ACCOUNTS.second, power: "HOT", aggregateBps: 60, tripBps: 100 }, as("governance", NOW)),
    );
    const by = { by: "second" } as const;
    const looser = (id: number, bps: number) => {
      const { initialBps } = marketIn(free, id);
      return entryOf(free, id, NOW, { initialBps: initialBps - bps });
    };
    const first = done(publish(free, NOW, [looser(1, 40), looser(2, 30), looser(3, 20)], by));
    assert.deepEqual(
      [1, 2, 3].map((id) => marketIn(first, id).initialBps),
      [2_260, 2_400, 2_480],
    );
    const { spentBps, refusedBps, tightenOnly } = accountOf(first, ACCOUNTS.second);
    assert.deepEqual([spentBps, refusedBps, tightenOnly], [60, 30, false]);
    const again = publish(
      first,
      NOW + MINUTE,
      [looser(4, 11)].map((entry) => ({ ...entry, asOf: NOW + MINUTE })),
      by,
    );
    const trip = said(again).find(({ name }) => name === "WriterTripped");
    assert.deepEqual(trip, {
      name: "WriterTripped",
      account: ACCOUNTS.second,
      sequence: 2,
      askedBps: 101,
      allowedBps: 100,
    });
    const after = done(again);
    const later = NOW + DAY;
    const loose = entryOf(after, 1, later, { initialBps: 2_259 });
    assert.deepEqual(refusal(publish(after, later, [loose], by)), ["NoMarketApplied", 1, 10]);
    assert.ok("state" in publish(after, later, [loose]), "another writer loosens all the same");
  });

  it("asks the market's probe about initial only", () => {
    const probed = { ...state, markets: state.markets.map((market) => ({ ...market, probed: true })) };
    const refused = { mayLoosen: false };
    assert.deepEqual(refusal(publish(probed, NOW, [one({ initialBps: 2_299 })], refused)), ["NoMarketApplied", 1, 13]);
    assert.ok("state" in publish(probed, NOW, [one({ limit: LIMIT + 1, maintenanceTargetBps: 1_799 })], refused));
    assert.ok("state" in publish(probed, NOW, [one({ initialBps: 2_299 })]));
  });

  it("counts the time since the numbers changed through restatements", () => {
    const first = done(publish(state, NOW, [one({})]));
    assert.equal(marketIn(first, 1).unchangedMinutes, 120 - 60);
    const second = done(publish(first, NOW + HOUR, [entryOf(first, 1, NOW + HOUR, { limit: LIMIT - 1 })]));
    assert.equal(marketIn(second, 1).unchangedMinutes, 0);
    assert.equal(CLASS_LIMITS.maxAgeMinutes, 60);
  });
});
