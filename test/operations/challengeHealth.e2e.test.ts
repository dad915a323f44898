import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { challengeMarkets } from "../../keeper/operations/challengeLoop.ts";
import type { ChallengeLook } from "../../keeper/operations/challenging.ts";
import { replicaAccounts } from "../../scripts/lab/replica/accounts.ts";
import { spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { replicaClient } from "../../scripts/lab/replica/node.ts";
import { type Loopback, loopback } from "../support/loopback.ts";
import { accountSetting, createOwn } from "../support/parameters.ts";
import { CHAIN_ID, type Change, rowsOf, watcherWorld } from "../support/watcherWorld.ts";

const { deployer, trader } = replicaAccounts();
const DAY = 86_400;

describe("a watcher that runs", () => {
  let anvil: Awaited<ReturnType<typeof spawnAnvil>>;
  let node: ReturnType<typeof replicaClient>;
  let world: Awaited<ReturnType<typeof watcherWorld>>;
  let deadman: Loopback;

  before(async () => {
    anvil = await spawnAnvil({ chainId: CHAIN_ID });
    node = replicaClient(anvil.url, CHAIN_ID);
    deadman = await loopback((_, response) => response.end());
  });
  after(async () => {
    await deadman?.close();
    await anvil?.close();
  });
  beforeEach(async () => {
    world = await watcherWorld(node, anvil.url);
    deadman.requests.length = 0;
  });
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  /** A watcher beside the test: its looks in words, its notes, and what its page says. */
  async function run({ more = {}, ...change }: Change = {}) {
    const stop = new AbortController();
    const [told, notes]: [string[], string[]] = [[], []];
    let waiting = Promise.withResolvers<void>();
    const onLook = (look: ChallengeLook | Error) => {
      told.push(look instanceof Error ? look.message : rowsOf(look).join());
      waiting.resolve();
      waiting = Promise.withResolvers();
    };
    const onNote = (text: string) => void notes.push(text);
    const context = world.contextOf({
      ...change,
      more: { tickSeconds: 0.2, deadmanUrl: `${deadman.url}/alive`, ...more },
    });
    const ended = challengeMarkets(context, {}, { once: false, moved: false, signal: stop.signal, onLook, onNote });
    const how = ended.then(
      () => null,
      (error) => error,
    );
    ends.push(async () => {
      stop.abort();
      await how;
    });
    const ask = async (path: string) => {
      const url = /http\S+/.exec(notes[0] ?? "")?.[0] ?? "";
      const response = await fetch(`${url}${path}`);
      return { status: response.status, text: await response.text() };
    };
    return {
      ...{ told, notes, ask, how },
      looked: () => Promise.race([waiting.promise, how]),
      /** Looks until one whose words are like this; also those that were. */
      async until(words: RegExp) {
        while (!told.some((one) => words.test(one))) {
          if (told.length > 300) assert.fail(`no look is like ${words}: ${[...new Set(told)].join("; ")}`);
          await Promise.race([waiting.promise, ended.then(() => assert.fail("it ended"))]);
        }
      },
      async metric(name: string) {
        const { text } = await ask("metrics");
        return [...text.matchAll(new RegExp(`^${name}(\\{.*\\})? (\\S+)$`, "gm"))].map(
          ([, labels = "", value]) => `${labels} ${value}`,
        );
      },
    };
  }

  it("says at its page that it could close, for how often its ether is enough, and what it closed", async () => {
    const watcher = await run();
    await watcher.looked();
    await watcher.looked();
    assert.match(watcher.notes[1] ?? "", /no feeds to compare, stale alone is proven: WBTC$/);
    assert.deepEqual(JSON.parse((await watcher.ask("ready")).text).ok, true);
    assert.equal((await watcher.ask("live")).status, 200);
    assert.deepEqual(await watcher.metric("tonsor_challenge_possible"), [" 1"]);
    assert.deepEqual(await watcher.metric("tonsor_proven_open"), []);
    const [balance] = await watcher.metric("tonsor_signer_balance_eth");
    const [affordable] = await watcher.metric("tonsor_challenges_affordable");
    const { baseFeePerGas } = await node.getBlock();
    // 400 000 gas each, for twice the base fee and a tip.
    const most = Number(balance) / (400_000 * 2 * Number(baseFeePerGas) * 1e-18);
    assert.ok(Number(affordable) > most / 20 && Number(affordable) <= most, `${affordable} of at most ${most}`);
    await world.price(1_900);
    await watcher.until(/WETH DIVERGED SET/);
    await watcher.until(/WETH DIVERGED CLOSED/);
    assert.deepEqual(await watcher.metric("tonsor_challenges_total"), [
      '{market="WETH",proof="DIVERGED",outcome="SET"} 1',
    ]);
    assert.deepEqual(await watcher.metric("tonsor_proven_open"), []);
    assert.equal(deadman.requests.length, 1, "at most one a minute");
    assert.deepEqual(await watcher.metric("tonsor_notifications_total"), ['{to="deadman",result="ok"} 1']);
  });

  it("says of a market that is proven and open that it is, until it is closed", async () => {
    await world.price(1_900);
    const watcher = await run();
    await watcher.until(/DIVERGED CLOSED/);
    // It lapses after six hours, and cools down for eighteen more.
    await world.pass(7 * 3_600);
    await watcher.until(/WETH DIVERGED COOLING/);
    await watcher.looked();
    assert.deepEqual(await watcher.metric("tonsor_proven_open"), ['{market="WETH",proof="DIVERGED"} 1']);
    assert.deepEqual(await watcher.metric("tonsor_challenges_total"), [
      '{market="WETH",proof="DIVERGED",outcome="SET"} 1',
    ]);
    await world.pass(18 * 3_600);
    await watcher.until(/^(?!.*COOLING).*WETH DIVERGED SET/);
    await watcher.until(/WETH DIVERGED SET/);
    await world.price(2_000);
  });

  it("is not ready, and leaves the dead man's switch alone, while governance has not admitted its Challenge", async () => {
    await world.admit("NONE");
    await assert.rejects(world.once({ more: { deadmanUrl: deadman.url } }), {
      code: "TRANSACTION_REVERTED",
      message: /governance has not admitted its Challenge.*NONE/,
    });
    const watcher = await run();
    await watcher.looked();
    const { status, text } = await watcher.ask("ready");
    assert.deepEqual([status, /the last look failed: .*not admitted/.test(text)], [503, true]);
    assert.deepEqual(await watcher.metric("tonsor_challenge_possible"), [" 0"]);
    assert.deepEqual(deadman.requests, []);
    await world.admit("CHALLENGER");
    await watcher.until(/^$/);
    assert.equal((await watcher.ask("ready")).status, 200);
  });

  it("is not ready with a head that is old or ahead, for no time passes there", async () => {
    await world.pass(DAY / 2);
    const old = { clock: "wall" };
    const watcher = await run({ more: old });
    await watcher.looked();
    await watcher.looked();
    const { status, text } = await watcher.ask("ready");
    assert.deepEqual([status, /the head is -\d+ s old, limit 120 s/.test(text)], [503, true]);
    assert.ok(Number((await watcher.metric("tonsor_head_age_seconds"))[0]) < -120);
    await assert.rejects(world.once({ more: { ...old, deadmanUrl: deadman.url } }), { code: "RPC_FAILED" });
    assert.deepEqual(deadman.requests, []);
    await world.once({ more: { deadmanUrl: `${deadman.url}/once` } });
    assert.deepEqual(deadman.requests, ["/once"], "before it ends");
  });

  it("ends at its first look where the record names another contract's Challenge, or none; a key that gains power later fails its looks", async () => {
    const at = (address: string) => ({ gateways: { challenge: { address }, quorum: null } });
    const other = await createOwn(world.create, "contracts/gateways/Challenge", [
      deployer.address,
      deployer.address,
      2,
    ]);
    for (const [address, words] of [
      [other, /closes the markets of another contract.*expected/],
      [trader.address, /of the record is not what it says/],
    ] as const) {
      const watcher = await run({ record: at(address) });
      const error = await watcher.how;
      assert.deepEqual([error?.code, words.test(error?.message)], ["NOT_DEPLOYED", true]);
    }
    const watcher = await run();
    await watcher.looked();
    const power = (to: "GUARDIAN" | "NONE") =>
      world.call(world.contract, "contracts/parameters/Parameters", "admit", [accountSetting(trader.address, to)]);
    await power("GUARDIAN");
    try {
      await watcher.until(/may do more than close/);
      assert.equal((await watcher.ask("ready")).status, 503);
    } finally {
      await power("NONE");
    }
    const before = watcher.told.length;
    await watcher.looked();
    await watcher.looked();
    assert.ok(watcher.told.length > before && watcher.told.at(-1) === "", "it goes on");
  });

  it("asks the contract which markets there are, and names by its number what the record does not know", async () => {
    await world.pass(40 * DAY);
    const rows = rowsOf(await world.once({ record: { markets: [{ id: 1, name: "WETH", classId: 0 }] } }));
    assert.deepEqual(rows.toSorted(), ["#2 STALE SET", "WETH STALE SET"]);
    assert.deepEqual(await world.modes(), ["NO_NEW_RISK", "NO_NEW_RISK"]);
  });

  it("closes what its ether pays for, one at least, where not all of it can be paid; what diverges goes first", async () => {
    await world.pass(40 * DAY);
    await world.price(1_900);
    const had = await node.getBalance({ address: trader.address });
    const poor = await world.once({ key: `0x${"77".repeat(32)}` }).catch((error) => error);
    assert.equal(poor.code, "TRANSACTION_REFUSED", "a key without ether");
    const one = BigInt(/\d+/.exec(poor.facts.expected)?.[0] ?? 0);
    try {
      await node.setBalance({ address: trader.address, value: (one * 3n) / 2n });
      assert.deepEqual(rowsOf(await world.once()), ["WETH DIVERGED SET", "WBTC STALE BEHIND"]);
    } finally {
      await node.setBalance({ address: trader.address, value: had });
    }
    assert.deepEqual(rowsOf(await world.once()), ["WETH DIVERGED CLOSED", "WBTC STALE SET"]);
  });

  it("tries at the next look what the node would not take, for the contract has not refused it", async () => {
    const refusing = { is: true };
    const between = await loopback(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
      const body = Buffer.concat(parts).toString();
      const [asked] = [JSON.parse(body)].flat();
      if (refusing.is && asked.method === "eth_sendRawTransaction") {
        const error = { code: -32_000, message: "transaction underpriced" };
        return void response.end(JSON.stringify([{ jsonrpc: "2.0", id: asked.id, error }]));
      }
      const headers = { "content-type": "application/json" };
      response.end(await (await fetch(anvil.url, { method: "POST", headers, body })).text());
    });
    try {
      await world.price(1_900);
      const watcher = await run({ more: { rpcUrl: between.url } });
      await watcher.until(/WETH DIVERGED REFUSED/);
      assert.deepEqual(await watcher.metric("tonsor_proven_open"), ['{market="WETH",proof="DIVERGED"} 1']);
      refusing.is = false;
      await watcher.until(/WETH DIVERGED SET/);
      assert.ok(watcher.told.every((one) => !one.includes("RESTS")));
    } finally {
      await Promise.all(ends.splice(0).map((end) => end()));
      await between.close();
    }
  });

  it("gives up where no look comes to its end, to be started again", async () => {
    const { schedule, rpc } = await world.contextOf().config();
    const silent = await loopback(() => undefined);
    try {
      const more = {
        rpcUrl: silent.url,
        rpc: { ...rpc, timeoutSeconds: 0.1 },
        schedule: { ...schedule, softTimeoutSeconds: 0.5, hardTimeoutSeconds: 0.8 },
      };
      const watcher = await run({ more });
      const error = await watcher.how;
      assert.deepEqual([error?.code, error?.retryable], ["STUCK", true]);
      assert.match(error?.message, /no tick has finished for/);
      assert.match(watcher.told[0] ?? "", /no answer in time/);
      assert.deepEqual(deadman.requests, []);
    } finally {
      await silent.close();
    }
  });
});
