import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { decodeBundle, gather, hashEvidence } from "../../keeper/evidence/bundle.ts";
import { verifyBundle } from "../../keeper/evidence/verify.ts";
import { appliedOf, reasoning } from "./sampleBundle.ts";

/** Evidence of one piece, as the code of before form 5 wrote it of the sample bundle. */
const root = new Uint8Array(gunzipSync(readFileSync(new URL("form4.json.gz", import.meta.url))));
const HASH = "0xb06c8ad536e3a1c915e54a320a8e0fc1490a99b4acc495daec529b7ad8b1ad11";

test("evidence of form 4 hashes as it did, rests on no part, and verifies; with a byte changed it does not", async () => {
  assert.equal(hashEvidence(root), HASH);
  const stored = await gather(root, async (name) => assert.fail(`asked for ${name}`));
  const bundle = decodeBundle(stored);
  const applied = { ...appliedOf(bundle), evidence: HASH } as const;
  assert.deepEqual(verifyBundle(stored, HASH, applied, reasoning).ok, true);
  const changed = root.with(500, (root[500] ?? 0) ^ 1);
  assert.equal(verifyBundle({ ...stored, root: changed }, HASH, applied, reasoning).ok, false);
});
