import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Observed } from "../../keeper/domain/observation.ts";
import { select } from "../../keeper/quality/select.ts";
import { calmFeed, calmObserved, seen } from "../support/observations.ts";

const NOW = 1_770_000_000;
const observed = calmObserved(NOW);

describe("select", () => {
  it("finds an observation by source and kind", () => {
    assert.equal(select(observed, "priceFeed", "priceFeed:WETH"), observed[4]);
    assert.equal(select(observed, "optionBoard", "deribit:ETH:options"), observed[0]);
  });

  it("takes another kind under the name, or another name, for not asked", () => {
    const swapped: Observed = { ...seen(calmFeed(NOW, 3_000)), source: "deribit:ETH:options" };
    assert.equal(select([swapped], "optionBoard", "deribit:ETH:options"), null);
    assert.equal(select(observed, "optionBoard", "deribit:BTC:options"), null);
  });

  it("returns what was asked in vain with its faults", () => {
    const silent: Observed = {
      source: "priceFeed:WETH",
      observation: null,
      faults: [{ code: "UNREACHABLE", source: "priceFeed:WETH", detail: "refused" }],
    };
    assert.equal(select([silent], "priceFeed", "priceFeed:WETH"), silent);
  });
});
