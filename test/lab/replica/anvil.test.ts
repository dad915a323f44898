import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { spawnAnvil } from "../../../scripts/lab/replica/anvil.ts";

/** A process that has ended and only waits to be collected by init is not running. */
function running(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, "utf8"));
}

async function goneWithin(pid: number, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await setTimeout(20)) if (!running(pid)) return true;
  return !running(pid);
}

async function rpc(url: string, method: string): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: [] });
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return ((await answer.json()) as { result: unknown }).result;
}

test("Two nodes get a port each, answer with their chain id, and are gone after close; closing twice is harmless.", async () => {
  const nodes = await Promise.all([spawnAnvil({ chainId: 31337 }), spawnAnvil({ chainId: 1337, timestamp: 1e9 })]);
  try {
    assert.notEqual(nodes[0].url, nodes[1].url);
    assert.equal(await rpc(nodes[0].url, "eth_chainId"), "0x7a69");
    assert.equal(await rpc(nodes[1].url, "eth_chainId"), "0x539");
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
  }
  await nodes[0].close();
  for (const { pid } of nodes) assert.equal(running(pid), false);
});

test("A port that is taken is an error that repeats what the node said.", async () => {
  const first = await spawnAnvil({ chainId: 31337 });
  try {
    const port = Number(new URL(first.url).port);
    await assert.rejects(spawnAnvil({ chainId: 31337, port }), {
      name: "TonsorError",
      code: "RPC_FAILED",
      message: /in use/i,
    });
  } finally {
    await first.close();
  }
});

for (const signal of ["SIGKILL", "SIGINT", "SIGTERM"] as const) {
  test(`The node dies with its parent, also when that ends by ${signal}.`, async () => {
    const module = new URL("../../../scripts/lab/replica/anvil.ts", import.meta.url);
    const script = `const { spawnAnvil } = await import(${JSON.stringify(module.href)});
      const { pid } = await spawnAnvil({ chainId: 31337 });
      console.log(pid);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(chunk.toString());
    assert.ok(running(pid));
    parent.kill(signal);
    await once(parent, "exit");
    assert.ok(await goneWithin(pid, 5_000), `node ${pid} outlived its parent`);
  });
}

test("A parent that only forgets to close can still end.", async () => {
  const module = new URL("../../../scripts/lab/replica/anvil.ts", import.meta.url);
  const script = `const { spawnAnvil } = await import(${JSON.stringify(module.href)});
    console.log((await spawnAnvil({ chainId: 31337 })).pid);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [[chunk], [code]] = (await Promise.all([once(parent.stdout, "data"), once(parent, "exit")])) as [
    [Buffer],
    [number],
  ];
  assert.equal(code, 0);
  assert.ok(await goneWithin(Number(chunk.toString()), 5_000));
});
