import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { REASONS } from "../../keeper/domain/decision.ts";
import { FAULTS, fault } from "../../keeper/domain/fault.ts";
import { INTENT_STATUSES, type IntentStatus } from "../../keeper/domain/intent.ts";
import { SOURCE_BITS } from "../../keeper/domain/risk.ts";

describe("the tables that people read", () => {
  it("say something, once each, about every fault and every reason", () => {
    for (const table of [FAULTS, REASONS]) {
      const said = Object.values(table);
      assert.equal(new Set(said).size, said.length);
      for (const text of said) assert.match(text, /^\w.{10,}[^.]$/);
    }
  });

  it("say of every state of a transaction whether it is open and what it means", () => {
    const statuses = Object.keys(INTENT_STATUSES) as IntentStatus[];
    assert.deepEqual(
      statuses.filter((status) => INTENT_STATUSES[status].open),
      ["PLANNED", "SENT", "UNKNOWN"],
    );
    for (const status of statuses) assert.match(INTENT_STATUSES[status].means, /^[a-z].{10,}[^.]$/);
  });
});

describe("fault", () => {
  it("carries a count only when it did not cost the whole answer", () => {
    assert.deepEqual(fault("STALE", "deribit:ETH:options", "age 320 s, limit 60 s"), {
      code: "STALE",
      source: "deribit:ETH:options",
      detail: "age 320 s, limit 60 s",
    });
    assert.deepEqual(fault("WIDE", "deribit:ETH:options", "spread above 30 % of mid", 14), {
      code: "WIDE",
      source: "deribit:ETH:options",
      detail: "spread above 30 % of mid",
      count: 14,
    });
  });
});

describe("SOURCE_BITS", () => {
  it("gives every source a bit of its own inside the contract's eleven", () => {
    const bits = Object.values(SOURCE_BITS);
    assert.deepEqual(
      bits,
      bits.map((_, i) => 2 ** i),
    );
    assert.ok(bits.reduce((sum, bit) => sum + bit, 0) < 2 ** 11);
    const solidity = readFileSync(new URL("../../contracts/parameters/Words.sol", import.meta.url), "utf8");
    assert.match(solidity, /bits of confidence above eleven of sources/);
  });
});
