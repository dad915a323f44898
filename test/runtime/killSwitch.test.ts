import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { killSwitches, SENTINEL } from "../../keeper/runtime/killSwitch.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const NOW = 1_770_379_200;
const calm = () => ({ paused: { kind: "none" } as const, state: temporaryFolder() });

test("with no switch set, nothing is held back, even when the state folder is not there yet", () => {
  assert.deepEqual(killSwitches(calm(), NOW), { set: false, reason: null });
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
  const file = join(config.state, SENTINEL);
  writeFileSync(file, "node upgrade\n");
  assert.equal(killSwitches(config, NOW).reason, "file PAUSED: node upgrade");
  writeFileSync(file, "");
  assert.deepEqual(killSwitches(config, NOW), { set: true, reason: "file PAUSED" });
});

test("a sentinel that cannot be read counts as set", () => {
  const config = calm();
  mkdirSync(join(config.state, SENTINEL));
  assert.deepEqual(killSwitches(config, NOW), { set: true, reason: "file PAUSED cannot be read (EISDIR)" });
});

test("several switches are all named", () => {
  const config = { ...calm(), paused: { kind: "always" } as const };
  writeFileSync(join(config.state, SENTINEL), "also");
  assert.equal(killSwitches(config, NOW).reason, "TONSOR_PAUSED is set; file PAUSED: also");
});
