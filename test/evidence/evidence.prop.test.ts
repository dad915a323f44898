import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { decodeBundle } from "../../keeper/evidence/bundle.ts";
import { verifyBundle } from "../../keeper/evidence/verify.ts";
import { packed } from "../support/packed.ts";
import { appliedOf, observed, reasoning, sampleBundle } from "./sampleBundle.ts";

const bundle = sampleBundle();
const evidence = packed(bundle);
const { root, parts } = evidence;
const applied = appliedOf(bundle);

/** The evidence with other bytes for one part, or for the root. */
const withPiece = (name: string | null, bytes: Uint8Array) =>
  name === null ? { root: bytes, parts } : { root, parts: new Map([...parts, [name, bytes]]) };

test("changing any single byte of evidence, to any other value, is caught", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(null, ...parts.keys()),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (name, at, flip) => {
        const changed = Uint8Array.from(name === null ? root : (parts.get(name) as Uint8Array));
        const position = at % changed.length;
        changed[position] = (changed[position] ?? 0) ^ flip;
        assert.equal(verifyBundle(withPiece(name, changed), applied.evidence, applied, reasoning).ok, false);
      },
    ),
    { numRuns: 2000 },
  );
});

test("adding or removing bytes at the end is caught", () => {
  for (const [name, bytes] of [[null, root] as const, ...parts]) {
    for (const changed of [bytes.slice(0, -1), Uint8Array.of(...bytes, 0x20), Uint8Array.of(...bytes, 0)]) {
      assert.equal(verifyBundle(withPiece(name, changed), applied.evidence, applied, reasoning).ok, false);
    }
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
      assert.deepStrictEqual(decodeBundle(packed(varied)), varied);
    }),
  );
});

test("the hash is the same in other time zones and locales", () => {
  const script = `
    const { sampleBundle } = await import(${JSON.stringify(new URL("./sampleBundle.ts", import.meta.url).href)});
    const { packed } = await import(${JSON.stringify(new URL("../support/packed.ts", import.meta.url).href)});
    process.stdout.write(packed(sampleBundle()).hash);`;
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
    assert.equal(child.stdout, evidence.hash, child.stderr);
  }
});
