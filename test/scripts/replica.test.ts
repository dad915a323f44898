import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { MAINNET_ADDRESSES } from "../../keeper/simulation/replica/addresses.ts";

const script = fileURLToPath(new URL("../../scripts/replica.ts", import.meta.url));

test("The script prints where everything is and ends cleanly on Ctrl-C.", async () => {
  const child = spawn(process.execPath, [script, "--generated"], { stdio: ["ignore", "pipe", "inherit"] });
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  const said = chunk.toString();
  assert.match(said, /Replica of mainnet at http:\/\/127\.0\.0\.1:\d+, chain 31337/);
  assert.match(said, /generated shape/);
  assert.ok(said.includes(MAINNET_ADDRESSES.pools["USDC/WETH-0.05%"]));
  child.kill("SIGINT");
  const [code] = (await once(child, "exit")) as [number];
  assert.equal(code, 0);
});

test("With --json it prints one object with the same addresses.", async () => {
  const child = spawn(process.execPath, [script, "--generated", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  const said = JSON.parse(chunk.toString());
  assert.equal(said.chainId, 31337);
  assert.deepEqual(said.addresses, MAINNET_ADDRESSES);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("Help says what it does and starts nothing.", async () => {
  const child = spawn(process.execPath, [script, "--help"], { stdio: ["ignore", "pipe", "inherit"] });
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  assert.match(chunk.toString(), /^Usage: node scripts\/replica\.ts/);
  assert.deepEqual(await once(child, "exit"), [0, null]);
});
