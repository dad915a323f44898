import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { jsonFile } from "../../keeper/journal/files.ts";
import type { Alert, AlertMessage } from "../../keeper/runtime/alertMessage.ts";
import { createNotifier, ping, postJson } from "../../keeper/runtime/notifier.ts";
import { alertReceiver } from "../support/alertReceiver.ts";
import { deadAddress, loopback } from "../support/loopback.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const STALE: Alert = {
  name: "TonsorMarketHalted",
  about: { market: "WETH" },
  severity: "critical",
  reason: "50 min old",
};
const LOW: Alert = { name: "TonsorBalanceLow", about: {}, severity: "warning", reason: "0.01 ETH" };
const BEGAN = 1_770_000_000;

type Options = Parameters<typeof createNotifier>[0];
const forgetful = { recall: async () => null, keep: async () => undefined };
const settings = { repeatSeconds: 600, whose: { chain_id: "1" }, page: "http://127.0.0.1:8640/", memory: forgetful };

/** A notifier as `update` is called where an earlier process told nothing. */
function notifierOf(options: Pick<Options, "post" | "now"> & Partial<Options>) {
  const notifier = createNotifier({ ...settings, ...options });
  return {
    close: notifier.close,
    update: (alerts: readonly Alert[], isSettled = true) => notifier.update(alerts, isSettled),
  };
}

async function world() {
  const clock = { now: BEGAN };
  const { taken, texts, told, state, url, close } = await alertReceiver();
  const file = join(temporaryFolder(), "alerts.json");
  /** A process that begins, with what is in the state folder. */
  const begin = () =>
    notifierOf({
      post: (message) => postJson(url, message, (text) => text),
      now: () => clock.now,
      memory: jsonFile(file),
    });
  return { clock, notifier: begin(), begin, told, taken, texts, state, file, close };
}

test("an alert is told once when it begins and once when it has ended, however often it is looked at", async () => {
  const { notifier, told, close, clock } = await world();
  for (let look = 0; look < 5; look += 1, clock.now += 60) await notifier.update([STALE]);
  assert.deepEqual(told(), ["firing TonsorMarketHalted WETH"]);
  for (let look = 0; look < 5; look += 1) await notifier.update([]);
  assert.deepEqual(told(), ["resolved TonsorMarketHalted WETH"]);
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
    taken.flatMap(({ alerts }) => alerts.map((one) => [Date.parse(one.startsAt) / 1_000, one.annotations["summary"]])),
    [
      [BEGAN, "50 min old"],
      [BEGAN, "60 min old"],
    ],
  );
  await close();
});

