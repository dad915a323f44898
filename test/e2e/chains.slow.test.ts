import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openJournal } from "../../keeper/journal/journal.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { type Child, startTonsor } from "../support/child.ts";
import { type TestChain, type TwoChains, twoChains } from "../support/twoChains.ts";

const TICK_SECONDS = 4;

type Line = {
  readonly chain?: number;
  readonly msg: string;
  readonly tick?: number;
  readonly page?: string;
  readonly batch?: string;
};

const parsed = (text: string): readonly Line[] =>
  text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Line] : []));

/** One process for two chains, as an operator runs it. */
describe("tonsor run with two chains", () => {
  let world: TwoChains;
  let child: Child;
  let [first, second] = [] as unknown as [TestChain, TestChain];
  const start = () => {
    const words = ["run", "--json", "--env", first.envFile, "--env", second.envFile];
    return startTonsor(words, { ...world.environment, LOG_LEVEL: "debug" }, world.folder);
  };
  const lines = ({ chainId }: TestChain, msg: string) =>
    parsed(child.said().err).filter((line) => line.chain === chainId && line.msg === msg);
  const failed = ({ chainId }: TestChain) =>
    parsed(child.said().err).filter(({ chain, msg }) => chain === chainId && msg.startsWith("tick failed")).length;
  const cycles = (chain: TestChain) => lines(chain, "cycle");
  const until = (chain: TestChain, count: number) =>
    child.until(() => cycles(chain).length >= count, `${count} cycles of chain ${chain.chainId}`);
  const get = async (chain: TestChain, path: string) => {
    const response = await fetch(new URL(path, lines(chain, "keeper started").at(-1)?.page));
    return { status: response.status, text: await response.text() };
  };
  const batches = async ({ client, deployment }: TestChain) =>
    readBatches(client, deployment.contract.address, { fromBlock: 0n, toBlock: await client.getBlockNumber() });
  const intents = ({ chainId, deployment, state }: TestChain) => {
    const journal = openJournal(join(state, "journal.sqlite"), { chainId, contract: deployment.contract.address });
    try {
      return journal.recentIntents(1_000);
    } finally {
      journal.close();
    }
  };

  before(async () => {
    world = await twoChains(TICK_SECONDS);
    [first, second] = world.chains;
    child = start();
    await Promise.all([until(first, 4), until(second, 4)]);
  });
  after(async () => {
    child?.kill("SIGKILL");
    await child?.ended;
    await world?.close();
  });

  it("updates both contracts, each with a journal and a page of its own", async () => {
    for (const chain of world.chains) {
      assert.equal((await batches(chain)).length, 1);
      assert.equal(intents(chain).length, 1);
      const status = JSON.parse((await get(chain, "/api/status")).text) as { chain: { chainId: number } };
      assert.equal(status.chain.chainId, chain.chainId);
      const { text } = await get(chain, "/metrics");
      assert.match(text, new RegExp(`^tonsor_build_info\\{.*chain_id="${chain.chainId}"`, "m"));
      assert.match(text, /^tonsor_batches_total\{status="CONFIRMED"\} 1$/m);
    }
    const printed = child
      .said()
      .out.split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { chainId: number });
    assert.deepEqual(new Set(printed.map(({ chainId }) => chainId)), new Set([31_337, 1_337]));
  });

  it("asks the venue for a board once a tick for both", async () => {
    const boards = () => world.asked.filter((path) => /get_book_summary_by_currency.*currency=ETH/.test(path)).length;
    const count = () => world.chains.map((chain) => cycles(chain).length);
    const [asked, [one = 0, two = 0]] = [boards(), count()];
    await Promise.all([until(first, one + 5), until(second, two + 5)]);
    const ticks = count().map((done, n) => done - [one, two][n]!);
    const more = boards() - asked;
    assert.ok(more >= 4 && more <= Math.max(...ticks) + 1, `${more} requests for a board in ${ticks} ticks`);
    const candles = world.asked.filter((path) => /get_tradingview_chart_data.*ETH-PERPETUAL/.test(path));
    assert.equal(new Set(candles).size, candles.length, "no page of candles twice");
  });

  it("counts a chain's own requests alone in its metrics", async () => {
    const hosts = async (chain: TestChain) =>
      new Set(
        [...(await get(chain, "/metrics")).text.matchAll(/_seconds_count\{to="node",host="([^"]+)"/g)].map(
          ([, host]) => host,
        ),
      );
    const [one, two] = [await hosts(first), await hosts(second)];
    assert.deepEqual([one.size, two.size], [1, 1]);
    assert.notDeepEqual(one, two);
  });

  it("goes on with one chain while the other's node takes questions and answers none, and says whose", async () => {
    first.hang(true);
    const [before] = [cycles(second).length];
    const began = performance.now();
    await until(second, before + 6);
    const seconds = (performance.now() - began) / 1_000;
    assert.ok(seconds < 7 * TICK_SECONDS + 5, `six ticks of ${TICK_SECONDS} s took ${seconds} s`);
    await world.moveOn();
    await child.until(
      () => cycles(second).filter(({ batch }) => batch === "CONFIRMED").length >= 2,
      "the second update",
    );
    const ends = performance.now() + 60_000;
    while ((await get(first, "/ready")).status === 200 && performance.now() < ends)
      await new Promise((go) => setTimeout(go, 200));
    assert.deepEqual([(await get(first, "/ready")).status, (await get(second, "/live")).status], [503, 200]);
    assert.match((await get(first, "/metrics")).text, /^tonsor_ready 0$/m);
    assert.equal(
      (JSON.parse((await get(first, "/api/status")).text) as { keeper: { state: string } }).keeper.state,
      "failed",
    );
    assert.ok(failed(first) > 0, "its log names it");
    assert.equal(failed(second), 0);
    first.hang(false);
    const { length } = cycles(first);
    await child.until(() => cycles(first).length > length, "the first chain back");
  });

  it("doubles nothing when it is killed and started again", async () => {
    const sent = cycles(first).filter(({ batch }) => batch !== undefined).length;
    await world.moveOn();
    await child.until(() => cycles(first).filter(({ batch }) => batch !== undefined).length > sent, "a batch");
    child.kill("SIGKILL");
    await child.ended;
    child = start();
    await Promise.all([until(first, 3), until(second, 3)]);
    for (const chain of world.chains) {
      const applied = (await batches(chain)).map(({ transactionHash }) => transactionHash);
      const confirmed = intents(chain).filter(({ status }) => status === "CONFIRMED");
      assert.deepEqual(applied.toSorted(), confirmed.map((one) => one.transactionHash).toSorted());
      assert.equal(new Set(confirmed.map(({ nonce }) => nonce)).size, confirmed.length);
    }
  });

  it("ends both on SIGTERM with exit code 0", async () => {
    child.kill("SIGTERM");
    const { code, err } = await child.ended;
    assert.equal(code, 0, err.slice(-2_000));
    for (const chain of world.chains) assert.equal(lines(chain, "keeper stopped").length, 1);
  });
});
