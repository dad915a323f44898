import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { agreeBooks } from "../../keeper/quality/agreement.ts";
import { calmBook } from "../support/books.ts";

const near = calmBook("okx:ETH-USDT", 0, 3_010);
const far = calmBook("bybit:ETHUSDT", 0, 3_200);

describe("agreeBooks", () => {
  it("keeps the books whose middle stands with the price, and names the others with both numbers", () => {
    const { accepted, faults } = agreeBooks([near, far], 3_000, 0.05);
    assert.deepEqual(accepted, [near]);
    assert.deepEqual(faults, [
      {
        code: "DISAGREES",
        source: "bybit:ETHUSDT:book",
        detail: "middle 3200.00 against 3000.00 USD of the market, limit 5 %",
      },
    ]);
  });

  it("accepts a book exactly at the limit, and none at all without a price", () => {
    assert.equal(agreeBooks([calmBook("okx:ETH-USDT", 0, 3_000)], 2_400, 0.25).accepted.length, 1);
    assert.deepEqual(agreeBooks([near], null, 0.05), { accepted: [], faults: [] });
  });
});
