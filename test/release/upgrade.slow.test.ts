import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DAY_SECONDS } from "../../keeper/domain/calendar.ts";
import type { OnChainMarket } from "../../keeper/domain/decision.ts";
import { VERSION } from "../../keeper/io/version.ts";
import { MIGRATIONS } from "../../keeper/journal/migrations.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { freePort } from "../support/loopback.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { asIn, journalRows } from "./journalRows.ts";
import { linesOf, type Ran, type ServiceMachine, serviceMachine } from "./serviceMachine.ts";

/** The previous release; until one is tagged, the commit that began CHANGELOG.md. */
const PREVIOUS = "ff5d4bc9abae7823166190fa33d68b38a5bfdcdd";
const [OLD, NEW] = ["v0.0.9", `v${VERSION}`];
const FROM = Date.UTC(2026, 1, 3) / 1000;
const STATE = "/var/lib/tonsor";
const COPY = "test ! -e /var/lib/tonsor-before && sudo cp -a /var/lib/tonsor /var/lib/tonsor-before";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const git = async (folder: string, ...words: readonly string[]) =>
  (await run("git", words, { cwd: folder })).stdout.trim();

/** Why the previous release cannot be had here, or false. */
async function withoutPrevious(): Promise<string | false> {
  try {
    await git(root, "cat-file", "-e", `${PREVIOUS}^{commit}`);
    return false;
  } catch {
    return `this clone does not hold ${PREVIOUS.slice(0, 8)}, the previous release: git fetch --unshallow`;
  }
}

/** Whether a line of the page has to be run again: the page's "until". */
const AGAIN: Readonly<Record<string, (ran: Ran) => boolean>> = {
  "tonsor tx list --open": ({ out }) => out.split("\n").some((row) => /PLANNED|SENT|UNKNOWN/.test(row)),
  "curl --fail http://127.0.0.1:8640/ready": ({ code }) => code !== 0,
};

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** Contents by path below a folder. */
const contents = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    globSync("**/*.gz", { cwd: folder }).map((path) => [
      path,
      createHash("sha256")
        .update(readFileSync(join(folder, path)))
        .digest("hex"),
    ]),
  );

/**
 * Two states of this repository, tagged in a clone, on a machine that is set up as the service's page says, with a chain and
 * a venue on loopback. Every line of UPGRADE.md is run as it stands; what stands in <> is filled in, and paths and the port
 * are the machine's. Step 2, `npm test`, is what a release has passed; the containers' lines want an engine.
 */
