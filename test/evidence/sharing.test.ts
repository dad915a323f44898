import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "viem";
import { HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { PackedEvidence } from "../../keeper/domain/journal.ts";
import type { Candle, Observed } from "../../keeper/domain/observation.ts";
import { decodeBundle, gather } from "../../keeper/evidence/bundle.ts";
import type { EvidenceBundle } from "../../keeper/evidence/schema.ts";
import { packed } from "../support/packed.ts";
import { observed, sampleBundle } from "./sampleBundle.ts";

const NOW = sampleBundle().now;
const [market] = sampleBundle().markets;
assert.ok(market);

/** Five hundred and fifty days of hourly candles up to an hour. */
function candles(upTo: number): readonly Candle[] {
  return Array.from({ length: 13_200 }, (_, n): Candle => {
    const time = upTo - (13_200 - n) * HOUR_SECONDS;
    const price = 2_000 + (time % 77_777) / 13;
    return [time, price, price + 1.5, price - 1.25, price + 0.1, (time % 997) / 3];
  });
}

function withCandles(upTo: number): readonly Observed[] {
  return observed.map((one) =>
    one.observation?.kind === "priceHistory"
      ? { ...one, observation: { ...one.observation, candles: candles(upTo) } }
      : one,
  );
}

function bundleOf(markets: number, upTo = NOW): EvidenceBundle {
  const shared = withCandles(upTo);
  const all = Array.from({ length: markets }, (_, n) => ({
    ...market!,
    name: `M${n}`,
    marketId: n + 1,
    observed: shared,
  }));
  return { ...sampleBundle(), markets: all };
}

const sizeOf = ({ root, parts }: PackedEvidence) =>
  [root, ...parts.values()].reduce((sum, bytes) => sum + bytes.length, 0);

test("what markets share is stored once, and read back as one object", () => {
  const [one, many] = [packed(bundleOf(1)), packed(bundleOf(128))];
  assert.ok(sizeOf(one) > 700_000, `${sizeOf(one)}`);
  const each = (sizeOf(many) - sizeOf(one)) / 127;
  assert.ok(each < 6_000, `${each} bytes for each further market`);
  assert.ok(many.root.length < 2_000, `a root of ${many.root.length} bytes`);
  const { markets } = decodeBundle(many);
  assert.deepEqual(markets, bundleOf(128).markets);
  for (const { observed: own } of markets)
    for (const [i, item] of own.entries()) assert.equal(item, markets[0]?.observed[i]);
});

test("an hour later nearly all candles are the same parts, though one came and one left", () => {
  const [before, after] = [packed(bundleOf(2)), packed(bundleOf(2, NOW + HOUR_SECONDS))];
  const fresh = [...after.parts].filter(([name]) => !before.parts.has(name));
  const bytes = fresh.reduce((sum, [, part]) => sum + part.length, 0);
  assert.ok(bytes < sizeOf(after) / 5, `${bytes} new of ${sizeOf(after)}`);
  assert.deepEqual(decodeBundle(after), bundleOf(2, NOW + HOUR_SECONDS));
});

test("gathering asks for each part once and for nothing that is not named", async () => {
  const { root, parts } = packed(bundleOf(3));
  const asked: string[] = [];
  const found = await gather(root, async (name) => {
    asked.push(name);
    return parts.get(name) as Uint8Array;
  });
  assert.deepEqual(asked.toSorted(), [...parts.keys()].toSorted());
  assert.deepEqual(decodeBundle(found), bundleOf(3));
});

test("a part that is named ten thousand times is looked into once", async () => {
  const big = new TextEncoder().encode(JSON.stringify(Array.from({ length: 20_000 }, (_, n) => [n, 1])));
  const names = Array.from({ length: 10_000 }, () => sha256(big).slice(2));
  const root = new TextEncoder().encode(JSON.stringify({ markets: [], observed: names, schema: "tonsor.evidence.v5" }));
  let looks = 0;
  const { parse } = JSON;
  JSON.parse = (text) => {
    looks += 1;
    return parse(text);
  };
  try {
    await gather(root, async () => big);
  } finally {
    JSON.parse = parse;
  }
  assert.equal(looks, 2, "the root and the part");
});

test("a part that is missing, changed or named by nothing that there is, is named", () => {
  const { root, parts } = packed(bundleOf(1));
  for (const name of parts.keys()) {
    const without = new Map(parts);
    without.delete(name);
    const missing = (error: unknown) =>
      error instanceof TonsorError && error.code === "EVIDENCE_MISSING" && error.message.includes(name);
    assert.throws(() => decodeBundle({ root, parts: without }), missing);
    const changed = new Map([...parts, [name, new TextEncoder().encode("[]")]]);
    assert.throws(() => decodeBundle({ root, parts: changed }), new RegExp(`the part ${name} was changed`));
  }
  const nowhere = packed(bundleOf(1), (text) => text.replace(/"observed":\[\d/, '"observed":[99'));
  assert.throws(() => decodeBundle(nowhere), /no observation 99/);
});

test("a thousand references to one big part are refused for what they would become, whoever wrote them", async () => {
  const parts = new Map<string, Uint8Array>();
  const add = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    const name = sha256(bytes).slice(2);
    parts.set(name, bytes);
    return name;
  };
  const big = add(JSON.stringify(Array.from({ length: 40_000 }, (_, n) => [n, 1, 1, 1, 1, 1])));
  const history = {
    candles: [big],
    eventTime: 1,
    instrument: "a",
    intervalSeconds: 3_600,
    kind: "priceHistory",
    source: "a",
  };
  const one = JSON.stringify({ faults: [], observation: history, source: "a" });
  const bundle = (times: number) => ({
    root: new TextEncoder().encode(
      JSON.stringify({
        ...{ chainId: 1, contract: `0x${"11".repeat(20)}`, markets: [], modelVersion: 1, now: 1 },
        ...{ observed: [add(`[${Array.from({ length: times }, () => one).join()}]`)], schema: "tonsor.evidence.v5" },
      }),
    ),
    parts,
  });
  assert.deepEqual(decodeBundle(bundle(10)).markets, []);
  const before = process.memoryUsage().heapUsed;
  assert.throws(() => decodeBundle(bundle(1_000)), /more than 268435456 bytes when it is put together/);
  assert.ok(process.memoryUsage().heapUsed - before < 400e6);
  const lists = bundle(1);
  const again = lists.root.slice();
  const named = JSON.parse(new TextDecoder().decode(again)) as { observed: string[] };
  named.observed = Array.from({ length: 1_000 }, () => big);
  const root = new TextEncoder().encode(JSON.stringify(named));
  assert.throws(() => decodeBundle({ root, parts }), /more than|schema/);
  await assert.rejects(
    gather(root.slice(), async () => new Uint8Array(300 * 1_048_576)),
    /more than 268435456 bytes/,
  );
});
