import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../keeper/domain/nearest.ts";

const known = ["TONSOR_STATE", "TONSOR_DATA", "TONSOR_PAUSED", "RPC_URL"];

test("the example in the documentation is right", () => {
  assert.equal(nearest("TONSOR_STAET", ["TONSOR_STATE", "TONSOR_DATA"]), "TONSOR_STATE");
});

for (const [typed, meant] of [
  ["TONSOR_PAUSE", "TONSOR_PAUSED"],
  ["TONSOR_DTAA", "TONSOR_DATA"],
  ["rpc_url", "RPC_URL"],
  ["RPC_ULR", "RPC_URL"],
  ["TONSOR_QQQQQQQQQQQ", null],
  ["X", null],
] as const) {
  test(`${typed} means ${meant ?? "nothing known"}`, () => {
    assert.equal(nearest(typed, known), meant);
  });
}

test("with nothing known, nothing is near", () => {
  assert.equal(nearest("A", []), null);
});
