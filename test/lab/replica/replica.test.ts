import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { holdPort } from "../../../keeper/operations/holdPort.ts";
import { MAINNET_ADDRESSES } from "../../../scripts/lab/replica/addresses.ts";
import { replicaClient } from "../../../scripts/lab/replica/node.ts";
import { runScript } from "../../support/runScript.ts";

const script = fileURLToPath(new URL("../../../scripts/replica.ts", import.meta.url));

test("The script prints where everything is and ends cleanly on Ctrl-C.", async () => {
  const child = spawn(process.execPath, [script, "--generated", "--port", "0"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
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
  const child = spawn(process.execPath, [script, "--generated", "--json", "--port", "0"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  const said = JSON.parse(chunk.toString());
  assert.equal(said.chainId, 31337);
  assert.deepEqual(said.addresses, MAINNET_ADDRESSES);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("With --block-time blocks go on without any transaction.", async () => {
  const child = spawn(process.execPath, [script, "--generated", "--json", "--port", "0", "--block-time", "1"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [chunk] = (await once(child.stdout, "data")) as [Buffer];
  const { url, chainId } = JSON.parse(chunk.toString());
  const client = replicaClient(url, chainId);
  const first = await client.getBlockNumber();
  while ((await client.getBlockNumber()) < first + 2n) await setTimeout(100);
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

test("Help says what it does and starts nothing.", async () => {
  const { code, out } = await runScript("replica.ts", ["--help"]);
  assert.match(out, /^Usage: node scripts\/replica\.ts/);
  assert.equal(code, 0);
});

for (const [words, what] of [
  [["--port", "eighty"], /field --port; given "eighty"; expected a whole number in \[0, 65535\]/],
  [["--port", "70000"], /field --port; given "70000"/],
  [["--timestamp", "1769572850"], /field --timestamp; given "1769572850"; expected YYYY-MM-DD\[THH:MM:SSZ\]/],
  [["--block-time", "0"], /field --block-time; given "0"; expected a whole number in \[1, 60\]/],
  [["--prot", "1"], /BAD_ARGUMENT: .*--prot.*; --help shows what is expected/],
] as const) {
  test(`${words.join(" ")} is answered by one line that says what was expected, and exit code 1.`, async () => {
    const { code, err } = await runScript("replica.ts", words);
    assert.equal(code, 1);
    assert.match(err, what);
    assert.doesNotMatch(err, /\n\s+at /);
  });
}

test("A busy port is refused before anything is compiled.", async () => {
  const held = await holdPort(0, "--port");
  const { code, err } = await runScript("replica.ts", ["--port", String(held.port)]);
  assert.equal(code, 1);
  assert.match(err, new RegExp(`^BAD_ARGUMENT: port ${held.port} is in use by another program`));
  await held.release();
});
