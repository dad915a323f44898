import assert from "node:assert/strict";
import { test } from "node:test";
import { NEVER_LAPSES } from "../../../keeper/domain/contract.ts";
import { locate } from "../../../scripts/lab/contractModel/state.ts";
import { START } from "./genesis.ts";
import { calm, done, HOUR, mode, refusal, SOMEBODY, said } from "./world.ts";

/** START is 2026-02-02T02:40:00Z. */
const FULL_HOUR = START - (START % HOUR);

test("governance sets any mode and it does not lapse", () => {
  const outcome = mode(calm(), START, "governance", "FROZEN");
  assert.deepEqual(said(outcome), [
    { name: "ModeChanged", marketId: 1, mode: "FROZEN", by: SOMEBODY, until: NEVER_LAPSES },
  ]);
  const opened = done(mode(done(outcome), START + HOUR, "governance", "NORMAL"));
  assert.equal(locate(opened, 1)?.market.mode, "NORMAL");
});

test("a guardian's closing lapses on the full hour 72 hours on", () => {
  const [event] = said(mode(calm(), START, "guardian", "NO_NEW_RISK"));
  assert.equal(event?.name === "ModeChanged" && event.until, FULL_HOUR + 72 * HOUR);
});

test("a guardian can only make a market safer than it is", () => {
  const closed = done(mode(calm(), START, "guardian", "NO_NEW_RISK"));
  assert.deepEqual(refusal(mode(calm(), START, "guardian", "NORMAL")), ["ModeNotSafer", 1, 0, 0]);
  assert.deepEqual(refusal(mode(closed, START, "guardian", "NO_NEW_RISK")), ["ModeNotSafer", 1, 1, 1]);
  assert.deepEqual(refusal(mode(closed, START, "guardian", "NORMAL")), ["ModeNotSafer", 1, 0, 1]);
});

test("making its own closing stricter does not make it longer", () => {
  const closed = done(mode(calm(), START, "guardian", "NO_NEW_RISK"));
  const [event] = said(mode(closed, START + 50 * HOUR, "guardian", "FROZEN"));
  assert.equal(event?.name === "ModeChanged" && event.until, FULL_HOUR + 72 * HOUR);
});

test("after its lapse a guardian waits 24 hours", () => {
  const closed = done(mode(calm(), START, "guardian", "FROZEN"));
  const cool = FULL_HOUR + 96 * HOUR;
  assert.deepEqual(refusal(mode(closed, cool - 1, "guardian", "FROZEN")), ["GuardianCoolingDown", 1, cool]);
  assert.equal(said(mode(closed, cool, "guardian", "FROZEN")).length, 1);
});

test("no cool-down after governance has opened the market", () => {
  const closed = done(mode(calm(), START, "guardian", "FROZEN"));
  const opened = done(mode(closed, START + HOUR, "governance", "NORMAL"));
  assert.equal(said(mode(opened, START + 2 * HOUR, "guardian", "FROZEN")).length, 1);
});

test("a challenge closes an open market for six hours and nothing else", () => {
  const outcome = mode(calm(), START, "challenger", "NO_NEW_RISK");
  const [event] = said(outcome);
  assert.equal(event?.name === "ModeChanged" && event.until, FULL_HOUR + 6 * HOUR);
  assert.equal(locate(done(outcome), 1)?.market.challenged, true);
  assert.deepEqual(refusal(mode(calm(), START, "challenger", "FROZEN")), ["ModeNotSafer", 1, 2, 0]);
  assert.deepEqual(refusal(mode(done(outcome), START, "challenger", "NO_NEW_RISK")), ["ModeNotSafer", 1, 1, 1]);
});

test("a guardian may take a challenge over with hours of its own", () => {
  const challenged = done(mode(calm(), START, "challenger", "NO_NEW_RISK"));
  const [event] = said(mode(challenged, START, "guardian", "FROZEN"));
  assert.equal(event?.name === "ModeChanged" && event.until, FULL_HOUR + 72 * HOUR);
});

test("a challenge in a guardian's cool-down does not end it: it counts from the challenge's lapse", () => {
  const closed = done(mode(calm(), START, "guardian", "FROZEN"));
  const lapse = FULL_HOUR + 72 * HOUR;
  const challenged = done(mode(closed, lapse + HOUR, "challenger", "NO_NEW_RISK"));
  const [event] = said(mode(challenged, lapse + 2 * HOUR, "guardian", "FROZEN"));
  assert.equal(event?.name === "ModeChanged" && event.until, lapse + 7 * HOUR);
  const cool = lapse + 31 * HOUR;
  assert.deepEqual(refusal(mode(challenged, cool - 1, "guardian", "FROZEN")), ["GuardianCoolingDown", 1, cool]);
  assert.equal(said(mode(challenged, cool, "guardian", "FROZEN")).length, 1);
});

test("others may not, and unknown markets have no mode", () => {
  assert.equal(refusal(mode(calm(), START, "keeper", "FROZEN"))[0], "AccessControlUnauthorizedAccount");
  assert.deepEqual(refusal(mode(calm(), START, "governance", "FROZEN", 15)), ["UnknownMarket", 15]);
});

test("a guardian cannot freeze what governance closed: its freeze would not lapse", () => {
  const closed = done(mode(calm(), START, "governance", "NO_NEW_RISK"));
  assert.deepEqual(refusal(mode(closed, START + HOUR, "guardian", "FROZEN")), ["HeldByGovernance", 1, 1]);
});
