import assert from "node:assert/strict";
import { test } from "node:test";
import type { Explanation } from "../../keeper/dashboard/status.ts";
import { batchEvent, changes, keeperEvent } from "../../keeper/dashboard/timeline.ts";
import { NEVER_LAPSES } from "../../keeper/domain/contract.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { anExplanation, calmed, NOW } from "./explanations.ts";

const calm = calmed(anExplanation());
const chain = calm.onChain as OnChainMarket;
const closed = (change: Partial<OnChainMarket>): Explanation => ({ ...calm, onChain: { ...chain, ...change } });
const said = (before: Explanation | null, after: Explanation) =>
  changes(before, after).map(({ kind, tone, words }) => [kind, tone, words]);

test("a calm market has no events, and what is in force as the keeper starts has begun then", () => {
  assert.deepEqual(changes(null, calm), []);
  assert.deepEqual(changes(calm, calm), []);
  assert.deepEqual(said(null, anExplanation()), [
    ["data", "warning", "data DEGRADED: a source is missing or at odds with the others, or confidence is low"],
  ]);
});

test("each thing that closes a market is an event as it begins, and again as it is over", () => {
  const until = NOW + 86_400;
  const cases: readonly [Explanation, kind: string, words: string][] = [
    [closed({ mode: "NO_NEW_RISK", modeUntil: until }), "mode", "mode NO_NEW_RISK until 2026-01-29 04:00 UTC"],
    [closed({ mode: "FROZEN", modeUntil: NEVER_LAPSES }), "mode", "mode FROZEN until it is lifted"],
    [
      closed({ writer: { ...chain.writer, tightenOnly: true } }),
      "trip",
      "only tightening is taken: the writer has tripped",
    ],
    [
      closed({ classHeldUntil: until }),
      "trip",
      "only tightening is taken: a guardian holds the class until 2026-01-29 04:00 UTC",
    ],
    [
      closed({ writer: { ...chain.writer, haltedUntil: until } }),
      "halt",
      "a guardian has halted the key until 2026-01-29 04:00 UTC",
    ],
    [closed({ asOf: NOW - 864_000 }), "stale", "stale on chain: initial is closed"],
    [{ ...calm, onChain: null }, "listing", "not listed on chain"],
  ];
  for (const [after, kind, words] of cases) {
    const [event, ...more] = changes(calm, after);
    assert.deepEqual([event?.kind, event?.words, event?.time, more.length], [kind, words, NOW, 0]);
    assert.notEqual(event?.tone, "good", words);
    assert.deepEqual(said(after, after), [], "said once while it lasts");
    assert.deepEqual(said(after, calm), [[kind, "good", `over: ${words}`]]);
  }
});

test("a batch is told as it stands, and a failed one as bad", () => {
  const sent = { time: NOW, sequence: 4, markets: ["WETH"], hash: "0x1", evidenceHash: "0x2" };
  const told = (status: "CONFIRMED" | "SENT" | "REVERTED") => batchEvent({ ...sent, status });
  assert.deepEqual(told("CONFIRMED"), {
    time: NOW,
    kind: "batch",
    tone: "plain",
    words: "batch 4 confirmed",
    hash: "0x1",
  });
  assert.deepEqual([told("SENT").tone, told("REVERTED").tone], ["warning", "bad"]);
});

test("the keeper has an event where its state or severity changes, not where its words do", () => {
  const keeper = { state: "running", severity: "good", message: "well", cycles: 1, lastCycle: NOW } as const;
  assert.equal(keeperEvent(keeper, { ...keeper, message: "very well", cycles: 2 }, NOW), null);
  const halted = { ...keeper, state: "paused", severity: "critical", message: "nothing is sent" } as const;
  const event = keeperEvent(keeper, halted, NOW + 60);
  assert.deepEqual([event?.tone, event?.words, event?.time], ["bad", "keeper paused: nothing is sent", NOW + 60]);
});
