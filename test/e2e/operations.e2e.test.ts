import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { parseAbi } from "viem";
import type { AlertMessage } from "../../keeper/runtime/alertMessage.ts";
import { writeKeystore } from "../../keeper/runtime/keystore.ts";
import { SERVED_BY } from "../../keeper/runtime/metricTable.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { write } from "../../scripts/lab/replica/node.ts";
import { documentedFields, fieldPaths, leaves } from "../cli/fieldPaths.ts";
import { askApi } from "../support/askApi.ts";
import { type Child, startTonsor } from "../support/child.ts";
import { cycleLines } from "../support/cycleLines.ts";
import { type Environment, type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
const PASSWORD = "canary-password-that-must-not-be-shown";
const TOKEN = "canary-token-of-the-admin-calls";

/** A service on loopback that hears webhook and dead man's calls. */
async function hearing() {
  const notes: AlertMessage[] = [];
  const pings: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString("utf8");
    });
    request.on("end", () => {
      if (request.method === "POST") notes.push(JSON.parse(body) as AlertMessage);
      else pings.push(request.url ?? "");
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return { notes, pings, url, close: () => server.close() };
}

/** A keeper as an operator runs it: keystore, probes, metrics, switches, alerts; and secrets that nobody ever sees. */
describe("a keeper in operation", () => {
  let world: KeeperWorld;
  let heard: Awaited<ReturnType<typeof hearing>>;
  let environment: Environment;
  let child: Child;
  let mirror: string;
  let started: { readonly page: string; readonly admin: string };
  const said: string[] = [];

  before(async () => {
    const [first = 0] = openReplaySource().source.instants(FROM, FROM + 86_400 * 5);
    world = await keeperWorld(first);
    heard = await hearing();
    const [keystore, password] = [join(world.folder, "keystore.json"), join(world.folder, "password")];
    await writeKeystore(keystore, PASSWORD, world.key);
    writeFileSync(password, `${PASSWORD}\n`, { mode: 0o600 });
    mirror = join(world.folder, "public");
    mkdirSync(mirror);
    environment = {
      TONSOR_MIRROR: mirror,
      KEEPER_PRIVATE_KEY: undefined,
      KEYSTORE_FILE: keystore,
      KEYSTORE_PASSWORD_FILE: password,
      TONSOR_ADMIN_TOKEN: TOKEN,
      ADMIN_PORT: "0",
      ALERT_WEBHOOK_URL: `${heard.url}/hook/canary-of-the-webhook`,
      DEADMAN_URL: `${heard.url}/ping/canary-of-the-ping`,
      LOG_LEVEL: "trace",
    };
    child = world.start("run --json", environment);
    await child.until(({ out }) => cycleLines(out).length >= 2, "two cycles");
    const line =
      child
        .said()
        .err.split("\n")
        .find((text) => text.includes('"msg":"keeper started"')) ?? "{}";
    started = JSON.parse(line) as typeof started;
  });
  after(async () => {
    heard?.close();
    await world?.close();
  });

  const get = async (path: string) => {
    const response = await askApi(new URL(path, started.page));
    const text = await response.text();
    said.push(text);
    return { status: response.status, text };
  };
  const status = async () =>
    JSON.parse((await get("/status")).text) as {
      killSwitches: unknown;
      switchChanges: readonly { readonly name: string; readonly reason: string | null }[];
    };
  /** Asks until an answer is as wished for; the last one when it never is. */
  const eventually = async <T>(ask: () => Promise<T> | T, wished: (answer: T) => boolean): Promise<T> => {
    for (const end = performance.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const answer = await ask();
      if (wished(answer) || performance.now() > end) return answer;
    }
  };
  const admin = (path: string, token = TOKEN, body = "{}") =>
    askApi(new URL(path, started.admin), { method: "POST", headers: { authorization: `Bearer ${token}` }, body });
  const tellings = () =>
    heard.notes.flatMap(({ alerts }) =>
      alerts.map(({ status, labels }) => `${status} ${labels["alertname"]} ${labels["name"]}`),
    );
  const tonsor = async (line: string) => {
    const ended = await world.tonsor(line, environment);
    said.push(ended.out, ended.err);
    return ended;
  };

  it("signs with the key in its keystore: the first batch is on chain", async () => {
    const [cycle] = cycleLines(child.said().out);
    assert.equal(cycle?.decisions[0]?.transaction?.status, "CONFIRMED");
    assert.match(child.said().err, /"signer":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8"/);
  });

  it("mirrors the evidence by which a stranger verifies that batch, with a node and nothing else", async () => {
    const hash = cycleLines(child.said().out)[0]?.decisions[0]?.transaction?.hash ?? "";
    const environment = { PATH: process.env["PATH"], RPC_URL: world.replica.url };
    const verify = () => startTonsor(["verify", hash, "--evidence", mirror], environment, temporaryFolder()).ended;
    const { code, out, err } = await eventually(verify, (ended) => ended.code === 0);
    assert.equal(code, 0, err);
    assert.match(out, /verified/i);
  });

  it("is live and ready, and the dead man's switch has heard of it", async () => {
    assert.equal((await get("/live")).status, 200);
    const ready = await eventually(
      () => get("/ready"),
      ({ status }) => status === 200,
    );
    assert.equal(ready.status, 200, ready.text);
    const { keeper } = JSON.parse((await get("/api/status")).text) as { keeper: { message: string; severity: string } };
    assert.equal((JSON.parse(ready.text) as { reason: string }).reason, keeper.message, "the page's words");
    assert.notEqual(keeper.severity, "critical");
    // Once it knows that it may sign: in the cycle after that is read.
    await eventually(
      async () => heard.pings.length,
      (count) => count > 0,
    );
    assert.deepEqual(heard.pings, ["/ping/canary-of-the-ping"], "at most once a minute");
    assert.deepEqual(heard.notes, []);
  });

  it("serves figures of every kind, and no metric beside those of the table", async () => {
    const { text } = await get("/metrics");
    const has = (line: RegExp) => assert.ok(line.test(text), `no line ${line.source}`);
    const served = [...text.matchAll(/^# TYPE (tonsor_\S+)/gm)].map(([, name]) => name);
    assert.deepEqual(served, SERVED_BY.keeper);
    has(/^tonsor_live 1$/m);
    has(/^tonsor_build_info\{version="\d+\.\d+\.\d+",model_version="\d+",chain_id="31337",contract="0x\w+"\} 1$/m);
    has(/^tonsor_initial_haircut_ratio\{market="WETH",of="chain"\} 0\.\d+$/m);
    has(/^tonsor_source_up\{market="WETH",source="deribit:ETH:options"\} (1|0\.5)$/m);
    has(/^tonsor_batches_total\{status="CONFIRMED"\} 1$/m);
    has(/^tonsor_tightening_possible 1$/m);
    has(/^tonsor_tightening_obstacle\{cause="signer"\} 0$/m);
    has(/^tonsor_signer_balance_eth \d+\.?\d*$/m);
    has(/^tonsor_kill_switch\{name="submissionHalt"\} 0$/m);
    has(/^tonsor_ticks_total\{outcome="failed"\} 0$/m);
  });

  it("logs each cycle with the tick's number, the journal's and the transaction's", () => {
    const cycles = child
      .said()
      .err.split("\n")
      .filter((line) => line.includes('"msg":"cycle"'));
    const first = JSON.parse(cycles[0] ?? "{}") as Record<string, unknown>;
    assert.deepEqual([first["tick"], first["journalTick"], first["intent"], first["batch"]], [0, 1, 1, "CONFIRMED"]);
  });

  it("paused by the command: told by status, metric, log, webhook and journal; and resumed", async () => {
    const { code, out } = await tonsor("pause --reason upgrade-of-the-node");
    assert.deepEqual(
      [code, out],
      [0, "Nothing is sent from now on: file PAUSED: upgrade-of-the-node. `tonsor resume` ends it.\n"],
    );
    const told = await eventually(tellings, (all) => all.length > 0);
    assert.deepEqual(told, ["firing TonsorKillSwitchSet sentinel"]);
    await eventually(status, (answer) => answer.switchChanges.length > 0);
    const paused = await status();
    assert.deepEqual(paused.killSwitches, [{ name: "sentinel", reason: "file PAUSED: upgrade-of-the-node" }]);
    assert.deepEqual(fieldPaths(paused), leaves(documentedFields("keeper/dashboard/JSON.md", "/status")));
    assert.ok((await get("/metrics")).text.includes('tonsor_kill_switch{name="sentinel"} 1\n'));
    assert.match(child.said().err, /"killSwitch":"sentinel","reason":"file PAUSED: upgrade-of-the-node"/);
    const ready = await get("/ready");
    assert.equal(ready.status, 503, "what is paused cannot protect");
    assert.match(ready.text, /nothing is sent: file PAUSED: upgrade-of-the-node/);
    assert.match((await tonsor("resume")).out, /^Cleared: file PAUSED: upgrade-of-the-node\. Nothing keeps/);
    assert.deepEqual(await eventually(tellings, (all) => all.length > 1), [
      "firing TonsorKillSwitchSet sentinel",
      "resolved TonsorKillSwitchSet sentinel",
    ]);
  });

  it("paused by an admin call with the token, and by no other", async () => {
    assert.equal((await admin("/pause", "x".repeat(30))).status, 401);
    assert.deepEqual((await status()).killSwitches, []);
    assert.equal((await admin("/pause", TOKEN, '{"reason":"by-the-phone"}')).status, 200);
    assert.deepEqual((await status()).killSwitches, [{ name: "sentinel", reason: "file PAUSED: by-the-phone" }]);
    const resumed = (await (await admin("/resume")).json()) as { still: unknown };
    assert.equal(resumed.still, null);
    assert.deepEqual((await status()).killSwitches, []);
  });

  it("tells of a market that the guardian froze on chain: status, metric, log and journal; and when it is open again", async () => {
    const { contract, timelock } = world.deployment;
    const abi = parseAbi(["function setMode(uint16 marketId, uint8 mode)"]);
    const mode = (from: `0x${string}`, value: number) =>
      write(world.node, from, contract.address, abi, "setMode", [1, value]);
    await mode(world.replica.accounts.guardian.address, 2);
    const frozen = await eventually(status, ({ killSwitches }) => JSON.stringify(killSwitches).includes("onChain"));
    assert.match(
      JSON.stringify(frozen.killSwitches),
      /^\[\{"name":"onChain","reason":"on chain: WETH FROZEN until 2026-/,
    );
    assert.ok((await get("/metrics")).text.includes('tonsor_kill_switch{name="onChain"} 1\n'));
    await child.until(({ err }) => /"killSwitch":"onChain".*nothing loosens"/.test(err), "the log's word");
    await world.node.impersonateAccount({ address: timelock.address });
    await world.node.setBalance({ address: timelock.address, value: 10n ** 18n });
    await eventually(status, ({ switchChanges: [last] }) => last?.name === "onChain" && last.reason !== null);
    await mode(timelock.address, 0);
    const { killSwitches, switchChanges } = await eventually(
      status,
      ({ switchChanges: [last] }) => last?.reason === null,
    );
    assert.deepEqual(killSwitches, []);
    assert.deepEqual(
      switchChanges.slice(0, 2).map((change) => [change.name, change.reason === null]),
      [
        ["onChain", true],
        ["onChain", false],
      ],
    );
  });

  it("sends nothing while submission is halted, whatever the market does, also after a restart, until a person resumes", async () => {
    writeFileSync(join(world.state, "HALTED"), "reverts: 3 batches in a row\n");
    const { sequence } = (await world.chain()).writer;
    const [, later = 0] = world.source.instants(FROM, FROM + 86_400 * 5);
    await world.passTo(later + 7 * 3_600);
    await child.until(({ err }) => err.includes('"heldBy":"submission halt: reverts'), "a cycle that was held");
    child.kill("SIGTERM");
    said.push((await child.ended).err);
    const once = await tonsor("once");
    assert.match(once.out, /nothing is sent: submission halt: reverts: 3 batches in a row/);
    assert.equal((await world.chain()).writer.sequence, sequence);
    const journal = new DatabaseSync(join(world.state, "journal.sqlite"), { readOnly: true });
    const rows = journal.prepare("SELECT name, reason FROM switch_changes ORDER BY id").all();
    journal.close();
    assert.deepEqual(
      rows.at(-1),
      Object.assign(Object.create(null), {
        name: "submissionHalt",
        reason: "submission halt: reverts: 3 batches in a row",
      }),
    );
    assert.equal((await tonsor("resume")).code, 0);
    await tonsor("once");
    assert.ok((await world.chain()).writer.sequence > sequence, "it sends again");
  });

  it("says with which file the password is wrong, and exits with 78", async () => {
    const wrong = join(world.folder, "wrong");
    writeFileSync(wrong, "canary-of-a-wrong-password\n", { mode: 0o600 });
    const ended = await world.tonsor("once", { ...environment, KEYSTORE_PASSWORD_FILE: wrong });
    said.push(ended.out, ended.err);
    assert.equal(ended.code, 78);
    assert.match(ended.err, /error KEYSTORE_REFUSED: the keystore .* does not open with this password/);
  });

  it("hides its secrets even in its last words, when it crashes with one in its hand", async () => {
    const crash = `process.on("SIGUSR2",()=>{throw new Error("key ${world.key} password ${PASSWORD} token ${TOKEN}")})`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(crash)}`;
    const crashing = world.start("run --json", { ...environment, NODE_OPTIONS });
    await crashing.until(({ err }) => err.includes('"msg":"keeper started"'), "its start");
    crashing.kill("SIGUSR2");
    const crashed = await crashing.ended;
    said.push(crashed.out, crashed.err);
    assert.equal(crashed.code, 1, crashed.err);
    assert.match(crashed.err, /Error: key \[secret\] password \[secret\] token \[secret\]/);
  });

  it("key, password, token and addresses stand in no output, log, answer, alert, journal or evidence", () => {
    const bytes = [...said, JSON.stringify(heard.notes), child.said().out, child.said().err].map((text) =>
      Buffer.from(text),
    );
    for (const entry of readdirSync(world.folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || ["password", "wrong"].includes(entry.name)) continue;
      const content = readFileSync(join(entry.parentPath, entry.name));
      bytes.push(entry.name.endsWith(".gz") ? gunzipSync(content) : content);
    }
    assert.ok(bytes.length > 20, `${bytes.length} outputs and files`);
    const secrets = [world.key.slice(2), PASSWORD, TOKEN, "canary-of-"].map((text) => text.toLowerCase());
    const shapes = [...secrets.map((text) => Buffer.from(text)), Buffer.from(world.key.slice(2), "hex")];
    for (const content of bytes) {
      const lower = Buffer.from(content.toString("latin1").toLowerCase(), "latin1");
      for (const shape of shapes) {
        const at = Math.max(lower.indexOf(shape), content.indexOf(shape));
        assert.equal(
          at,
          -1,
          `a secret was written: ${lower.subarray(Math.max(0, at - 80), at + 4).toString("latin1")}`,
        );
      }
    }
  });
});
