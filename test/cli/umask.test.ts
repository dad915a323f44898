import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startTonsor } from "../support/child.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

test("what the program writes is its owner's alone to read", async () => {
  const folder = temporaryFolder();
  const environment = { PATH: process.env["PATH"], TONSOR_STATE: join(folder, "state") };
  const { code, err } = await startTonsor(["pause", "--reason", "test"], environment, folder).ended;
  assert.equal(code, 0, err);
  const written = ["", ...readdirSync(join(folder, "state"))].map((name) => join(folder, "state", name));
  assert.ok(written.length > 1);
  for (const path of written) assert.equal(statSync(path).mode & 0o077, 0, path);
});
