import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const SERVICES = new URL("../../keeper/operations/services.ts", import.meta.url);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Loads the services and prints the packages that came with them. */
const SCRIPT = `
import { registerHooks } from "node:module";
const packages = new Set();
registerHooks({
  load(url, context, next) {
    const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
    if (name !== undefined) packages.add(name);
    return next(url, context);
  },
});
await import(process.argv[1]);
console.log(JSON.stringify([...packages]));`;

test("a keeper's services load neither ethers, bullmq nor prom-client: a keystore, Redis and a page bring them when they are asked for", async () => {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", SCRIPT, SERVICES.href], { cwd: ROOT });
  const packages = JSON.parse(stdout) as readonly string[];
  assert.ok(packages.includes("viem"), "the hook sees packages");
  for (const heavy of ["ethers", "bullmq", "ioredis", "prom-client"]) assert.ok(!packages.includes(heavy), heavy);
});
