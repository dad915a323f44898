import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { AppliedBatch } from "../../keeper/domain/contract.ts";
import type { ChainView } from "../../keeper/domain/cycle.ts";
import type { Intent } from "../../keeper/domain/intent.ts";
import type { CycleSummary } from "../../keeper/operations/summary.ts";
import { readBatches, readEvents } from "../../keeper/protocols/events.ts";
import { playDemo } from "../../scripts/demo/demo.ts";
import { onChainMarket } from "../../scripts/lab/contractModel/read.ts";
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
    const limits = { WETH: "12,000 -> 12,000", WBTC: "200 -> 200" };
    for (const [market, limit] of Object.entries(limits)) {
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

  it("raises initial before or with the fall, and by more than maintenance", () => {
    const points = chainOf("WETH");
    const [first] = points;
    assert.ok(first !== undefined);
    const fallen = points.find((point) => point.price < 0.85 * first.price);
    assert.ok(fallen !== undefined);
    const rise = (side: "initialBps" | "maintenanceBps", until: number) =>
      Math.max(...points.filter((point) => point.time <= until).map((point) => point.onChain[side])) -
      first.onChain[side];
    const last = points.at(-1)?.time ?? 0;
    assert.ok(
      rise("initialBps", fallen.time) >= 200,
      `${rise("initialBps", fallen.time)} bp before the price fell by 15 %`,
    );
    assert.ok(rise("initialBps", last) > rise("maintenanceBps", last));
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
