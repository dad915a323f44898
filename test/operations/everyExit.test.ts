import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { toJson } from "../../keeper/cli/output.ts";
import { postCosign, startCosignServer } from "../../keeper/cosign/wire.ts";
import type { Operations } from "../../keeper/dashboard/operations.ts";
import { startDashboard } from "../../keeper/dashboard/server.ts";
import { createStatusBook } from "../../keeper/dashboard/statusBook.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { redact } from "../../keeper/domain/words.ts";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { openJournal } from "../../keeper/journal/journal.ts";
import { startAdminServer } from "../../keeper/runtime/adminServer.ts";
import { cleanCalls, cleanEvidence } from "../../keeper/runtime/clean.ts";
import { createLogger, secretsOf } from "../../keeper/runtime/logger.ts";
import { postJson } from "../../keeper/runtime/notifier.ts";
import { IDENTITY, NOW } from "../journal/sample.ts";
import { loopback } from "../support/loopback.ts";
import { onePiece } from "../support/packed.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const PASSWORD = 'canary-keystore pass"word\\';
const COSIGN = "canary-cosign-secret-of-more-than-32-letters";
const CONFIG = {
  privateKey: `0x${"c0ffee".repeat(10)}beef`,
  rpcUrls: [
    "https://canary-user:canary%2Dpassw0rd@node.example/v3/canary-key-in-path?apikey=canary-key-in-query",
    "https://second.example/canary-key-of-the-second",
  ],
  mainnetRpcUrl: "https://archive.example/canary-key-of-the-archive",
  privateRelayUrl: "https://relay.example/canary-key-of-the-relay",
  redisUrl: "redis://:canary-redis-password@queue.example:6379/0",
  adminToken: "canary-admin-token-20",
  alertWebhookUrl: "https://hooks.example/services/canary-hook",
  rampWebhookUrl: "https://hooks.example/services/canary-ramp",
  deadmanUrl: "https://ping.example/canary-deadman",
} as const;
const SECRETS = [...secretsOf(CONFIG), PASSWORD, COSIGN];
const clean = (text: string) => redact(text, SECRETS);

/** What an error may repeat of each secret: as it is, in other letters, and inside a JSON string. */
const REPEATED = SECRETS.flatMap((secret) => [secret, secret.toUpperCase(), JSON.stringify(secret)]);
/** Every error at once, as libraries word them; the host stays, so that a person knows which one. */
const words = `request to node.example failed: ${REPEATED.join(" and ")}`;
const error = new TonsorError("RPC_FAILED", words, { given: words }, new Error(words));

function assertClean(exit: string, text: string): void {
  const lower = text.toLowerCase();
  assert.match(text, /\[secret\]/, `${exit} said nothing`);
  assert.ok(
    !lower.includes("canary") && !lower.includes("c0ffee"),
    `${exit}: ${/.{60}(?:canary|c0ffee).{60}/i.exec(text)?.[0] ?? text}`,
  );
  assert.match(text, /node\.example/, exit);
}

test("every form of every secret of the configuration is known", () => {
  assert.ok(SECRETS.length >= 20, String(SECRETS.length));
  for (const word of JSON.stringify(CONFIG).match(/canary[\w%-]+/g) ?? []) {
    assert.ok(!/canary/.test(clean(word)), word);
  }
});

test("log: message, fields, error, cause and stack", () => {
  let text = "";
  const log = createLogger({ level: "trace", secrets: SECRETS }, { write: (line: string) => (text += line) });
  log.error({ error, nested: [words] }, words);
  assertClean("log", text);
});

test("status page: snapshot, status, health, metrics", async (t) => {
  const head = { keeper: { state: "failed", message: words, cycles: 1, lastCycle: null }, data: { label: words } };
  const book = createStatusBook(head as unknown as Parameters<typeof createStatusBook>[0], async () => null);
  const operations = {
    live: () => ({ ok: false, reason: words }),
    ready: () => ({ ok: false, reason: words }),
    headline: () => ({ state: "failed", severity: "critical", message: words }),
    publicHeadline: () => ({ state: "failed", severity: "critical", message: words }),
    status: () => ({ lastError: words, alerts: [{ reason: words }] }),
    metrics: async () => ({ type: "text/plain", body: `# ${words}` }),
  } as unknown as Operations;
  const page = await startDashboard({ port: 0, host: "127.0.0.1", data: { ...book, operations }, clean });
  t.after(() => page.close());
  for (const path of ["api/status", "status", "live", "ready", "metrics"]) {
    assertClean(path, await (await fetch(page.url + path)).text());
  }
  const open = await startDashboard({
    port: 0,
    host: "127.0.0.1",
    data: { ...book, operations },
    clean,
    isPublic: true,
  });
  t.after(() => open.close());
  for (const path of ["api/status", "live", "ready"]) assertClean(path, await (await fetch(open.url + path)).text());
});

