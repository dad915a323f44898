import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limitOf, tokensOf } from "../keeper/domain/contract.ts";
import type { AssessInput, MarketHistory } from "../keeper/domain/decision.ts";
import { fault } from "../keeper/domain/fault.ts";
import { haircutToBpsUp } from "../keeper/domain/numbers.ts";
import type { Observed } from "../keeper/domain/observation.ts";
import { assess } from "../keeper/pipeline.ts";
import { calmMarkets } from "./support/markets.ts";
import { calmMarket } from "./support/onChain.ts";

const NOW = 1_770_000_000;
const [weth] = calmMarkets(NOW);
assert.ok(weth !== undefined);
const { market, observed, history } = weth;
const watched = (usd: number): MarketHistory => ({
  ...history,
  depth: Array.from({ length: 48 }, (_, i) => [NOW - (48 - i) * 3_600, usd] as const),
});
const of = (change: Partial<AssessInput> = {}) =>
  assess({ ...{ now: NOW, market, observed, history, onChain: calmMarket(NOW) }, ...change });
const changed = (kind: string, change: (one: Observed) => Observed) =>
  observed.map((one) => (one.observation?.kind === kind ? change(one) : one));
const gone = ({ source }: Observed): Observed => ({
  ...{ source, observation: null },
  faults: [fault("UNREACHABLE", source, "ECONNREFUSED")],
});

describe("the exposure limit of an assessment", () => {
  it("halves at once when depth halves, and no haircut moves", () => {
    const [whole, half] = [of({ history: watched(1e6) }), of({ history: watched(5e5) })];
    const tokens = [whole, half].map(({ decision }) => Number(tokensOf(decision.limit)));
    assert.ok(Math.abs((tokens[0] ?? 0) / (tokens[1] ?? 1) - 2) < 0.002, `${tokens}`);
    for (const one of [whole, half]) assert.ok(one.decision.reasons.includes("TIGHTEN"), `${one.decision.reasons}`);
    assert.deepEqual(
      [half.target.initial, half.target.maintenance, half.decision.initialBps],
      [whole.target.initial, whole.target.maintenance, whole.decision.initialBps],
    );
  });

  it("falls to governance's minimum where the pools were read and hold nothing", () => {
    const drained = changed("pool", (one) => ({
      ...one,
      observation: { ...one.observation, liquidity: 0n, ticks: [] } as unknown as Observed["observation"],
    }));
    const { risk, proposed, decision } = of({ observed: drained });
    assert.deepEqual([risk.depth.nowUsd, risk.depth.shockedUsd], [0, 0]);
    assert.deepEqual([proposed.limit, proposed.limitRule], [limitOf(1_200), "governance minimum"]);
    assert.deepEqual([decision.action, decision.reasons[0]], ["submit", "TIGHTEN"]);
    const blind = drained.map((one) => (one.observation?.kind === "priceHistory" ? gone(one) : one));
    assert.equal(of({ observed: blind }).decision.limit, limitOf(1_200), "whatever the volatility");
  });

  it("stays where pools, price or price history could not be read", () => {
    const { limit } = calmMarket(NOW);
    const forgotten = { ...watched(1e5), lastDepth: null };
    const blind = of({ observed: changed("pool", gone), history: forgotten });
    assert.deepEqual([blind.decision.action, blind.proposed.limit], ["hold", limit]);
    const past = of({ observed: changed("priceHistory", gone), history: forgotten });
    assert.deepEqual([past.proposed.limit, past.proposed.limitRule], [limit, "held: no market data"]);
  });

  it("is named with what holds its rise back, though no haircut would loosen", () => {
    const { target } = of();
    const [initialBps, maintenanceBps] = [haircutToBpsUp(target.initial), haircutToBpsUp(target.maintenance)];
    const stored = { storedInitialBps: initialBps, initialBps, maintenanceTargetBps: maintenanceBps, maintenanceBps };
    const reasons = (limit: number, lastLoosening: number | null) =>
      of({ onChain: calmMarket(NOW, { ...stored, limit }), history: { ...history, lastLoosening } }).decision.reasons;
    assert.deepEqual(reasons(limitOf(12_000), null), ["LOOSEN"]);
    assert.deepEqual(reasons(limitOf(12_000), NOW - 60), ["COOL_DOWN"]);
    assert.deepEqual(reasons(limitOf(36_000), NOW - 60), ["DEAD_BAND"], "at its highest it would not rise");
  });
});
