import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

const MODULE = new URL("../../keeper/runtime/schedule.ts", import.meta.url).href;
/** Fills 64 MB of heap, lets go of it, and prints by how many MB the heap has shrunk after the call. */
const SCRIPT = `
const { collectGarbage } = await import(process.argv[1]);
let kept = Array.from({ length: 64 }, () => Array.from({ length: 131_072 }, (_, i) => i + 0.5));
const before = process.memoryUsage().heapTotal;
kept = null;
collectGarbage();
console.log((before - process.memoryUsage().heapTotal) / 2 ** 20);`;
const shrunkBy = (...flags: readonly string[]) =>
  Number(execFileSync(process.execPath, [...flags, "--input-type=module", "-e", SCRIPT, MODULE], { encoding: "utf8" }));

test("what is no longer used goes back to the machine when node exposes its collector", () => {
  assert.ok(shrunkBy("--expose-gc") > 48);
});

test("without node's collector nothing happens", () => {
  assert.ok(shrunkBy() < 1);
});
