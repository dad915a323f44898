import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Frozen } from "../../keeper/operations/freezing.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { tonsor } from "./harness.ts";
import { aService, FROZEN } from "./outcomes.ts";

const withOutcome = (outcome: Frozen["markets"][number]["outcome"]) => {
  const markets = FROZEN.markets.map((row) => ({ ...row, outcome }));
  return aService({ freeze: async () => ({ ...FROZEN, markets }) }).services;
};

test("freeze hands on which markets and how strictly, and tells each market's outcome", async () => {
  const { services, calls } = aService();
  const { code, out } = await tonsor("freeze WETH --mode NO_NEW_RISK", services);
  assert.equal(code, 0);
  await tonsor("freeze all", services);
  await tonsor("freeze WETH WBTC --nonce 7", services);
  assert.deepEqual(calls, [
    ["freeze", { markets: ["WETH"], mode: "NO_NEW_RISK", nonce: null, safe: false }],
    ["freeze", { markets: [], mode: "FROZEN", nonce: null, safe: false }],
    ["freeze", { markets: ["WETH", "WBTC"], mode: "FROZEN", nonce: 7, safe: false }],
  ]);
  const [first, second] = out.split("\n");
  assert.match(first ?? "", /^WETH {2}NORMAL -> FROZEN {2}closed {2}0x/);
  assert.equal(second, "WBTC  FROZEN -> FROZEN  is closed as strictly already  until 2026-02-05T21:00:00Z");
});

test("its exit code is 75 while a transaction waits or was not sent, and 1 where the contract refuses", async () => {
  const codes = ["FILE", "WAITS", "UNSENT", "REFUSED"].map(
    async (outcome) => (await tonsor("freeze WETH", withOutcome(outcome as "FILE"))).code,
  );
  assert.deepEqual(await Promise.all(codes), [0, 75, 75, 1]);
});

test("a Safe's file has no nonce, and where nothing is open none is written", async () => {
  const file = join(temporaryFolder(), "freeze.json");
  const both = await tonsor(`freeze WETH --nonce 7 --safe ${file}`);
  assert.equal(both.code, 1);
  assert.match(both.err, /--nonce, given 7, expected no --safe beside it/);
  const { out } = await tonsor(`freeze WETH --safe ${file}`, withOutcome("ALREADY"));
  assert.equal(existsSync(file), false);
  assert.doesNotMatch(out, /Open /);
});

test("a mode that would open is refused, and a file for a Safe is written once", async () => {
  const wrong = await tonsor("freeze WETH --mode NORMAL");
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /mode.*"NORMAL".*NO_NEW_RISK or FROZEN/s);
  const safe = { version: "1.0", transactions: [] } as unknown as Frozen["safe"];
  const { services } = aService({ freeze: async () => ({ ...FROZEN, safe }) });
  const file = join(temporaryFolder(), "freeze.json");
  const { out } = await tonsor(`freeze WETH --safe ${file}`, services);
  assert.deepEqual(JSON.parse(readFileSync(file, "utf8")), safe);
  assert.match(out, /Nothing was sent\.\n$/);
  const twice = await tonsor(`freeze WETH --safe ${file}`, services);
  assert.equal(twice.code, 1);
  assert.match(twice.err, /not there yet/);
});
