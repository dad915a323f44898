import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { type Ended, isAlive } from "../support/child.ts";
import { cycleLines } from "../support/cycleLines.ts";
import { type Environment, type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { deadAddress } from "../support/loopback.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
const TO = Date.UTC(2026, 1, 8) / 1000;
const TOKEN = "a-token-that-must-not-be-shown";

/** Everything that can be wrong around a keeper, as its operator meets it: what it says, and with which exit code. */
describe("a keeper whose surroundings are ill", () => {
  let world: KeeperWorld;
  const said: string[] = [];
  /** An address at which nothing listens any more. */
  let dead = "";

  before(async () => {
    dead = await deadAddress();
    const [first = 0] = openReplaySource().source.instants(FROM, TO);
    world = await keeperWorld(first);
  });
  after(() => world?.close());

  const run = async (line: string, environment: Environment = {}): Promise<Ended> => {
    const ended = await world.tonsor(line, environment);
    said.push(ended.out, ended.err);
    return ended;
  };
  const doctor = async (environment: Environment): Promise<string> => {
    const { code, out, err } = await run("doctor", environment);
    assert.equal(code, 1, out);
    assert.equal(err, "");
    return out;
  };

  describe("doctor names what is ill and its cure", () => {
    it("a key that is not admitted", async () => {
      const out = await doctor({ KEEPER_PRIVATE_KEY: `0x${"42".repeat(32)}` });
      assert.match(
        out,
        /fail +signer +0x17c5185167401eD00cF5F5b2fc97D9BBfDb7D025 is\s+not\s+admitted\s+as\s+a\s+hot\s+key\n +-> Governance admits the address as a hot key/,
      );
      // It has no ether either, and both stand in the way of the tightening that is rehearsed.
      assert.match(out, /fail +next tightening +balance: too little ether/);
      assert.match(out, /fail +next tightening +chain: NotAllowed/);
      assert.match(out, / 3 failed\n$/);
    });

    it("a node of another chain", async () => {
      const other = await spawnAnvil({ chainId: 1 });
      try {
        for (const TONSOR_CLOCK of ["chain", "wall"]) {
          const out = await doctor({ RPC_URL: other.url, TONSOR_CLOCK });
          assert.match(out, /fail +chain +.*another chain.*given 1; expected/);
          assert.match(out, /-> Correct RPC_URL or CHAIN_ID; nothing was sent\./);
          const { code, err } = await run("once", { RPC_URL: other.url, TONSOR_CLOCK });
          assert.equal(code, 78, "a person must correct it");
          assert.match(err, /^error WRONG_CHAIN: /);
        }
      } finally {
        await other.close();
      }
    });

    it("a node that is not there, without showing the token in its address", async () => {
      for (const TONSOR_CLOCK of ["chain", "wall"]) {
        const environment = { RPC_URL: `${dead}/v3/${TOKEN}`, TONSOR_CLOCK };
        assert.match(await doctor(environment), /fail +chain +.*\n +-> Start the node, or correct RPC_URL\./);
        const { code, err } = await run("once", environment);
        assert.equal(code, 75, "a supervisor tries again");
        assert.match(err, /^error RPC_FAILED: .*\n {2}Retry later; check the endpoint with `doctor`\.\n/);
      }
    });

    it("a venue that is down: every source by name, and which setting to look at", async () => {
      const out = await doctor({ VENUE_URLS: `deribit=${dead}` });
      for (const source of ["ETH:options", "ETH:index", "ETH-PERPETUAL:history", "BTC:options"]) {
        assert.match(out, new RegExp(`fail +deribit:${source} +UNREACHABLE: `));
      }
      assert.match(out, /-> Check VENUE_URLS, the clock and the network; until then/);
      assert.match(out, /ok +uniswapV3:USDC\/WETH-0\.05%/);
    });

    it("a missing deployment", async () => {
      const out = await doctor({ TONSOR_DEPLOYMENTS: join(world.folder, "nowhere") });
      assert.match(out, /fail +contract +there is no deployment at .*nowhere\/31337\.json\n +-> Run `npm run deploy`/);
    });

    it("a journal of another contract, or none at all", async () => {
      const state = join(world.folder, "broken");
      await run("status", { TONSOR_STATE: state });
      writeFileSync(join(state, "journal.sqlite"), "this is no database, although somebody put it where one should be");
      assert.match(
        await doctor({ TONSOR_STATE: state }),
        /fail +journal +.*\n(.*\n)? +-> Stop the keeper and run `tonsor rebuild`/,
      );
    });
  });

  it("a batch that the contract refuses is no success: exit code 75, with the reason", async () => {
    const environment = { KEEPER_PRIVATE_KEY: `0x${"42".repeat(32)}`, TONSOR_STATE: join(world.folder, "stranger") };
    const { code, out } = await run("once", environment);
    assert.equal(code, 75);
    assert.match(out, /^ {2}batch: NotAllowed: 0x17c5185167401eD00cF5F5b2fc97D9BBfDb7D025 has no power to do this\./m);
    assert.equal((await world.chain()).writer.sequence, 0);
  });

  describe("what only a person can correct ends run at its start with exit code 78, with nothing sent", () => {
    it("a node of another chain, whichever clock it has", async () => {
      const other = await spawnAnvil({ chainId: 1 });
      try {
        for (const TONSOR_CLOCK of ["chain", "wall"]) {
          const { code, err } = await run("run", { RPC_URL: other.url, TONSOR_CLOCK, TICK_SECONDS: "60" });
          assert.equal(code, 78, err);
          assert.match(err, /^error WRONG_CHAIN: /m);
        }
      } finally {
        await other.close();
      }
    });

    it("a record with two feeds exchanged: run, once and doctor name both", async () => {
      const { sources, ...record } = world.deployment;
      const feeds = { ...sources.feeds, WETH: sources.feeds["WBTC"], WBTC: sources.feeds["WETH"] };
      const folder = join(world.folder, "swapped");
      mkdirSync(folder);
      writeFileSync(join(folder, "31337.json"), JSON.stringify({ ...record, sources: { ...sources, feeds } }));
      const environment = { TONSOR_DEPLOYMENTS: folder, TONSOR_STATE: join(world.folder, "swapped-state") };
      const { WETH, WBTC } = sources.feeds;
      const says = new RegExp(
        `sources\\.feeds\\.WETH: given ${WBTC}, expected ${WETH}, as .*WETH.jsonc has it.*sources\\.feeds\\.WBTC: `,
      );
      for (const line of ["run", "once"]) {
        const { code, err } = await run(line, environment);
        assert.equal(code, 78, err);
        assert.match(err.replaceAll(/\s+/g, " "), says);
      }
      const out = (await doctor(environment)).replaceAll(/\s+/g, " ");
      assert.match(out, /fail deployment /);
      assert.match(out, says);
      assert.equal((await world.chain()).writer.sequence, 0);
    });

    it("a record that holds an asset twice: told beside what is wrong with the variables", async () => {
      const [first] = world.deployment.markets;
      const folder = join(world.folder, "twice");
      mkdirSync(folder);
      const record = {
        ...world.deployment,
        markets: [...world.deployment.markets, { ...first, id: 9, name: "AGAIN" }],
      };
      writeFileSync(join(folder, "31337.json"), JSON.stringify(record));
      const { code, err } = await run("run", { TONSOR_DEPLOYMENTS: folder, LOG_LEVEL: "loud" });
      assert.equal(code, 78);
      assert.match(
        err,
        /^error BAD_CONFIG: 2 problems in the configuration: LOG_LEVEL: .*markets\.2\.collateral: given /,
      );
    });
  });

  it("without a key, once says which setting is missing", async () => {
    const { code, err } = await run("once", { KEEPER_PRIVATE_KEY: "", TONSOR_STATE: join(world.folder, "keyless") });
    assert.equal(code, 78);
    assert.match(err, /^error BAD_CONFIG: no key to sign with\n {2}field KEEPER_PRIVATE_KEY\n/);
  });

  it("reports every problem of the configuration at once, each on its own line", async () => {
    const ill = { TONSOR_PAUSE: "1", CHAIN_ID: "x", STATUS_PORT: "99999" };
    const { code, out } = await run("config check", ill);
    assert.equal(code, 78);
    assert.match(out, /fail +configuration +3 problems in the configuration:\n/);
    assert.match(
      out,
      /^ +TONSOR_PAUSE: given an unknown variable, expected a known variable; did you\n +mean TONSOR_PAUSED\?$/m,
    );
    assert.match(out, /^ +CHAIN_ID: given "x", expected a whole number/m);
    assert.match(out, /^ +STATUS_PORT: given "99999", expected a whole number/m);
    const once = await run("once", ill);
    assert.equal(once.code, 78);
    assert.match(
      once.err,
      /^error BAD_CONFIG: 3 problems in the configuration: TONSOR_PAUSE: .*; CHAIN_ID: .*; STATUS_PORT: /,
    );
  });

  describe("a wrong command line is answered with what was expected, on one line, with exit code 1", () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      [
        "explain DOGE",
        /^error UNKNOWN_MARKET: unknown market\n {2}field market, given "DOGE", expected one of WETH, WBTC\n/,
      ],
      [`verify 0x${"ab".repeat(32)}`, /^error UNKNOWN_TRANSACTION: the chain has no such transaction\n/],
    ];
    for (const [line, expected] of wrong) {
      it(`tonsor ${line.replace(/(ab){32}/, "...")}`, async () => {
        const { code, out, err } = await run(line, { LOG_LEVEL: "info" });
        assert.equal(code, 1);
        assert.equal(out, "");
        assert.match(err, expected);
        assert.ok(err.trimEnd().split("\n").length <= 3, err);
      });
    }

    it("with --json it is one JSON object on stdout", async () => {
      const { code, out, err } = await run("explain DOGE --json", { LOG_LEVEL: "info" });
      assert.deepEqual([code, err], [1, ""]);
      const { error } = JSON.parse(out) as { error: Record<string, unknown> };
      assert.deepEqual(Object.keys(error), ["code", "message", "field", "given", "expected", "advice"]);
      assert.equal(error["code"], "UNKNOWN_MARKET");
    });
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`${signal} ends run cleanly: exit code 0, a last line in the log, nothing left of it`, async () => {
      const child = world.start("run --json");
      await child.until(({ out }) => cycleLines(out).length >= 2, "two cycles");
      child.kill(signal);
      const ended = await child.ended;
      said.push(ended.out, ended.err);
      assert.equal(ended.code, 0, ended.err);
      assert.match(ended.err, /"msg":"keeper stopped"\}\n$/);
      assert.equal(isAlive(child.pid), false);
    });
  }

  it("the key and the token of the node's address stand in no output, log, journal or evidence", async () => {
    const bytes = said.map((text) => Buffer.from(text));
    for (const entry of readdirSync(world.folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = readFileSync(join(entry.parentPath, entry.name));
      bytes.push(entry.name.endsWith(".gz") ? gunzipSync(content) : content);
    }
    assert.ok(bytes.length > 40, `${bytes.length} outputs and files`);
    const secrets = [world.key.slice(2), "42".repeat(32), TOKEN].map((text) => text.toLowerCase());
    const shapes = [...secrets.map((text) => Buffer.from(text)), Buffer.from(world.key.slice(2), "hex")];
    for (const content of bytes) {
      const lower = Buffer.from(content.toString("latin1").toLowerCase(), "latin1");
      for (const shape of shapes) assert.ok(!lower.includes(shape) && !content.includes(shape), "a secret was written");
    }
  });
});
