import assert from "node:assert/strict";
import { test } from "node:test";
import { checksJson, renderDoctor } from "../../../keeper/cli/render/checks.ts";
import { renderStatus } from "../../../keeper/cli/render/status.ts";
import { renderTransactions } from "../../../keeper/cli/render/transactions.ts";
import { renderVerify } from "../../../keeper/cli/render/verification.ts";
import { anExplanation } from "../../dashboard/explanations.ts";
import { aBook, aVerification, CHECKS, FAILED, HASH, TRANSACTIONS } from "../outcomes.ts";

const width = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

test("doctor lists every check with what was found, and the cure under what needs one", () => {
  const text = renderDoctor([...CHECKS, FAILED]);
  assert.match(text, /^ok {4}RPC endpoint {4}chain 31337 at block 812, answered in 14 ms\n/);
  assert.match(text, /warn {2}keeper balance {2}0\.0021 ETH, enough for about 9 updates\n +-> send 0\.05 ETH to it/);
  assert.match(text, /fail {2}contract .*\n +-> run `npm run deploy`/);
  assert.match(text, /1 ok, 1 to watch, 1 failed$/);
});

test("long findings wrap under their column and keep to 100 columns", () => {
  const found = "an answer of many words ".repeat(20);
  assert.ok(
    width(
      renderDoctor([
        { name: "a check with a name far longer than its column allows", state: "ok", found, cure: found },
      ]),
    ) <= 100,
  );
});

test("verify shows both sides of every market, and the first difference", () => {
  const good = renderVerify(aVerification());
  assert.match(good, /^verified: /);
  assert.match(good, new RegExp(HASH));
  assert.match(good, /WETH +22\.17 % \/ 22\.17 % +16\.68 % \/ 16\.68 % +12,000 \/ 12,000/);
  assert.match(
    renderVerify(aVerification(false)),
    /^NOT verified\n.*2217 bp, recomputed 2218 bp[\s\S]*22\.17 % \/ 22\.18 %/,
  );
});

test("status says what is played, how markets stand, which source is sick, what was sent", () => {
  const text = renderStatus(aBook().snapshot());
  assert.match(text, /^keeper running {3}2026-01-28 04:15 UTC {3}12 cycles, last cycle 15 min ago/);
  assert.match(text, /data: recorded, Deribit, 28 January/);
  assert.match(text, /WETH +\$3,004\.50 +58\.7 % +\$6\.24 M +22\.00 % \/ 16\.50 % +12,000 +NORMAL/);
  assert.match(text, /deribit:ETH:history down: UNREACHABLE/);
  assert.match(text, /#4 +0x5c5c5c\.\.5c5c +CONFIRMED +15 min ago +WETH/);
  assert.ok(width(text) <= 100, String(width(text)));
});

test("tx list tells what each transaction is for, and why under what needs a word", () => {
  const lines = renderTransactions(TRANSACTIONS).split("\n");
  assert.match(lines[0] ?? "", /^planned +nonce +status +gwei a gas +hash +what$/);
  assert.match(lines[1] ?? "", / 7 .* tightens WETH, WBTC \(private\)$/);
  assert.match(lines[2] ?? "", / 6 +CONFIRMED.* cancellation$/);
  assert.equal(lines[3], "    asked for");
  assert.match(lines[4] ?? "", / 7 .* brings lenders up$/);
  assert.equal(renderTransactions([]), "no transaction");
});

test("status says of each lender how it stands, for how long, when it goes on, and both sets of numbers", () => {
  const text = renderStatus(aBook().snapshot());
  assert.match(text, /lenders\n {2}WETH +Aave REFUSED, for 16 min, next .*: it refuses the change\s+\(sync: no\)/);
  assert.match(text, / {4}has LTV 74 %, threshold 81 %, cap 12,000; the contract says LTV 74 %, threshold 81 %, cap/);
});

test("status before the first decision says so", () => {
  const empty = { ...aBook().snapshot(), markets: [], lenders: [], transactions: [] };
  assert.match(renderStatus(empty), /no market has been assessed yet\n\nno transaction yet/);
});

test("status marks a stale value on chain", () => {
  const book = aBook();
  const { onChain, ...rest } = anExplanation();
  assert.ok(onChain !== null);
  book.decided({ ...rest, onChain: { ...onChain, asOf: onChain.asOf - 864_000 } });
  assert.match(renderStatus(book.snapshot()), / STALE/);
});

test("no page ends a line with a space", () => {
  const status = aBook().snapshot();
  const pages = [renderStatus(status), renderDoctor([...CHECKS, FAILED]), renderVerify(aVerification())];
  for (const line of pages.join("\n").split("\n")) assert.equal(line, line.trimEnd());
});

test("doctor's JSON is ok as long as nothing failed", () => {
  assert.equal(checksJson([]).ok, true);
  assert.equal(checksJson(CHECKS).ok, true);
  assert.equal(checksJson([...CHECKS, FAILED]).ok, false);
  assert.deepEqual(checksJson([FAILED]).checks, [FAILED]);
});

test("status says that there was no cycle yet, and at what age a source says nothing", () => {
  const snapshot = aBook().snapshot();
  const { keeper } = snapshot;
  assert.match(renderStatus({ ...snapshot, keeper: { ...keeper, lastCycle: null } }), /12 cycles, no cycle yet\n/);
});

test("a cycle that ends while status is read was not in the future", () => {
  const snapshot = aBook().snapshot();
  const { keeper, time } = snapshot;
  assert.match(renderStatus({ ...snapshot, keeper: { ...keeper, lastCycle: time + 2 } }), /last cycle 0 s ago/);
});
