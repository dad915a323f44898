import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { holdPort } from "../../../keeper/operations/holdPort.ts";
import { MAINNET_ADDRESSES } from "../../../scripts/lab/replica/addresses.ts";
import { replicaClient } from "../../../scripts/lab/replica/node.ts";
import { type Child, startLab } from "../../support/child.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { lab } from "./harness.ts";

/** `lab replica --generated` on a free port, once it has said where it is. */
async function started(t: { after(close: () => void): void }, ...words: readonly string[]): Promise<Child> {
  const child = startLab(["replica", "--generated", "--port", "0", ...words]);
  t.after(() => child.kill("SIGKILL"));
  await child.until(({ out }) => out.endsWith("\n") && /127\.0\.0\.1:\d+/.test(out), "where it is");
  return child;
}

test("replica prints where everything is and ends with 0 on Ctrl-C", async (t) => {
  const child = await started(t);
  const { out } = child.said();
  // npm passes a Ctrl-C on that the terminal gave to all: two signals are one.
  setImmediate(() => child.kill("SIGINT"));
  assert.match(out, /Mainnet replica at http:\/\/127\.0\.0\.1:\d+, chain 31337/);
  assert.match(out, /generated shape/);
  assert.ok(out.includes(MAINNET_ADDRESSES.pools["USDC/WETH-0.05%"]));
  child.kill("SIGINT");
  assert.equal((await child.ended).code, 0);
});

test("replica --json prints one line with the same addresses; --block-time makes blocks without any transaction", async (t) => {
  const child = await started(t, "--json", "--block-time", "1");
  const { url, chainId, addresses } = JSON.parse(child.said().out);
  assert.equal(chainId, 31337);
  assert.deepEqual(addresses, MAINNET_ADDRESSES);
  const client = replicaClient(url, chainId);
  const first = await client.getBlockNumber();
  while ((await client.getBlockNumber()) < first + 2n) await setTimeout(100);
  child.kill("SIGTERM");
  assert.equal((await child.ended).code, 0);
});

test("replica ends with its node, and says so", async (t) => {
  const child = await started(t);
  const pid = Number(/node process (\d+)/.exec(child.said().out)?.[1]);
  process.kill(pid, "SIGKILL");
  assert.equal((await child.ended).code, 75);
  assert.match(child.said().err, new RegExp(`RPC_FAILED: the node ended, process ${pid}`));
});

test("a replica of a recorded minute stands still however long nobody sends anything, so that shells may be minutes apart", async (t) => {
  const child = await started(t, "--json", "--timestamp", "2026-01-28T04:00:50Z");
  const { url, chainId } = JSON.parse(child.said().out);
  const client = replicaClient(url, chainId);
  const { timestamp } = await client.getBlock();
  await setTimeout(2_500);
  await client.mine({ blocks: 1 });
  assert.equal((await client.getBlock()).timestamp, timestamp + 1n);
});

for (const [words, what] of [
  ["--port eighty", /field --port, given "eighty", expected a whole number in \[0, 65535\]/],
  ["--port 70000", /field --port, given "70000"/],
  ["--timestamp yesterday", /field --timestamp, given "yesterday", expected 2026-02-05, /],
  ["--block-time 0", /field --block-time, given "0", expected a whole number in \[1, 60\]/],
  ["--prot 1", /unknown option of lab replica\n.*"--prot".*did you mean --port\?/],
] as const) {
  test(`replica ${words} is answered by one error that says what was expected, and exit code 1`, async () => {
    const { code, out, err } = await lab(`replica ${words}`);
    assert.deepEqual([code, out], [1, ""]);
    assert.match(err, what);
  });
}

test("a busy port is refused before anything is compiled", async () => {
  const held = await holdPort(0, "--port");
  const { code, err } = await lab(`replica --port ${held.port}`);
  assert.equal(code, 1);
  assert.match(err, new RegExp(`^error BAD_ARGUMENT: port ${held.port} is in use by another program`));
  await held.release();
});

test("Ctrl-C ends a command that computes without a pause", async () => {
  const child = startLab(["museum", "2026-03-10-capo", "2026-04-18-rseth", "--out", temporaryFolder()]);
  await child.until(({ out, err }) => /museum|2026/.test(out + err), "that it began");
  child.kill("SIGINT");
  const { code, out } = await child.ended;
  assert.deepEqual([code, out], [null, ""], "the signal itself ended it");
});