describe("UPGRADE.md, followed from the previous release to this one and back", {
  skip: await withoutPrevious(),
}, () => {
  let world: KeeperWorld;
  let machine: ServiceMachine;
  let instants: number[];
  const folder = temporaryFolder();
  const origin = join(folder, "origin.git");
  const at = (path: string) => machine.at(path);
  let stood: Awaited<ReturnType<typeof chain>>;

  /** Runs lines of the page one after the other; each must end well, but those that are named to fail. */
  async function follow(lines: readonly string[], values: Readonly<Record<string, string>> = {}, fails?: string) {
    const ran = new Map<string, Ran>();
    for (const line of lines) {
      const filled = line.replaceAll(/<([\w ]+)>/g, (all, name: string) => values[name] ?? all);
      let found = await machine.run(filled);
      for (let tries = 60; AGAIN[line]?.(found) && tries > 0; tries--) found = await machine.run(filled);
      assert.equal(
        found.code === 0,
        line !== fails,
        `${filled}\n${found.out}\n${found.err}\n${machine.log().slice(-2_000)}`,
      );
      if (line.endsWith("start tonsor")) await machine.cycles(2);
      ran.set(line, found);
    }
    return ran;
  }
  const batches = async () => {
    const { chainId, contract } = world.deployment;
    const client = chainClient({ chainId, rpc: world.replica.url });
    return readBatches(client, contract.address, { fromBlock: 0n, toBlock: await client.getBlockNumber() });
  };
  const nonce = () => world.node.getTransactionCount({ address: world.replica.accounts.keeper.address });
  /** What stands on chain, and everything that was sent to it. */
  const chain = async () => {
    const { markets } = await world.chain();
    const numbers = markets.map(({ storedInitialBps, maintenanceTargetBps, limit }) => {
      return { storedInitialBps, maintenanceTargetBps, limit };
    });
    return { numbers, batches: await batches(), nonce: await nonce() };
  };
  /** Moves the market on until a batch more is on chain, and returns its transaction. */
  async function untilSent(): Promise<string> {
    const { length } = await batches();
    for (let tries = 8; tries > 0; tries--) {
      const instant = instants.shift();
      assert.ok(instant !== undefined, "the calendar ends too early");
      await machine.still(() => world.moveTo(instant));
      await machine.cycles(2);
      const sent = (await batches())[length];
      if (sent !== undefined) return sent.transactionHash;
    }
    throw new Error(`nothing was sent\n${machine.log().slice(-3_000)}`);
  }
  const inAnHour = async () => new Date(((await world.chain()).blockTime + 3_600) * 1_000).toISOString();
  const verify = (all: readonly { readonly transactionHash: string }[]) =>
    follow(all.map(({ transactionHash }) => `tonsor verify ${transactionHash}`));
  /** Every number was applied once, and no two nonces carried the same: one may have come too late for its deadline. */
  async function nothingTwice() {
    const sent = await sentBy(world.replica.accounts.keeper.address);
    assert.equal(new Set(sent.map(({ input }) => input)).size, sent.length);
    assert.equal(sent.length, await nonce());
    const applied = await batches();
    assert.deepEqual(
      applied.map(({ sequence }) => Number(sequence)),
      Array.from(applied, (_, i) => i + 1),
    );
  }
  async function sentBy(account: string) {
    const newest = await world.node.getBlockNumber();
    const numbers = Array.from({ length: Number(newest) + 1 }, (_, i) => BigInt(i));
    const blocks = await Promise.all(
      numbers.map((blockNumber) => world.node.getBlock({ blockNumber, includeTransactions: true })),
    );
    return blocks.flatMap(({ transactions }) => transactions.filter(({ from }) => isSame(from, account)));
  }

  async function setUp(port: number) {
    cpSync(join(world.folder, "deployments", "31337.json"), join(machine.code, "deployments", "31337.json"));
    const settings = {
      ...{
        RPC_URL: world.replica.url,
        CHAIN_ID: "31337",
        VENUE_URLS: `deribit=${world.venueUrl}`,
        TONSOR_CLOCK: "chain",
      },
      ...{ STATUS_PORT: String(port), TICK_SECONDS: "1", TONSOR_STATE: at(STATE) },
      ...{
        KEYSTORE_FILE: at("/etc/tonsor/keystore.json"),
        KEYSTORE_PASSWORD_FILE: at("/etc/tonsor/keystore-password"),
      },
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    machine.configure("environment", lines.join(""));
    machine.configure("keystore-password", "correct horse battery\n");
    machine.configure("key", `${world.key}\n`);
    // Of "With systemd" in README.md, and the key that there is.
    const keystore = "keystore import /etc/tonsor/keystore.json --key-file /etc/tonsor/key";
    await follow([
      "cd /opt/tonsor",
      "sudo npm ci --omit=dev --ignore-scripts",
      "sudo install -m 755 deployments/service/tonsor /usr/local/bin/",
      "sudo cp deployments/service/tonsor.service /etc/systemd/system/",
      `tonsor ${keystore} --password-file /etc/tonsor/keystore-password`,
      "rm -f /etc/tonsor/key",
      "sudo systemctl start tonsor",
    ]);
  }

  before(async () => {
    const { source } = openReplaySource();
    instants = [...source.instants(FROM, FROM + 12 * DAY_SECONDS)];
    world = await keeperWorld(instants.shift() ?? FROM);
    await git(folder, "clone", "-q", "--bare", root, origin);
    await git(origin, "tag", "-f", OLD, PREVIOUS);
    const port = await freePort();
    machine = await serviceMachine(folder, port);
    await git(folder, "clone", "-q", "--branch", OLD, origin, machine.code);
    await setUp(port);
    // The new version is there once the old one runs.
    await git(origin, "tag", "-f", NEW, await git(root, "rev-parse", "HEAD"));
    for (let sent = 0; sent < 3; sent++) await untilSent();
    await follow(["tonsor pause --reason drill"]);
    await machine.cycles(2);
    await follow(["tonsor resume"]);
    await machine.cycles(2);
  });
  after(async () => {
    await machine?.close();
    await world?.close();
  });

  it("upgrades: nothing of journal and evidence is lost, and the new code decides as the old one did", async () => {
    const lines = linesOf("Upgrade");
    const start = lines.findIndex((line) => line.endsWith("start tonsor"));
    const copied = lines.indexOf(COPY) + 1;
    const values = { "in an hour": await inAnHour(), tag: NEW };
    stood = await chain();
    const old = await follow(lines.slice(0, copied), values);
    const [was, evidence] = [journalRows(at(STATE)), contents(at(`${STATE}/evidence`))];
    assert.ok(was.schema < MIGRATIONS.length, "a previous release whose journal is older");
    for (const [name, least] of Object.entries({ intents: 3, ticks: 10, depth_samples: 6, switch_changes: 2 }))
      assert.ok((was.tables.get(name)?.length ?? 0) >= least, `${was.tables.get(name)?.length} rows of ${name}`);

    const looked = await follow(lines.slice(copied, start), values);
    const now = journalRows(at(STATE));
    assert.equal(now.schema, MIGRATIONS.length);
    assert.deepEqual(asIn(was, now), was.tables);
    assert.deepEqual(contents(at(`${STATE}/evidence`)), evidence);
    assert.match(looked.get("tonsor recompute")?.out ?? "", /all as recorded, value for value/);
    const [before, after] = [old, looked].map((ran) => decided(ran.get("tonsor dry-run")));
    assert.equal(before?.length, 2);
    assert.deepEqual(after, before);

    await follow(lines.slice(start, -1), values);
    await machine.cycles(2);
    assert.deepEqual(await chain(), stood, "what was decided is not sent again, and no number moves by the upgrade");
  });

  it("verifies what the old version sent, and goes on with the next nonce", async () => {
    await verify(stood.batches);
    const transaction = await untilSent();
    const [last = ""] = linesOf("Upgrade").slice(-1);
    await follow([last], { transaction });
    await untilSent();
    await nothingTwice();
  });

  it("lays no second copy over or into the first", async () => {
    const before = journalRows(at(`${STATE}-before`));
    await follow([COPY], {}, COPY);
    assert.deepEqual(journalRows(at(`${STATE}-before`)), before);
    assert.equal(existsSync(at(`${STATE}-before/tonsor`)), false);
  });

  it("goes back: the old code refuses the newer journal, and with the copy it sends the next number by the next nonce", async () => {
    const lines = linesOf("Rollback");
    const start = lines.findIndex((line) => line.endsWith("start tonsor"));
    const { out } =
      (await follow(lines.slice(0, start), { "old tag": OLD }, "tonsor doctor")).get("tonsor doctor") ?? {};
    assert.match(out?.replaceAll(/\s+/g, " ") ?? "", /was written by a newer version; given \d+; expected/);
    stood = await chain();
    await follow(linesOf("Put back the copy"));
    await follow(lines.slice(start));
    await machine.cycles(2);
    const now = await chain();
    assert.deepEqual(now.batches, stood.batches.concat(now.batches.slice(stood.batches.length)));
    noneLoosened(stood.numbers, now.numbers);
    for (const { evidence } of now.batches)
      assert.ok(existsSync(at(`${STATE}/evidence/${evidence}.json.gz`)), evidence);
    await untilSent();
    await nothingTwice();
    await verify((await batches()).slice(-1));
  });

  it("goes back without the copy: the journal is written anew, nothing loosens, and the next nonce follows", async () => {
    // As it stood before the copy was put back, with the evidence of what was sent since.
    await follow([
      "sudo systemctl stop tonsor",
      "sudo cp -a /var/lib/tonsor/evidence /var/lib/tonsor-newer/",
      "sudo rm -r /var/lib/tonsor",
      "sudo mv /var/lib/tonsor-newer /var/lib/tonsor",
    ]);
    stood = await chain();
    await follow(linesOf("Without the copy"));
    const lines = linesOf("Rollback");
    await follow(lines.slice(lines.findIndex((line) => line.endsWith("start tonsor"))));
    await machine.cycles(2);
    noneLoosened(stood.numbers, (await chain()).numbers);
    await untilSent();
    await nothingTwice();
    const known = journalRows(at(STATE)).tables.get("intents") ?? [];
    assert.equal(known.filter(({ status }) => status === "CONFIRMED").length, (await batches()).length);
  });
});

type Numbers = readonly Pick<OnChainMarket, "storedInitialBps" | "maintenanceTargetBps" | "limit">[];

function noneLoosened(before: Numbers, now: Numbers): void {
  for (const [i, was] of before.entries()) {
    const is = now[i];
    const tighter = is !== undefined && is.storedInitialBps >= was.storedInitialBps && is.limit <= was.limit;
    assert.ok(tighter && is.maintenanceTargetBps >= was.maintenanceTargetBps, JSON.stringify([was, is]));
  }
}

/** The rows of a `dry-run`, without the words below them and the width of its columns. */
function decided(ran: Ran | undefined): readonly string[] {
  return (ran?.out ?? "")
    .split("\n")
    .filter((line) => /^\d\d-\d\d \d\d:\d\d /.test(line))
    .map((line) => line.replaceAll(/ +/g, " "));
}
