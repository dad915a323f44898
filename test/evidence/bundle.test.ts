import assert from "node:assert/strict";
import { test } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { decodeBundle, encodeBundle } from "../../keeper/evidence/bundle.ts";
import type { EvidenceBundle } from "../../keeper/evidence/schema.ts";
import { observed, onChain, sampleBundle } from "./sampleBundle.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const mismatch = (pattern: RegExp) => (error: unknown) =>
  error instanceof TonsorError && error.code === "EVIDENCE_MISMATCH" && pattern.test(error.message);

test("a bundle with every kind of observation comes back as it went in, bigints included", () => {
  const bundle = sampleBundle();
  assert.deepStrictEqual(decodeBundle(encodeBundle(bundle)), bundle);
});

test("a bundle of before there were claims is read as it was written, and says nothing of them", () => {
  const [market] = sampleBundle().markets;
  assert.ok(market !== undefined);
  const [{ claim: _claim, ...parameters }, { rates: _rates, ...history }] = [market.parameters, market.history];
  const before = sampleBundle({ parameters, history, observed: observed.slice(0, 3) });
  const bytes = encodeBundle(before);
  assert.deepStrictEqual(decodeBundle(bytes), before);
  assert.doesNotMatch(textOf(bytes), /claim|rates/);
});

test("a bigint beyond 2^53 is in the text as decimal digits", () => {
  assert.match(textOf(encodeBundle(sampleBundle())), /"sqrtPriceX96":"1443489034842123456789012345678901"/);
});

test("the order in which an object was built does not change the bytes", () => {
  const bundle = sampleBundle();
  const turned = Object.fromEntries(Object.entries(bundle).reverse()) as EvidenceBundle;
  assert.deepStrictEqual(encodeBundle(turned), encodeBundle(bundle));
});

test("a number that is not finite is refused before it is stored, with its path", () => {
  const bundle = sampleBundle({ history: { ...sampleBundle().markets[0]!.history, depth: [[1, Number.NaN]] } });
  assert.throws(
    () => encodeBundle(bundle),
    (error) =>
      error instanceof TonsorError &&
      error.code === "BAD_ARGUMENT" &&
      error.facts.field === "$.markets.0.history.depth.0.1",
  );
});

test("a field that the schema does not know is refused on the way in and on the way out", () => {
  const extra = sampleBundle({ onChain: { ...onChain, surprise: 1 } as typeof onChain });
  assert.throws(() => encodeBundle(extra), /surprise/);
  const text = textOf(encodeBundle(sampleBundle())).replace('"schema":', '"room":1,"schema":');
  assert.throws(() => decodeBundle(bytesOf(text)), mismatch(/room/));
});

test("white space, another key order, a duplicate key and another spelling of a number, and half a surrogate pair are refused", () => {
  const text = textOf(encodeBundle(sampleBundle()));
  for (const other of [
    ` ${text}`,
    text.replace('"modelVersion":1,', '"modelVersion":1.0,'),
    text.replace('"modelVersion":1,', '"modelVersion":2,"modelVersion":1,'),
    text.replace('"modelVersion":1,"now"', '"now"').replace('"schema":', '"modelVersion":1,"schema":'),
    text.replace('"source":"', '"source":"\\ud800'),
  ]) {
    assert.notEqual(other, text);
    assert.throws(() => decodeBundle(bytesOf(other)), mismatch(/canonical form/));
  }
});

test("bytes that are not UTF-8, not JSON, or JSON of another schema are refused by name", () => {
  assert.throws(() => decodeBundle(Uint8Array.of(0xff, 0xfe)), mismatch(/not UTF-8 JSON/));
  assert.throws(() => decodeBundle(bytesOf("<html>")), mismatch(/not UTF-8 JSON/));
  assert.throws(() => decodeBundle(bytesOf('{"schema":"tonsor.evidence.v2"}')), mismatch(/schema/));
  const old = textOf(encodeBundle(sampleBundle())).replace("tonsor.evidence.v4", "tonsor.evidence.v2");
  assert.throws(() => decodeBundle(bytesOf(old)), mismatch(/schema/));
});

test("a bigint with leading zeros or a sign of its own is refused", () => {
  const text = textOf(encodeBundle(sampleBundle()));
  const block = '"blockNumber":"24407242"';
  assert.ok(text.includes(block));
  for (const spelling of ["0024407242", "+24407242", "0x1746c8a", "24407242.0", "-0", ""]) {
    assert.throws(() => decodeBundle(bytesOf(text.replace(block, `"blockNumber":"${spelling}"`))), mismatch(/./));
  }
});

const history = observed.findIndex((entry) => entry.observation?.kind === "priceHistory");
const candle = [1, 2, 3, 4, 5, 6];

for (const [what, candles, path] of [
  ["a row with a number missing", [candle, candle.slice(1)], "candles.1"],
  ["a row with a number too many", [[...candle, 7]], "candles.0"],
  ["a row that is none", [candle, "123456"], "candles.1"],
  ["a text in a row", [candle, [1, 2, "3", 4, 5, 6]], "candles.1.2"],
  ["null in a row", [[1, 2, 3, 4, 5, null]], "candles.0.5"],
  ["an object in place of the rows", { 0: candle, length: 1 }, "candles"],
  ["nothing in place of the rows", undefined, "candles"],
] as const) {
  test(`${what} is refused with its path, on the way in and on the way out`, () => {
    const field = `$.markets.0.observed.${history}.observation.${path}`;
    const at = (error: unknown) => error instanceof TonsorError && error.facts.field === field;
    const broken = observed.map((entry, index) =>
      index === history ? { ...entry, observation: { ...entry.observation, candles } } : entry,
    );
    const bundle = sampleBundle({ observed: broken as unknown as typeof observed });
    assert.throws(() => encodeBundle(bundle), at);
    const json = JSON.parse(textOf(encodeBundle(sampleBundle()))) as { markets: { observed: unknown[] }[] };
    json.markets[0]?.observed.splice(history, 1, broken[history]);
    assert.throws(() => decodeBundle(bytesOf(JSON.stringify(json))), at);
  });
}

test("a key named __proto__ is unknown like any other", () => {
  const text = textOf(encodeBundle(sampleBundle())).replace(/^\{/, '{"__proto__":1,');
  assert.throws(() => decodeBundle(bytesOf(text)), mismatch(/__proto__/));
});
