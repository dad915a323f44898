import assert from "node:assert/strict";
import { test } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Challenged, ChallengeLook } from "../../keeper/operations/challenging.ts";
import { tonsor } from "./harness.ts";
import { aService, CHALLENGED } from "./outcomes.ts";

const withLook = (look: ChallengeLook | Error) => aService({ challenge: async ({ onLook }) => onLook(look) }).services;

test("challenge tells of each look what holds, by how much, and what became of it", async () => {
  const { services, calls } = aService();
  const { code, out } = await tonsor("challenge", services);
  assert.deepEqual([code, calls], [0, [["challenge", { once: false, moved: false }]]]);
  assert.equal(
    out,
    `block 41, 7 s old: 2 of 3 proofs hold
  WETH DIVERGED: feeds differ by 310 bp, allowed 200: SET; 0x${"c4".repeat(32)}
  WBTC STALE: data are 90000 s old, allowed 86400: COOLING
`,
  );
});

test("challenge closes what has moved where it is told to", async () => {
  const { services, calls } = aService();
  await tonsor("challenge --once --moved", services);
  assert.deepEqual(calls, [["challenge", { once: true, moved: true }]]);
});

test("what is closed already is counted, for it holds for hours", async () => {
  const challenged = CHALLENGED.challenged.map((row, at) => (at === 0 ? { ...row, outcome: "CLOSED" as const } : row));
  const { out } = await tonsor("challenge", withLook({ ...CHALLENGED, challenged }));
  assert.match(out, /^block 41, 7 s old: 2 of 3 proofs hold, 1 of closed markets\n {2}WBTC STALE[^\n]*\n$/);
});

test("a look that could not be made is told, and the watcher goes on", async () => {
  const failure = new TonsorError("RPC_FAILED", "no node answers");
  const { code, out } = await tonsor("challenge --json", withLook(failure));
  assert.deepEqual([code, JSON.parse(out)], [0, { error: failure.message, code: "RPC_FAILED" }]);
  const defect = await tonsor("challenge --json", withLook(new TypeError("x is not a function")));
  assert.deepEqual(JSON.parse(defect.out), { error: "x is not a function", code: "UNEXPECTED" });
});

test("with --once its exit code is 75 while something waits, and 1 when something is refused", async () => {
  const codes = async (line: string) => {
    const outcomes = ["SET", "CLOSED", "COOLING", "RESTS", "BEHIND", "WAITS", "UNSENT", "REFUSED"] as const;
    const one = async (outcome: Challenged["outcome"]) => {
      const challenged = CHALLENGED.challenged.map((row, at) => (at === 1 ? { ...row, outcome } : row));
      return (await tonsor(line, withLook({ ...CHALLENGED, challenged }))).code;
    };
    return await Promise.all(outcomes.map(one));
  };
  assert.deepEqual(await codes("challenge --once"), [0, 0, 0, 0, 75, 75, 75, 1]);
  assert.deepEqual(await codes("challenge"), [0, 0, 0, 0, 0, 0, 0, 0]);
});
