import assert from "node:assert/strict";
import { test } from "node:test";
import { type Alert, createNotifier, ping, postJson } from "../../keeper/runtime/notifier.ts";
import { deadAddress, loopback } from "../support/loopback.ts";

type Notification = Parameters<Parameters<typeof createNotifier>[0]["post"]>[0];

const STALE: Alert = { name: "TonsorValueStale", about: "WETH", severity: "critical", reason: "50 min old" };
const LOW: Alert = { name: "TonsorBalanceLow", about: "", severity: "warning", reason: "0.01 ETH" };

/** A webhook on loopback that takes notifications while it is `up`. */
async function receiver() {
  const taken: Notification[] = [];
  const state = { up: true };
  const server = await loopback((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString("utf8");
    });
    request.on("end", () => {
      if (state.up) taken.push(JSON.parse(body) as Notification);
      response.writeHead(state.up ? 204 : 503).end();
    });
  });
  return { taken, state, server };
}

async function world() {
  const clock = { now: 1_770_000_000 };
  const { taken, state, server } = await receiver();
  const post = (note: Notification) => postJson(server.url, note, (text) => text);
  const notifier = createNotifier({ post, now: () => clock.now, repeatSeconds: 600, keeper: "chain 1" });
  const told = () => taken.splice(0).map(({ name, about, state }) => `${state} ${name} ${about}`.trim());
  return { clock, notifier, told, taken, state, close: () => server.close() };
}

test("an alert is told once when it begins and once when it has ended, however often it is looked at", async () => {
  const { notifier, told, close, clock } = await world();
  for (let look = 0; look < 5; look += 1, clock.now += 60) await notifier.update([STALE]);
  assert.deepEqual(told(), ["firing TonsorValueStale WETH"]);
  for (let look = 0; look < 5; look += 1) await notifier.update([]);
  assert.deepEqual(told(), ["resolved TonsorValueStale WETH"]);
  await close();
});

test("what lasts is told again after the time for that, with when it began", async () => {
  const { notifier, taken, clock, close } = await world();
  await notifier.update([STALE]);
  clock.now += 599;
  await notifier.update([STALE]);
  assert.equal(taken.length, 1);
  clock.now += 1;
  await notifier.update([{ ...STALE, reason: "60 min old" }]);
  assert.deepEqual(
    taken.map(({ since, reason }) => [since - 1_770_000_000, reason]),
    [
      [0, "50 min old"],
      [0, "60 min old"],
    ],
  );
  await close();
});

test("two alerts, and two of one name about different things, are told apart", async () => {
  const { notifier, told, close } = await world();
  const bitcoin = { ...STALE, about: "WBTC" };
  await notifier.update([STALE, LOW]);
  await notifier.update([STALE, LOW, bitcoin]);
  await notifier.update([bitcoin]);
  assert.deepEqual(told(), [
    "firing TonsorValueStale WETH",
    "firing TonsorBalanceLow",
    "firing TonsorValueStale WBTC",
    "resolved TonsorValueStale WETH",
    "resolved TonsorBalanceLow",
  ]);
  await close();
});

test("a webhook that was down is told when it is back, of what then still holds", async () => {
  const { notifier, told, state, clock, close } = await world();
  state.up = false;
  await notifier.update([STALE, LOW]);
  state.up = true;
  clock.now += 5;
  await notifier.update([STALE]);
  assert.deepEqual(told(), ["firing TonsorValueStale WETH"], "what ended untold ends without a word");
  state.up = false;
  await notifier.update([]);
  state.up = true;
  clock.now += 5;
  await notifier.update([]);
  assert.deepEqual(told(), ["resolved TonsorValueStale WETH"]);
  await close();
});

test("a receiver that hangs is told the newest state and nothing of what came between, and nothing after the end", async () => {
  const posted: string[] = [];
  const answers: ((taken: boolean) => void)[] = [];
  const post = (note: Notification) => {
    posted.push(`${note.state} ${note.reason}`);
    return new Promise<boolean>((resolve) => answers.push(resolve));
  };
  const notifier = createNotifier({ post, now: () => 0, repeatSeconds: 0, keeper: "" });
  const updates = Array.from({ length: 1_000 }, (_, n) => notifier.update([{ ...STALE, reason: String(n) }]));
  assert.deepEqual(posted, ["firing 0"]);
  answers[0]?.(true);
  await new Promise(setImmediate);
  assert.deepEqual(posted, ["firing 0", "firing 999"]);
  void notifier.update([STALE, LOW]);
  notifier.close();
  answers[1]?.(true);
  await Promise.all(updates);
  assert.equal(posted.length, 2);
});

test("a receiver that fails is left alone for longer and longer, five minutes at most, whatever the clock does", async () => {
  const [clock, posts] = [{ now: 0 }, [] as number[]];
  const post = async () => {
    posts.push(clock.now);
    return false;
  };
  const notifier = createNotifier({ post, now: () => clock.now, repeatSeconds: 600, keeper: "" });
  for (; clock.now < 1_500; clock.now += 1) await notifier.update([STALE, LOW]);
  assert.deepEqual(posts, [0, 5, 15, 35, 75, 155, 315, 615, 915, 1_215]);
  clock.now = -1_000_000;
  await notifier.update([STALE]);
  assert.equal(posts.length, 11);
});

test("looks that overlap a slow webhook tell nothing twice", async () => {
  const { notifier, told, close } = await world();
  await Promise.all([notifier.update([STALE]), notifier.update([STALE]), notifier.update([STALE])]);
  assert.deepEqual(told(), ["firing TonsorValueStale WETH"]);
  await close();
});

test("a notification has words for a chat and the section of the runbook", async () => {
  const { notifier, taken, close } = await world();
  await notifier.update([STALE]);
  assert.deepEqual(taken[0], {
    ...STALE,
    state: "firing",
    since: 1_770_000_000,
    runbook: "deployments/service/RUNBOOK.md#tonsorvaluestale",
    text: "critical: TonsorValueStale (WETH): 50 min old. chain 1",
  });
  await close();
});

test("a call that is refused, redirected or answered with an error is no delivery, and none of them throws", async () => {
  const ill = await loopback((_, response) => response.writeHead(500).end("no"));
  const elsewhere = await loopback((_, response) => response.writeHead(302, { location: ill.url }).end());
  const well = await loopback((_, response) => response.writeHead(200).end("ok"));
  for (const [url, taken] of [
    [await deadAddress(), false],
    [ill.url, false],
    [elsewhere.url, false],
    [well.url, true],
  ] as const) {
    assert.deepEqual([await ping(url), await postJson(url, {}, (text) => text)], [taken, taken]);
  }
  assert.deepEqual(ill.requests, ["/", "/"], "no redirect was followed");
  await Promise.all([ill.close(), elsewhere.close(), well.close()]);
});
