import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readDotenv, withDotenv } from "../../keeper/runtime/parseEnvironment.ts";

const folder = mkdtempSync(join(tmpdir(), "tonsor-dotenv-"));
writeFileSync(join(folder, ".env"), "# a comment\nRPC_URL=http://127.0.0.1:9000\nCHAIN_ID=1337\n");
after(() => rmSync(folder, { recursive: true }));

test("a folder without .env has no variables", () => {
  assert.deepEqual(readDotenv(join(folder, "none")), {});
  assert.deepEqual(withDotenv(join(folder, "none"), { RPC_URL: "a" }), { RPC_URL: "a" });
});

test("the environment wins over .env, and an empty value does not hide it", () => {
  assert.deepEqual(withDotenv(folder, { CHAIN_ID: "31337", RPC_URL: "", LOG_LEVEL: undefined }), {
    RPC_URL: "http://127.0.0.1:9000",
    CHAIN_ID: "31337",
  });
});
