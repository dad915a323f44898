import assert from "node:assert/strict";
import { test } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { decodeBundle } from "../../keeper/evidence/bundle.ts";
import type { EvidenceBundle } from "../../keeper/evidence/schema.ts";
import { packed, textsOf } from "../support/packed.ts";
import { observed, onChain, sampleBundle } from "./sampleBundle.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
/** What is read of evidence of which the first piece with `from` says `to` instead. */
const decodedWith = (from: string | RegExp, to: string) => {
  const edited = packed(sampleBundle(), (text) => text.replace(from, to));
  assert.notEqual(edited.hash, packed(sampleBundle()).hash, `${from} is in it`);
  return () => decodeBundle(edited);
};
/** What is read of a root alone. */
const decodedRoot = (root: Uint8Array) => () => decodeBundle({ root, parts: new Map() });
const mismatch = (pattern: RegExp) => (error: unknown) =>
  error instanceof TonsorError && error.code === "EVIDENCE_MISMATCH" && pattern.test(error.message);

test("a bundle with every kind of observation comes back as it went in, bigints included", () => {
  const bundle = sampleBundle();
  assert.deepStrictEqual(decodeBundle(packed(bundle)), bundle);
});

test("a bundle of before there were claims is read as it was written, and says nothing of them", () => {
  const [market] = sampleBundle().markets;
  assert.ok(market !== undefined);
  const [{ claim: _claim, ...parameters }, { rates: _rates, ...history }] = [market.parameters, market.history];
  const before = sampleBundle({ parameters, history, observed: observed.slice(0, 3) });
  const evidence = packed(before);
  assert.deepStrictEqual(decodeBundle(evidence), before);
  assert.doesNotMatch(textsOf(evidence).join(), /claim|rates/);
});

test("a bigint beyond 2^53 is in the text as decimal digits", () => {
  assert.match(textsOf(packed(sampleBundle())).join(), /"sqrtPriceX96":"1443489034842123456789012345678901"/);
});

test("the order in which an object was built does not change the bytes", () => {
  const bundle = sampleBundle();
  const turned = Object.fromEntries(Object.entries(bundle).reverse()) as EvidenceBundle;
  assert.deepStrictEqual(packed(turned), packed(bundle));
});

test("a number that is not finite is refused before it is stored, with its path", () => {
  const bundle = sampleBundle({ history: { ...sampleBundle().markets[0]!.history, depth: [[1, Number.NaN]] } });
  assert.throws(
    () => packed(bundle),
    (error) =>
      error instanceof TonsorError &&
      error.code === "BAD_ARGUMENT" &&
      error.facts.field === "$.markets.0.history.depth.0.1",
  );
});

test("a field that the schema does not know is refused on the way in and on the way out", () => {
  const extra = sampleBundle({ onChain: { ...onChain, surprise: 1 } as typeof onChain });
  assert.throws(() => packed(extra), /surprise/);
  assert.throws(decodedWith('"schema":', '"room":1,"schema":'), mismatch(/room/));
  assert.throws(decodedWith('"name":', '"mood":1,"name":'), mismatch(/markets\.0.*mood/));
  assert.throws(decodedWith('"instrument":', '"instru":1,"instrument":'), mismatch(/observed\.\d.*instru/));
});

test("white space, another key order, a duplicate key and another spelling of a number, and half a surrogate pair are refused", () => {
  for (const [from, to] of [
    [/^/, " "],
    ['"modelVersion":1,', '"modelVersion":1.0,'],
    ['"modelVersion":1,', '"modelVersion":2,"modelVersion":1,'],
    [/("modelVersion":1),("now":\d+)/, "$2,$1"],
    ['"marketId":1,', '"marketId":1.0,'],
    ['"source":"', '"source":"\\ud800'],
    [/(\[\d+),/, "$1.0,"],
  ] as const) {
    assert.throws(decodedWith(from, to), mismatch(/canonical form/), String(from));
  }
});

test("bytes that are not UTF-8, not JSON, or JSON of another schema are refused by name", () => {
  assert.throws(decodedRoot(Uint8Array.of(0xff, 0xfe)), mismatch(/not UTF-8 JSON/));
  assert.throws(decodedRoot(bytesOf("<html>")), mismatch(/not UTF-8 JSON/));
  assert.throws(decodedRoot(bytesOf('{"schema":"tonsor.evidence.v2"}')), mismatch(/schema/));
  assert.throws(
    decodedRoot(bytesOf('{"schema":"tonsor.evidence.v6"}')),
    mismatch(/field \$\.schema; given "tonsor\.evidence\.v6"; expected tonsor\.evidence\.v5, or its forms v4 and v3$/),
  );
  assert.throws(decodedWith("tonsor.evidence.v5", "tonsor.evidence.v2"), mismatch(/schema/));
});

test("a bigint with leading zeros or a sign of its own is refused", () => {
  const block = '"blockNumber":"24407242"';
  for (const spelling of ["0024407242", "+24407242", "0x1746c8a", "24407242.0", "-0", ""]) {
    assert.throws(decodedWith(block, `"blockNumber":"${spelling}"`), mismatch(/./));
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
    assert.throws(() => packed(bundle), at);
    const stored = packed(sampleBundle(), (text) => {
      const part = JSON.parse(text) as unknown[] | object;
      if (!Array.isArray(part) || part.length <= history) return text;
      return JSON.stringify(
        part.with(history, { ...part[history], observation: { ...part[history].observation, candles } }),
      );
    });
    assert.throws(
      () => decodeBundle(stored),
      (error) => error instanceof TonsorError && (error.facts.field ?? "").endsWith(path),
    );
  });
}

test("a key named __proto__ is unknown like any other", () => {
  assert.throws(decodedWith(/^\{/, '{"__proto__":1,'), mismatch(/__proto__/));
  assert.throws(decodedWith('{"blockNumber":', '{"__proto__":1,"blockNumber":'), mismatch(/__proto__/));
});