test("two alerts, and two of one name about different things, are told apart", async () => {
  const { notifier, told, close } = await world();
  const bitcoin = { ...STALE, about: { market: "WBTC" } };
  await notifier.update([STALE, LOW]);
  await notifier.update([STALE, LOW, bitcoin]);
  await notifier.update([bitcoin]);
  assert.deepEqual(told(), [
    "firing TonsorMarketHalted WETH",
    "firing TonsorBalanceLow",
    "firing TonsorMarketHalted WBTC",
    "resolved TonsorMarketHalted WETH",
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
  assert.deepEqual(told(), ["firing TonsorMarketHalted WETH"], "what ended untold ends without a word");
  state.up = false;
  await notifier.update([]);
  state.up = true;
  clock.now += 5;
  await notifier.update([]);
  assert.deepEqual(told(), ["resolved TonsorMarketHalted WETH"]);
  await close();
});

test("a receiver that hangs is told the newest state and nothing of what came between, and nothing after the end", async () => {
  const posted: string[] = [];
  const answers: ((taken: boolean) => void)[] = [];
  const post = ({ status, alerts }: AlertMessage) => {
    posted.push(`${status} ${alerts[0]?.annotations["summary"]}`);
    return new Promise<boolean>((resolve) => answers.push(resolve));
  };
  const notifier = notifierOf({ post, now: () => 0, repeatSeconds: 0 });
  const updates = Array.from({ length: 1_000 }, (_, n) => notifier.update([{ ...STALE, reason: String(n) }]));
  while (posted.length === 0) await new Promise(setImmediate);
  assert.deepEqual(posted, ["firing 0"]);
  answers[0]?.(true);
  while (posted.length === 1) await new Promise(setImmediate);
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
  const notifier = notifierOf({ post, now: () => clock.now });
  for (; clock.now < 1_500; clock.now += 1) await notifier.update([STALE, LOW]);
  assert.deepEqual(posts, [0, 5, 15, 35, 75, 155, 315, 615, 915, 1_215]);
  clock.now = -1_000_000;
  await notifier.update([STALE]);
  assert.equal(posts.length, 11);
});

test("looks that overlap a slow webhook tell nothing twice", async () => {
  const { notifier, told, close } = await world();
  await Promise.all([notifier.update([STALE]), notifier.update([STALE]), notifier.update([STALE])]);
  assert.deepEqual(told(), ["firing TonsorMarketHalted WETH"]);
  await close();
});

test("a message is Alertmanager's of a group of one, with words for a chat, and the time of the end once it has ended", async () => {
  const { notifier, taken, texts, clock, close } = await world();
  await notifier.update([STALE]);
  clock.now += 90;
  await notifier.update([]);
  const labels = { alertname: "TonsorMarketHalted", severity: "critical", market: "WETH", chain_id: "1" };
  const runbook = "deployments/service/RUNBOOK.md#tonsormarkethalted";
  const annotations = { summary: "50 min old", runbook };
  const page = settings.page;
  const one = { labels, annotations, startsAt: "2026-02-02T02:40:00.000Z", generatorURL: page };
  const group = { groupLabels: labels, commonLabels: labels, commonAnnotations: annotations, externalURL: page };
  const groupKey = '{}:{alertname="TonsorMarketHalted", chain_id="1", market="WETH", severity="critical"}';
  // As the real Alertmanager has it: alertmanager.e2e.test.ts.
  const fingerprint = "001c53f0477de7f1";
  const message = (status: string, endsAt: string) => ({
    ...{ version: "4", groupKey, truncatedAlerts: 0, status, receiver: "tonsor", ...group },
    alerts: [{ status, ...one, endsAt, fingerprint }],
  });
  assert.deepEqual(taken, [message("firing", "0001-01-01T00:00:00Z"), message("resolved", "2026-02-02T02:41:30.000Z")]);
  assert.deepEqual(texts, [
    "critical: TonsorMarketHalted: 50 min old. market WETH, chain_id 1",
    "critical: TonsorMarketHalted: has ended. market WETH, chain_id 1",
  ]);
  await close();
});

test("after a restart what lasts is not told anew, and what has ended is told once everything has been judged", async () => {
  const { begin, notifier, told, clock, taken, close } = await world();
  await notifier.update([STALE, LOW]);
  notifier.close();
  assert.deepEqual(told(), ["firing TonsorMarketHalted WETH", "firing TonsorBalanceLow"]);
  clock.now += 60;
  const next = begin();
  await next.update([], false);
  await next.update([LOW], false);
  await next.update([], false);
  assert.deepEqual(told(), ["resolved TonsorBalanceLow"], "what this process has seen ends as ever");
  clock.now += 60;
  await next.update([], true);
  assert.deepEqual(
    [taken[0]?.alerts[0]?.startsAt, taken[0]?.alerts[0]?.endsAt].map((at) => Date.parse(at ?? "") / 1_000),
    [BEGAN, BEGAN + 120],
  );
  assert.deepEqual(told(), ["resolved TonsorMarketHalted WETH"]);
  await begin().update([], true);
  assert.deepEqual(told(), []);
  await close();
});

test("what lasts over a restart is told again at its time, with when it began", async () => {
  const { begin, notifier, taken, clock, close } = await world();
  await notifier.update([STALE]);
  clock.now += 599;
  const next = begin();
  await next.update([STALE]);
  assert.equal(taken.length, 1);
  clock.now += 1;
  await next.update([STALE]);
  assert.deepEqual(
    taken.map(({ alerts }) => Date.parse(alerts[0]?.startsAt ?? "") / 1_000),
    [BEGAN, BEGAN],
  );
  await close();
});

test("an alert that a crash left between its message and the note of it is told to have ended, one never delivered is not", async () => {
  const { begin, told, file, state, clock, close } = await world();
  const kept: unknown[] = [];
  const crashing = notifierOf({
    post: async () => {
      kept.push(await jsonFile(file).recall());
      return new Promise<boolean>(() => {});
    },
    now: () => clock.now,
    memory: jsonFile(file),
  });
  void crashing.update([STALE]);
  while (kept.length === 0) await new Promise(setImmediate);
  assert.equal((kept[0] as unknown[]).length, 1, "written down before it is told");
  state.up = false;
  await begin().update([LOW]);
  const next = begin();
  await next.update([STALE, LOW]);
  state.up = true;
  clock.now += 400;
  await begin().update([], true);
  assert.deepEqual(told(), ["resolved TonsorMarketHalted WETH"]);
  await close();
});

test("a file that is none, or of another form, is as good as no memory", async () => {
  const { begin, told, file, close } = await world();
  for (const text of ["", "{", "null", '[{"labels":7}]', '"x"']) {
    writeFileSync(file, text);
    await begin().update([LOW], true);
    assert.deepEqual(told(), ["firing TonsorBalanceLow"], text);
  }
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
