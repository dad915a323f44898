import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createContext } from "../../keeper/operations/context.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

test("a chain's own variables are read once, for what comes through a pipe is empty the second time", async () => {
  const file = join(temporaryFolder(), "chain.env");
  writeFileSync(file, "CHAIN_ID=7\n");
  const context = createContext({}, async () => "", { envFiles: [file] });
  context.markets();
  rmSync(file);
  assert.equal((await context.config()).chainId, 7);
});
