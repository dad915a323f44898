import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { decodeBundle, encodeBundle, hashEvidence } from "../../keeper/evidence/bundle.ts";
import { verifyBundle } from "../../keeper/evidence/verify.ts";
import { appliedOf, observed, reasoning, sampleBundle } from "./sampleBundle.ts";

const bundle = sampleBundle();
const bytes = encodeBundle(bundle);
const applied = appliedOf(bundle);

test("changing any single byte of evidence, to any other value, is caught", () => {
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (position, flip) => {
      const changed = Uint8Array.from(bytes);
      changed[position] = (changed[position] ?? 0) ^ flip;
      assert.equal(verifyBundle(changed, applied.evidence, applied, reasoning).ok, false);
    }),
    { numRuns: 2000 },
  );
});

test("adding or removing bytes at the end is caught", () => {
  for (const changed of [bytes.slice(0, -1), Uint8Array.of(...bytes, 0x20), Uint8Array.of(...bytes, 0)]) {
    assert.equal(verifyBundle(changed, applied.evidence, applied, reasoning).ok, false);
  }
});

const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const bigints = fc.bigInt({ min: -(2n ** 160n), max: 2n ** 160n });

test("every finite number and every bigint comes back bit for bit", () => {
  fc.assert(
    fc.property(double, bigints, fc.array(fc.tuple(double, double)), (price, liquidity, depth) => {
      const pool = observed[3];
      const feed = observed[4];
      assert.ok(pool?.observation?.kind === "pool" && feed?.observation?.kind === "priceFeed");
      const varied = sampleBundle({
        observed: [
          { ...pool, observation: { ...pool.observation, liquidity } },
          { ...feed, observation: { ...feed.observation, priceUsd: price } },
        ],
        history: { ...sampleBundle().markets[0]!.history, depth },
      });
      assert.deepStrictEqual(decodeBundle(encodeBundle(varied)), varied);
    }),
  );
});

test("the hash is the same in other time zones and locales", () => {
  const script = `
    const { sampleBundle } = await import(${JSON.stringify(new URL("./sampleBundle.ts", import.meta.url).href)});
    const { encodeBundle } = await import(${JSON.stringify(new URL("../../keeper/evidence/bundle.ts", import.meta.url).href)});
    const { hashEvidence } = await import(${JSON.stringify(new URL("../../keeper/evidence/bundle.ts", import.meta.url).href)});
    process.stdout.write(hashEvidence(encodeBundle(sampleBundle())));`;
  for (const [TZ, LC_ALL] of [
    ["Pacific/Kiritimati", "tr_TR.UTF-8"],
    ["America/St_Johns", "de_DE.UTF-8"],
    ["UTC", "C"],
  ]) {
    const child = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { ...process.env, TZ, LC_ALL, LANG: LC_ALL },
      encoding: "utf8",
    });
    assert.equal(child.stdout, hashEvidence(bytes), child.stderr);
  }
});
