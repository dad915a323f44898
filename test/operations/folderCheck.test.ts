import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderCheck, spaceCheck } from "../../keeper/operations/folderCheck.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const left = (bytes: number) => spaceCheck("/state", { bavail: bytes / 4096, bsize: 4096 });

test("a state folder that is there and has space is well", async () => {
  const state = temporaryFolder();
  assert.deepEqual(await folderCheck({ state }), { name: "state folder", state: "ok", found: state, cure: null });
});

test("a file in the place of the state folder fails with its path", async () => {
  const state = join(temporaryFolder(), "state");
  writeFileSync(state, "");
  const check = await folderCheck({ state });
  assert.equal(check.state, "fail");
  assert.ok(check.found.startsWith(`${state}: `));
});

test("a full disk fails, one that is nearly full is warned of, and the cure says what to do", () => {
  assert.deepEqual(
    [0, 999_424, 1_003_520, 199_999_488, 200_003_584].map((bytes) => left(bytes).state),
    ["fail", "fail", "warn", "warn", "ok"],
  );
  assert.match(left(0).found, /^\/state has 0\.0 MB left$/);
  assert.match(left(0).cure ?? "", /free space or shorten RETENTION_DAYS/);
  assert.equal(spaceCheck("/var/lib/tonsor", { bavail: 0, bsize: 4096 }).state, "fail");
});
