import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import type { ChainView } from "../../keeper/domain/cycle.ts";
import { rampWebhook } from "../../keeper/operations/rampWebhook.ts";
import { postJson } from "../../keeper/runtime/notifier.ts";
import { calmMarket } from "../support/onChain.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const NOW = 1_769_558_400;
const calm = calmMarket(NOW);
/** The contract with each market's maintenance on its way from 1 900 bp to a target. */
const towards = (...targets: readonly number[]): ChainView => ({
  ...{
    chainId: 1,
    contract: `0x${"5f".repeat(20)}`,
    blockNumber: 8n,
    blockTime: NOW,
    baseFee: 1n,
    writer: calm.writer,
  },
  markets: new Map(
    targets.map((maintenanceTargetBps, i) => [`M${i}`, { ...calm, marketId: i + 1, maintenanceTargetBps }]),
  ),
});

function world(file = join(temporaryFolder(), "ramps.json")) {
  const clock = { ms: 0 };
  const told: { market: string; toBps: number; text: string; firstMoveAt: number; reachedAt: number }[] = [];
  const receiver = { accepts: async () => true };
  const post = async (one: (typeof told)[number]) => {
    const isAccepted = await receiver.accepts();
    if (isAccepted) told.push(one);
    return isAccepted;
  };
  const tell = rampWebhook(file, post as never, () => clock.ms);
  const names = () => told.splice(0).map(({ market, toBps }) => `${market} ${toBps}`);
  return { file, clock, told, receiver, tell, names };
}

test("each ramp is told once, when it begins and when its target turns, and again when it comes a second time", async () => {
  const { tell, told, names } = world();
  await tell(null);
  await tell(towards(1_950, 1_900));
  const [ramp] = told;
  assert.match(
    ramp?.text ?? "",
    /^M0: maintenance rises from 19.00 % to 19.50 %, at the earliest from 2026-01-28T\S+Z to 2026-02-0\S+Z. chain 1, 0x5f/,
  );
  assert.ok((ramp?.reachedAt ?? 0) > (ramp?.firstMoveAt ?? 0) && (ramp?.firstMoveAt ?? 0) > NOW);
  assert.equal("points" in (ramp ?? {}), false);
  assert.deepEqual(names(), ["M0 1950"]);
  for (const [targets, news] of [
    [[1_950, 1_900], []],
    [
      [1_960, 1_890],
      ["M0 1960", "M1 1890"],
    ],
    [[1_960, 1_900], []],
    [[1_960, 1_890], ["M1 1890"]],
  ] as const) {
    await tell(towards(...targets));
    assert.deepEqual(names(), news);
  }
});

test("a restart tells nothing twice; without its file, or with another thing in it, it tells again", async () => {
  const first = world();
  await first.tell(towards(1_950));
  assert.deepEqual(JSON.parse(readFileSync(first.file, "utf8")), { 1: 1_950 });
  const again = world(first.file);
  await again.tell(towards(1_950));
  assert.deepEqual(again.names(), []);
  for (const wrong of ["{", "[]", "null", '{"1":"1950"}', null]) {
    if (wrong === null) rmSync(first.file);
    else writeFileSync(first.file, wrong);
    const lost = world(first.file);
    await lost.tell(towards(1_950));
    assert.deepEqual(lost.names(), ["M0 1950"], String(wrong));
  }
  const nowhere = world(join(temporaryFolder(), "none", "ramps.json"));
  await nowhere.tell(towards(1_950));
  await nowhere.tell(towards(1_950));
  assert.deepEqual(nowhere.names(), ["M0 1950"], "a folder that is gone ends nothing");
});

test("what is not accepted is told a minute later, and one that hangs is asked once", async () => {
  const { tell, names, clock, receiver } = world();
  let asked = 0;
  receiver.accepts = async () => {
    asked += 1;
    return Promise.reject(new Error("down"));
  };
  await tell(towards(1_950, 1_960));
  assert.equal(asked, 1, "one refusal is enough to rest");
  receiver.accepts = async () => true;
  clock.ms = 59_999;
  await tell(towards(1_950, 1_960));
  assert.deepEqual(names(), []);
  clock.ms = 60_000;
  let letGo = () => {};
  receiver.accepts = () =>
    new Promise<boolean>((done) => {
      letGo = () => done(true);
    });
  const hanging = tell(towards(1_950));
  await tell(towards(1_950));
  await new Promise((done) => setTimeout(done, 20));
  receiver.accepts = async () => true;
  letGo();
  await hanging;
  assert.deepEqual(names(), ["M0 1950"]);
});

test("what goes out is the JSON of one ramp, cleaned", async (t) => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (chunk: string) => bodies.push(chunk));
    request.on("end", () => response.end());
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const clean = (text: string) => text.replaceAll("M0", "M-zero");
  const tell = rampWebhook(
    join(temporaryFolder(), "ramps.json"),
    (told) => postJson(url, told, clean),
    () => 0,
  );
  await tell(towards(1_950));
  const { text, ...sent } = JSON.parse(bodies.join("")) as Record<string, unknown>;
  assert.match(String(text), /^M-zero: maintenance rises/);
  assert.deepEqual(Object.keys(sent), [
    ...["form", "chainId", "contract", "blockNumber", "time", "market", "marketId", "fromBps", "toBps"],
    ...["bpsPer30Days", "minGapBps", "freshUntil", "firstMoveAt", "reachedAt"],
  ]);
});
