import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { clearHalt, haltSubmission, killSwitches, removePause, writePause } from "../../keeper/runtime/killSwitch.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const NOW = 1_770_379_200;
const calm = () => ({ paused: { kind: "none" } as const, state: temporaryFolder() });

test("with no switch set, nothing is held back, even when the state folder is not there yet", () => {
  assert.deepEqual(killSwitches(calm(), NOW), { set: false, reason: null, switches: [] });
  assert.equal(killSwitches({ ...calm(), state: "/nonexistent/folder" }, NOW).set, false);
});

test("the environment stops for good, or until the second it names and not longer", () => {
  assert.equal(killSwitches({ ...calm(), paused: { kind: "always" } }, NOW).reason, "TONSOR_PAUSED is set");
  const until = { ...calm(), paused: { kind: "until", time: NOW } as const };
  assert.equal(killSwitches(until, NOW - 1).reason, "TONSOR_PAUSED until 2026-02-06T12:00:00.000Z");
  assert.equal(killSwitches(until, NOW).set, false);
});

test("the sentinel stops while it is there, with its first words as the reason, without a restart", () => {
  const config = calm();
  const file = join(config.state, "PAUSED");
  writeFileSync(file, "node upgrade\n");
  assert.equal(killSwitches(config, NOW).reason, "file PAUSED: node upgrade");
  writeFileSync(file, "");
  assert.equal(killSwitches(config, NOW).reason, "file PAUSED");
});

test("a sentinel that cannot be read counts as set", () => {
  const config = calm();
  mkdirSync(join(config.state, "PAUSED"));
  assert.equal(killSwitches(config, NOW).reason, "file PAUSED cannot be read (EISDIR)");
  const other = calm();
  mkdirSync(join(other.state, "HALTED"));
  assert.equal(killSwitches(other, NOW).reason, "file HALTED cannot be read (EISDIR)");
});

test("a pause ends at its second; a time that is none never ends it", () => {
  const config = calm();
  writePause(config.state, { reason: "node  upgrade\n", until: NOW + 60 }, NOW);
  const words = "file PAUSED: until 2026-02-06T12:01:00.000Z node upgrade";
  assert.equal(killSwitches(config, NOW + 59).reason, words);
  assert.equal(killSwitches(config, NOW + 60).reason, null);
  writeFileSync(join(config.state, "PAUSED"), "until tomorrow\n");
  assert.equal(killSwitches(config, NOW + 86_400 * 365).reason, "file PAUSED: until tomorrow");
});

test("a pause replaces the one before, is cleared once, and cannot lie in the past", () => {
  const config = calm();
  writePause(config.state, { reason: "one", until: null }, NOW);
  writePause(config.state, { reason: "two", until: null }, NOW);
  assert.equal(killSwitches(config, NOW).reason, "file PAUSED: two");
  assert.throws(() => writePause(config.state, { reason: "", until: NOW }, NOW), { code: "BAD_ARGUMENT" });
  assert.deepEqual([removePause(config.state), removePause(config.state)], [true, false]);
  assert.equal(killSwitches(config, NOW).set, false);
});

test("a submission halt keeps its first reason until it is cleared", () => {
  const config = calm();
  assert.equal(haltSubmission(config.state, "reverts", "3 in a row", NOW), true);
  assert.equal(haltSubmission(config.state, "reverts", "too many", NOW + 1), false);
  assert.deepEqual(killSwitches(config, NOW + 86_400).switches, [
    { name: "submissionHalt", reason: "submission halt: reverts: 3 in a row; since 2026-02-06T12:00:00.000Z" },
  ]);
  assert.deepEqual([clearHalt(config.state), clearHalt(config.state)], [true, false]);
  assert.equal(killSwitches(config, NOW).set, false);
});

test("several switches are all named", () => {
  const config = { ...calm(), paused: { kind: "always" } as const };
  writeFileSync(join(config.state, "PAUSED"), "also");
  const others = [{ name: "errors", reason: "11 of the last 20 ticks failed" } as const];
  const { reason, switches } = killSwitches(config, NOW, others);
  assert.equal(reason, "TONSOR_PAUSED is set; file PAUSED: also; 11 of the last 20 ticks failed");
  assert.deepEqual(
    switches.map(({ name }) => name),
    ["environment", "sentinel", "errors"],
  );
});

test("a halt written under the file name of earlier versions outlives the upgrade, and is cleared with the rest", () => {
  const config = calm();
  writeFileSync(join(config.state, "BREAKER"), "step: WETH initial from 2500 to 6501 bp\n");
  assert.match(killSwitches(config, NOW).reason ?? "", /^submission halt: step: WETH/);
  assert.equal(clearHalt(config.state), true);
  assert.equal(killSwitches(config, NOW).set, false);
});
