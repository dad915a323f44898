import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { DAY_SECONDS } from "../../keeper/domain/calendar.ts";
import { type AppliedBatch, tokensOf } from "../../keeper/domain/contract.ts";
import type { ChainView } from "../../keeper/domain/cycle.ts";
import type { Intent } from "../../keeper/domain/intent.ts";
import type { CycleSummary } from "../../keeper/operations/summary.ts";
import { readBatches } from "../../keeper/protocols/events.ts";
import { playDemo } from "../../scripts/demo/demo.ts";
import { onChainMarket } from "../../scripts/lab/contractModel/read.ts";
import { readEvents } from "../../scripts/lab/contractModel/readEvents.ts";
import { rebuildFromEvents } from "../../scripts/lab/contractModel/rebuild.ts";
import type { ContractState } from "../../scripts/lab/contractModel/state.ts";
import { dataFolder } from "../support/data.ts";

/** The whole stack plays the crash once, as fast as it can; every test below asks a question about that one run. */
describe("the replayed crash", () => {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-crash-"));
  const cycles: CycleSummary[] = [];
  const notes: string[] = [];
  let intents: readonly Intent[] = [];
  let applied: readonly AppliedBatch[] = [];
  let state: ChainView;
  let rebuilt: ContractState;
  let page = "";

  before(async () => {
    await playDemo({
      ...{ days: null, market: null },
      speed: 1e9,
      port: 0,
      generated: dataFolder() === null,
      exitAtEnd: true,
      signal: new AbortController().signal,
      onNote: (text) => void notes.push(text),
      onCycle: (cycle) => void cycles.push(cycle),
      folderFor: () => folder,
      async inspect({ keeper }) {
        const { client, contract } = keeper;
        intents = keeper.store.recentIntents(10_000).toReversed();
        state = await keeper.readChain();
        const span = { fromBlock: 0n, toBlock: state.blockNumber };
        applied = await readBatches(client, contract, span);
        rebuilt = rebuildFromEvents(await readEvents(client, contract, span));
        const url = /Status page: (\S+)/.exec(notes.join("\n"))?.[1] ?? "";
        page = await (await fetch(new URL("/api/status", url))).text();
      },
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const entriesOf = (market: string) =>
    cycles.flatMap((cycle) => cycle.entries.filter((entry) => entry.explanation.assessment.market === market));
  const chainOf = (market: string) =>
    entriesOf(market).map(({ explanation }) => {
      const { onChain, assessment } = explanation;
      assert.ok(onChain !== null);
      return { time: assessment.now, onChain, price: assessment.readings.priceUsd ?? Number.NaN };
    });

  it("looks at every recorded instant and says which data it plays", () => {
    assert.ok(cycles.length >= 70, `${cycles.length} cycles`);
    assert.match(notes.join("\n"), dataFolder() === null ? /generated/ : /recorded/);
    assert.deepEqual(
      cycles.flatMap((cycle) => cycle.failures),
      [],
    );
  });

  it("sums up all three numbers of each market at the end", () => {
    for (const [market, listed] of Object.entries({ WETH: 12_000, WBTC: 200 })) {
      const id = state.markets.get(market)?.marketId;
      const written = applied.flatMap((batch) => batch.entries.filter((entry) => entry.marketId === id));
      const lowest = Math.min(listed, ...written.map((entry) => Number(tokensOf(entry.limit))));
      const limit = [listed, lowest].map((tokens) => tokens.toLocaleString("en-US")).join(" -> ");
      const said =
        notes
          .join("\n")
          .split("\n")
          .find((line) => line.startsWith(`${market}: price fell`)) ?? "";
      assert.match(
        said,
        new RegExp(`; initial .* % -> .* maintenance .* % -> .* %, exposure limit ${limit} tokens at its lowest\\.$`),
      );
    }
  });

  it("falls by more than a third", () => {
    const prices = chainOf("WETH").map((point) => point.price);
    const fall = 1 - Math.min(...prices) / (prices[0] ?? Number.NaN);
    assert.ok(fall > 0.33 && fall < 0.5, `fell by ${fall}`);
  });

  const lowOf = (market: string) => {
    const prices = chainOf(market).map((point) => point.price);
    return prices.indexOf(Math.min(...prices));
  };

  it("raises initial with the deepest fall, and not maintenance, which knows nothing of today", () => {
    const points = chainOf("WETH");
    const low = points[lowOf("WETH")]?.time ?? Number.NaN;
    const before = points.findLast((point) => point.time <= low - 2 * DAY_SECONDS)?.onChain;
    const after = points.find((point) => point.time > low)?.onChain;
    assert.ok(before !== undefined && after !== undefined);
    const initial = after.initialBps - before.initialBps;
    const maintenance = after.maintenanceBps - before.maintenanceBps;
    assert.ok(initial >= 150, `initial rose by ${initial} bp`);
    assert.ok(Math.abs(maintenance) <= 20, `maintenance moved by ${maintenance} bp`);
  });

  it("takes the exposure limit back with the depth, at once, and gives it back slowly", () => {
    const looks = entriesOf("WETH").map(({ explanation: { assessment, onChain } }) => {
      assert.ok(onChain !== null && assessment.readings.priceUsd !== null);
      const { usd } = assessment.target.limit;
      return { usd, wanted: usd / assessment.readings.priceUsd, tokens: Number(tokensOf(onChain.limit)), onChain };
    });
    const [first, low] = [looks[0], looks[lowOf("WETH")]];
    assert.ok(first !== undefined && low !== undefined);
    assert.ok(low.usd < first.usd / 2, `$${first.usd} and at the low $${low.usd}`);
    // The recorded pools are thin: what they can sell is less than governance's cap.
    if (dataFolder() !== null) assert.ok(low.tokens < first.tokens / 2, `${low.tokens} tokens at the low`);
    for (const [i, after] of looks.slice(1).entries()) {
      const { wanted = 0, onChain = after.onChain } = looks[i] ?? {};
      const most = Math.max(wanted, Number(tokensOf(onChain.lowestLimit))) / 0.95;
      assert.ok(after.tokens <= most, `look ${i}: ${after.tokens} tokens stand, ${wanted} are wanted`);
      // From 1 024 tokens on, limits as written are notches.
      const raised = after.onChain.limit - onChain.limit;
      assert.ok(raised <= onChain.limits.hotRaiseBudget / 2, `look ${i}: raised by ${raised} notches`);
    }
  });

  it("never moves maintenance faster than its speed", () => {
    for (const market of ["WETH", "WBTC"]) {
      const points = chainOf(market);
      for (const [i, point] of points.entries()) {
        const previous = points[i - 1];
        if (previous === undefined) continue;
        const days = (point.time - previous.time) / 86_400;
        const moved = point.onChain.maintenanceBps - previous.onChain.maintenanceBps;
        const { tightenSpeedBpsPer30Days: up, loosenSpeedBpsPer30Days: down } = point.onChain.limits;
        const most = (speed: number) => (speed * days) / 30 + 1;
        assert.ok(moved <= most(up) && -moved <= most(down), `${market}: ${moved} bp in ${days} days`);
      }
    }
  });

  it("does not go on tightening maintenance long after the model asks for less", () => {
    const points = entriesOf("WETH").slice(-8);
    for (const { explanation } of points) {
      const { onChain, assessment } = explanation;
      assert.ok(onChain !== null);
      const { action, maintenanceTargetBps } = assessment.decision;
      const written = action === "submit" ? maintenanceTargetBps : onChain.maintenanceTargetBps;
      const wanted = Math.ceil(assessment.target.maintenance * 10_000);
      assert.ok(written <= Math.max(wanted + 50, onChain.maintenanceBps + 1), `${written} bp, ${wanted} wanted`);
    }
  });

  it("takes bitcoin's implied volatility for WBTC, one rung down the ladder, and says so", () => {
    const levels = new Set(entriesOf("WBTC").map((entry) => entry.explanation.assessment.risk.volatility.level));
    assert.deepEqual([...levels], ["L3"]);
    const weth = new Set(entriesOf("WETH").map((entry) => entry.explanation.assessment.risk.volatility.level));
    assert.deepEqual([...weth], ["L1"]);
  });

  it("confirms every transaction it made, and every one verifies from chain and evidence alone", () => {
    assert.ok(intents.length > 20, `${intents.length} transactions`);
    assert.deepEqual([...new Set(intents.map((intent) => intent.status))], ["CONFIRMED"]);
    // The demonstration verifies each of them, and counts.
    const said = `${intents.length} updates on chain, ${intents.length} of them verified from evidence`;
    assert.ok(notes.join("\n").includes(said), `no note says: ${said}`);
  });

  it("keeps journal and events in agreement, batch by batch", () => {
    assert.deepEqual(
      applied.map((batch) => [batch.sequence, batch.transactionHash, batch.evidence, batch.entries]),
      intents.map(({ batch, transactionHash }) => [batch.sequence, transactionHash, batch.evidence, batch.entries]),
    );
    assert.deepEqual(
      applied.flatMap((batch) => batch.skipped),
      [],
    );
  });

  it("lets the events alone rebuild the state that the contract holds", () => {
    for (const [name, market] of state.markets) {
      assert.deepEqual(onChainMarket(rebuilt, market.marketId, state.blockTime, state.writer.account), market, name);
    }
  });

  it("halts nothing, and stays within the tenth that it keeps back", () => {
    assert.equal(state.writer.tightenOnly, false);
    const most = Math.floor(state.writer.aggregateBps * 0.9);
    assert.ok(most > 0 && chainOf("WETH").every(({ onChain: { writer } }) => writer.spentBps <= most));
    assert.ok(chainOf("WETH").every(({ onChain: { writer } }) => writer.refusedBps === 0));
  });

  it("serves the finished run on the status page", () => {
    const status = JSON.parse(page) as { keeper: { state: string }; markets: { market: string }[] };
    assert.equal(status.keeper.state, "finished");
    assert.deepEqual(
      status.markets.map((one) => one.market),
      ["WETH", "WBTC"],
    );
  });
});