test("admin calls: what is answered, and what is refused", async (t) => {
  const token = CONFIG.adminToken;
  const facts = { field: "until", given: words, expected: words };
  const actions = {
    pause: () => ({ reason: words }),
    resume: () => {
      throw new TonsorError("BAD_ARGUMENT", words, facts);
    },
  };
  const server = await startAdminServer({ port: 0, token, clean }, actions);
  t.after(() => server.close());
  for (const path of ["pause", "resume"]) {
    const headers = { authorization: `Bearer ${token}` };
    assertClean(path, await (await fetch(server.url + path, { method: "POST", headers })).text());
  }
});

test("co-signing: an answer to a peer", async (t) => {
  const settings = { host: "127.0.0.1", port: 0, secret: COSIGN, now: () => NOW, clean };
  const server = await startCosignServer(settings, async () => ({ refused: { code: "X", detail: words } }));
  t.after(() => server.close());
  const signal = AbortSignal.timeout(10_000);
  assertClean("peer", JSON.stringify(await postCosign(server.url, "{}", { secret: COSIGN, time: NOW, signal })));
});

test("webhook: the body of an alert", async (t) => {
  let heard = "";
  const hook = await loopback(async (request, response) => {
    for await (const part of request) heard += String(part);
    response.end();
  });
  t.after(() => hook.close());
  assert.equal(await postJson(hook.url, { reason: words, text: words }, clean), true);
  assertClean("webhook", heard);
});

test("journal: ticks, failures, kill switches, in the file and its log", () => {
  const folder = temporaryFolder();
  const store = cleanCalls(openJournal(join(folder, "journal.sqlite"), IDENTITY), clean);
  const tick = store.recordTick({
    now: NOW,
    blockNumber: 1n,
    markets: [{ marketId: 1, market: "WETH", error: words }],
  });
  store.finishTick(tick, NOW, "failed", words);
  const read = store.recentTicks(1);
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1"));
  store.close();
  assertClean("ticks", toJson(read));
  for (const text of files) assert.ok(!/canary|c0ffee/i.test(text));
});

test("evidence: stored and hashed without a secret, and still what its hash says", async () => {
  const folder = temporaryFolder();
  const store = cleanEvidence(evidenceFolder(folder), clean);
  const hash = await store.put(onePiece(JSON.stringify({ detail: words })));
  assertClean("evidence", gunzipSync(readFileSync(join(folder, `${hash}.json.gz`))).toString());
  assert.match(new TextDecoder().decode(await store.get(hash)), /secret/);
});

test("terminal: a result, a note, an error of ours, an uncaught one; with a hostile escape in each", async () => {
  const at = (path: string) => JSON.stringify(new URL(`../../keeper/${path}`, import.meta.url).href);
  const program = `
    import { runProcess } from ${at("cli/process.ts")};
    import { TonsorError } from ${at("domain/errors.ts")};
    const { secrets, words } = JSON.parse(process.env.GIVEN);
    const command = {
      name: "fail", summary: "fails", examples: [], units: [],
      async run({ services, output }) {
        await services();
        output.note(words);
        output.result({ words }, () => words);
        if (process.env.UNCAUGHT) { setTimeout(() => { throw new Error(words); }); return new Promise((r) => setTimeout(r, 60_000)); }
        throw new TonsorError("RPC_FAILED", words, { field: words, given: words, expected: words });
      },
    };
    const spec = { name: "t", preamble: "", examples: [], jsonPage: "", commands: { command } };
    await runProcess(spec, process.argv.slice(1), async () => ({ secrets, close: async () => {} }));`;
  for (const [words_, more] of [
    [["fail"], {}],
    [["fail", "--json"], {}],
    [["fail"], { LOG_LEVEL: "debug" }],
    [["fail"], { UNCAUGHT: "1" }],
  ] as const) {
    const env = { GIVEN: JSON.stringify({ secrets: SECRETS, words: `${words}\u001b]0;owned\u0007` }), ...more };
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, ...words_], { env });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await once(child, "close");
    assertClean(`terminal ${words_.join(" ")}`, said);
    assert.ok(!said.includes("\u001b") && !said.includes("\u0007"), said);
  }
});
