import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Candle } from "../../keeper/domain/observation.ts";
import {
  calmFault,
  dropFault,
  frozenFault,
  indexFault,
  usableVolatility,
} from "../../keeper/model/volatilityLadder.ts";
import { calmHistory, calmIndex } from "../support/observations.ts";

const NOW = 1_770_000_000;

describe("checks between sources of volatility", () => {
  it("do not believe a fall of implied volatility by more than a fifth within the hold time, and believe any rise", () => {
    assert.equal(dropFault("x", 0.39, 0.5)?.code, "JUMP");
    assert.equal(dropFault("x", 0.4, 0.5), null);
    assert.equal(dropFault("x", 2, 0.5), null);
    assert.equal(dropFault("x", 0.1, null), null);
    assert.equal(dropFault("x", null, 0.5), null);
  });

  it("set surface and published index against each other, either way", () => {
    const index = calmIndex("ETH", NOW, 0.6);
    assert.equal(indexFault(0.39, index)?.code, "DISAGREES");
    assert.equal(indexFault(0.91, index)?.code, "DISAGREES");
    assert.equal(indexFault(0.5, index), null);
    assert.equal(indexFault(null, index), null);
    assert.equal(indexFault(0.5, null), null);
  });

  it("doubt candles far calmer than the options of the same month", () => {
    assert.equal(calmFault("x", 0.12, 0.5)?.code, "DISAGREES");
    assert.equal(calmFault("x", 0.13, 0.5), null);
    assert.equal(calmFault("x", null, 0.5), null);
  });

  it("call a history frozen after three hours without any movement, not after two", () => {
    const history = calmHistory("ETH-PERPETUAL", NOW, 3_000, 0.5, 2);
    const frozen = (hours: number) => {
      const still = (candle: Candle): Candle => [candle[0], 3_000, 3_000, 3_000, 3_000, candle[5]];
      const from = history.candles.length - hours;
      return { ...history, candles: history.candles.map((candle, i) => (i < from ? candle : still(candle))) };
    };
    assert.equal(frozenFault(frozen(3))?.code, "FROZEN");
    assert.equal(frozenFault(frozen(2)), null);
    assert.equal(frozenFault({ ...history, candles: [] }), null);
  });

  it("leave out a volatility that no asset has ever had, with a fault instead of an exception", () => {
    const faults: Parameters<typeof usableVolatility>[3] = [];
    assert.equal(usableVolatility(16, "realised30d", "x", faults), null);
    assert.deepEqual(
      faults.map(({ code }) => code),
      ["UNIT_SUSPECT"],
    );
    assert.equal(usableVolatility(1.2, "ewma", "x", faults), 1.2);
    assert.equal(faults.length, 1);
  });
});
