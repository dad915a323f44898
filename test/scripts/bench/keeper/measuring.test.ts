import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { startBareProcesses } from "../../../../scripts/bench/keeper/bareProcesses.ts";
import { memoryOf } from "../../../../scripts/bench/keeper/processMemory.ts";
import { serviceEnvironment } from "../../../../scripts/bench/keeper/serviceEnvironment.ts";
import { watchTraffic } from "../../../../scripts/bench/keeper/traffic.ts";
import { httpFaultProxy } from "../../../chaos/support/httpFaultProxy.ts";
import { within } from "../../../chaos/support/running.ts";
import { loopback } from "../../../support/loopback.ts";

const linux = process.platform === "linux" ? false : "memory is read from Linux's /proc";

describe("what the keeper's bench measures with", () => {
  it("starts keepers under the flags of the systemd unit, which are those of `npm run keeper`", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("../../../../package.json", import.meta.url), "utf8")) as {
      scripts: Record<string, string>;
    };
    const { NODE_OPTIONS: flags, ...others } = serviceEnvironment();
    assert.equal(`node ${flags} keeper/main.ts run`, scripts["keeper"]);
    assert.deepEqual(Object.keys(others), ["MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"]);
  });

  it("sees what a process takes, and no more as its own than as resident", { skip: linux }, () => {
    const before = memoryOf(process.pid);
    const taken = Buffer.alloc(64 * 2 ** 20, 1);
    const after = memoryOf(process.pid);
    assert.ok(after.rss - before.rss > 48, `${before.rss} to ${after.rss} MB with ${taken.length} bytes more`);
    assert.ok(after.pss - before.pss > 48);
    assert.ok(after.pss <= after.rss);
  });

  it("has bare processes beside the keeper: node, a client that asks, a timer that tells how late it was", {
    skip: linux,
  }, async () => {
    let asked = 0;
    const node = await loopback((_request, response) => {
      asked += 1;
      response.end('{"jsonrpc":"2.0","id":1,"result":"0x1"}');
    });
    const bare = startBareProcesses({}, node.url);
    try {
      assert.ok(await within(60, () => asked > 0));
      const { node: idle, client } = bare.memory();
      assert.ok(idle.rss > 10 && client.rss > idle.rss, `${idle.rss} and ${client.rss} MB`);
    } finally {
      const late = await bare.end();
      assert.ok(late.length >= 1 && late.every(Number.isFinite), String(late));
      await node.close();
    }
  });

  it("counts calls one by one, requests and bytes, without the questions of a replay's clock, and hears a sending", async () => {
    const answer = '{"result":1}';
    const target = await loopback((request, response) => {
      request.resume();
      response.end(answer);
    });
    const [node, venue] = [await httpFaultProxy(target.url), await httpFaultProxy(target.url)];
    let sends = 0;
    const traffic = watchTraffic([node], venue, () => {
      sends += 1;
    });
    const post = async (body: string) => (await fetch(node.url, { method: "POST", body })).text();
    try {
      const three = '[{"method":"eth_call"},{"method":"eth_call"},{"method":"eth_getBlockByNumber"}]';
      const send = '{"method":"eth_sendRawTransaction"}';
      assert.equal(await post(three), answer);
      await post(send);
      const head = '[{"method":"eth_chainId"},{"method":"eth_getBlockByNumber"}]';
      for (let asked = 0; asked < 5; asked++) await post(head);
      await (await fetch(`${venue.url}/boards`)).text();
      assert.equal(sends, 1);
      const asked = three.length + send.length + "/boards".length + head.length;
      const [bytes, packedBytes] = [asked + 4 * answer.length, asked + 4 * gzipSync(answer).length];
      // Of the newest block one question a tick is the look's, the others are the clock's.
      assert.deepEqual(traffic.take(1), { rpcCalls: 6, rpcRequests: 3, venueRequests: 1, bytes, packedBytes });
      await post(three);
      assert.equal(traffic.take(2).rpcCalls, 1.5);
    } finally {
      await Promise.all([node.close(), venue.close(), target.close()]);
    }
  });
});
