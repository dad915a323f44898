import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Ports, runCycle } from "../keeper/cycle.ts";
import type { BatchPlan, BatchResult, ChainView, CycleReport } from "../keeper/domain/cycle.ts";
import type { OnChainMarket } from "../keeper/domain/decision.ts";
import { CALM_LIMIT } from "./support/entries.ts";
import { calmObserved } from "./support/observations.ts";
import { CALM_WRITER, calmMarket, NO_HISTORY } from "./support/onChain.ts";
import { WETH } from "./support/shipped.ts";

const NOW = 1_770_000_000;
const TWIN = { ...WETH, name: "TWIN" };

/** Ports over a calm world that write down, in order, what was asked of them. */
function world(change: Partial<Ports> = {}): { ports: Ports; calls: string[]; plans: BatchPlan[] } {
  const calls: string[] = [];
  const plans: BatchPlan[] = [];
  const ports: Ports = {
    now: () => NOW,
    reconcile: async () => void calls.push("reconcile"),
    look: async (markets) => {
      calls.push("look");
      // The chain stands below the target, so that every market wants to tighten.
      const low = { storedInitialBps: 1_500, initialBps: 1_500, maintenanceTargetBps: 1_000, maintenanceBps: 1_000 };
      const chain = {
        chainId: 31_337,
        contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
        blockNumber: 7n,
        blockTime: NOW - 1,
        baseFee: 1n,
        writer: CALM_WRITER,
        markets: new Map(markets.map((market, i) => [market.name, calmMarket(NOW, { ...low, marketId: i + 1 })])),
      };
      return { chain, observed: new Map(markets.map((market) => [market.name, calmObserved(NOW)])) };
    },
    history: () => NO_HISTORY,
    stopped: () => null,
    record: () => {
      calls.push("record");
      return 12;
    },
    submit: async (plan, tick): Promise<BatchResult> => {
      calls.push(`submit ${tick}`);
      plans.push(plan);
      const applied = plan.entries.map((entry) => entry.assessment.market);
      return {
        status: "CONFIRMED",
        intent: 1,
        hash: "0x1",
        evidence: "0x2",
        sequence: plan.sequence,
        applied,
        skipped: [],
        detail: "",
      };
    },
    finish: () => void calls.push("finish"),
    ...change,
  };
  return { ports, calls, plans };
}

/** The same ports, with a look that is changed after it. */
const seeing = (ports: Ports, change: (chain: ChainView) => ChainView): Ports => ({
  ...ports,
  async look(...asked) {
    const { chain, observed } = await ports.look(...asked);
    return { chain: change(chain), observed };
  },
});

/** A world in which nothing was observed. */
function blind() {
  const { ports, calls } = world();
  const look: Ports["look"] = async (...asked) => ({ ...(await ports.look(...asked)), observed: new Map() });
  return { ports: { ...ports, look }, calls };
}

/** A month of the depth of now, by the hour. */
const DEPTH = Array.from({ length: 700 }, (_, n) => [NOW - (700 - n) * 3_600, 8e6] as const);
const live = { dryRun: false, signal: new AbortController().signal };
const assessed = (report: CycleReport) => report.entries.map((entry) => entry.assessment.market);

describe("runCycle", () => {
  it("settles, observes, decides, writes down and only then acts", async () => {
    const { ports, calls, plans } = world();
    const report = await runCycle(ports, [WETH], live);
    assert.deepEqual(calls, ["reconcile", "look", "record", "submit 12", "finish"]);
    assert.equal(report.batch?.status, "CONFIRMED");
    assert.equal(plans[0]?.sequence, 42n);
  });

  it("sends all due markets in one batch", async () => {
    const { ports, plans } = world();
    await runCycle(ports, [WETH, TWIN], live);
    assert.deepEqual(
      plans[0]?.entries.map((entry) => entry.assessment.market),
      ["WETH", "TWIN"],
    );
  });

  it("sends every market that tightens, and so many that loosen as share what is left, the others reported as waiting", async () => {
    const markets = Array.from({ length: 34 }, (_, i) => ({ ...WETH, name: `m${i}` }));
    const tightening = world();
    await runCycle(tightening.ports, markets, live);
    assert.equal(tightening.plans[0]?.contractEntries.length, 34);
    const { ports, plans } = world({ history: () => ({ ...NO_HISTORY, depth: DEPTH }) });
    const high = { storedInitialBps: 6_000, initialBps: 6_000, maintenanceTargetBps: 3_000, maintenanceBps: 3_000 };
    const seen = seeing(ports, (chain) => {
      return { ...chain, markets: new Map([...chain.markets].map(([name, market]) => [name, { ...market, ...high }])) };
    });
    const { entries, batch } = await runCycle(seen, markets, live);
    const waiting = entries.filter(({ assessment: { decision } }) => decision.reasons[0] === "NEXT_BATCH");
    assert.ok(waiting.every(({ assessment: { decision } }) => decision.action === "hold"));
    assert.deepEqual([entries.length, waiting.length, plans[0]?.contractEntries.length], [34, 2, 32]);
    assert.ok(waiting.every(({ assessment: { market } }) => !batch?.applied.includes(market)));
  });

  it("sends and writes nothing in a dry run, and decides the same", async () => {
    const { ports, calls } = world();
    const report = await runCycle(ports, [WETH], { ...live, dryRun: true });
    assert.deepEqual(calls, ["look"]);
    assert.deepEqual([report.batch, report.heldBy], [null, "dry run"]);
    const sent = await runCycle(world().ports, [WETH], live);
    assert.deepEqual(report.entries[0]?.assessment.decision, sent.entries[0]?.assessment.decision);
  });

  it("keeps one market's failure away from the others", async () => {
    const history: Ports["history"] = (market) => {
      if (market === "WETH") throw new Error("disk on fire");
      return NO_HISTORY;
    };
    const report = await runCycle(world({ history }).ports, [WETH, TWIN], live);
    assert.deepEqual(report.failures, [{ market: "WETH", error: "disk on fire" }]);
    assert.deepEqual(assessed(report), ["TWIN"]);
    assert.deepEqual(report.batch?.applied, ["TWIN"]);
  });

  it("names a market that the contract does not list", async () => {
    const { ports } = world();
    const onlyWeth: Ports = { ...ports, look: async (_, signal) => ports.look([WETH], signal) };
    const report = await runCycle(onlyWeth, [WETH, TWIN], live);
    assert.deepEqual(report.failures, [{ market: "TWIN", error: "not listed on chain" }]);
  });

  it("lets a lower rank act first and sends nothing when it has, with its own cycle written down", async () => {
    const { ports, calls } = world({
      yieldToLowerRanks: async ({ writer }) => `batch ${writer.sequence + 1} is on chain`,
    });
    const report = await runCycle(ports, [WETH], live);
    assert.deepEqual([report.batch, report.heldBy, report.yielded], [null, null, "batch 42 is on chain"]);
    assert.deepEqual(calls, ["reconcile", "look", "record", "finish"]);
  });

  it("reads the kill switches again after it has yielded to the others", async () => {
    let stopped: string | null = null;
    const yieldToLowerRanks = async () => {
      stopped = "file PAUSED";
      return null;
    };
    const report = await runCycle(world({ yieldToLowerRanks, stopped: () => stopped }).ports, [WETH], live);
    assert.deepEqual([report.batch, report.heldBy], [null, "file PAUSED"]);
  });

  it("holds a decided batch while a kill switch is set, and says which", async () => {
    const { ports, calls } = world({ stopped: () => "sentinel file PAUSED" });
    const report = await runCycle(ports, [WETH], live);
    assert.equal(report.heldBy, "sentinel file PAUSED");
    assert.deepEqual(calls, ["reconcile", "look", "record", "finish"]);
  });

  it("decides what takes the place of a pending batch as if that were not there, so that no tightening is lost", async () => {
    const { ports, plans } = world();
    const pending = { initialBps: 9_000, maintenanceTargetBps: 8_000, limit: CALM_LIMIT, asOf: NOW - 60 };
    const inFlight = (name: string) => (chain: ChainView) => {
      const states = [...chain.markets].map(
        ([market, state]) => [market, market === name ? { ...state, pending } : state] as const,
      );
      return { ...chain, markets: new Map(states) };
    };
    const report = await runCycle(seeing(ports, inFlight("WETH")), [WETH, TWIN], live);
    assert.deepEqual(
      plans[0]?.entries.map(({ input, assessment }) => [assessment.market, input.onChain.pending]),
      [
        ["WETH", null],
        ["TWIN", null],
      ],
    );
    assert.deepEqual(report.entries, plans[0]?.entries);
  });

  it("leaves a pending batch alone while nothing is due beyond it", async () => {
    const { ports, plans } = world();
    const calm = await runCycle(ports, [WETH], live);
    const sent = calm.entries[0]?.assessment.decision;
    assert.ok(sent !== undefined);
    const { initialBps, maintenanceTargetBps, limit } = sent;
    const pending = { initialBps, maintenanceTargetBps, limit, asOf: NOW - 3_600 };
    const inFlight = (chain: ChainView) => ({
      ...chain,
      markets: new Map([...chain.markets].map(([name, state]) => [name, { ...state, pending }])),
    });
    const report = await runCycle(seeing(ports, inFlight), [WETH], live);
    assert.deepEqual([report.batch, plans.length], [null, 1]);
    assert.deepEqual(report.entries[0]?.input.onChain.pending, pending);
  });

  it("submits nothing when nothing is due", async () => {
    const { ports, calls } = blind();
    const report = await runCycle(ports, [WETH], live);
    assert.equal(report.entries[0]?.assessment.decision.action, "hold");
    assert.deepEqual(calls.at(-1), "finish");
    assert.deepEqual([report.batch, report.heldBy], [null, null]);
  });

  it("says plainly when chain and clock are apart, either way, and loosens nothing meanwhile", async () => {
    for (const [offset, words] of [
      [3_600, /3601 s ahead of the latest block/],
      [-600, /599 s behind the latest block/],
    ] as const) {
      const report = await runCycle(world({ now: () => NOW + offset }).ports, [WETH], live);
      assert.match(report.failures.map(({ market, error }) => `${market}: ${error}`).join(), words);
      const decision = report.entries[0]?.assessment.decision;
      assert.deepEqual([decision?.action, decision?.reasons], ["hold", ["NO_DATA"]]);
    }
    assert.deepEqual((await runCycle(world().ports, [WETH], live)).failures, []);
  });

  it("stops before anything is sent when the chain cannot be read", async () => {
    const { ports, calls } = world({ look: () => Promise.reject(new Error("no chain")) });
    await assert.rejects(runCycle(ports, [WETH], live), /no chain/);
    assert.deepEqual(calls, ["reconcile"]);
  });

  it("decides once and says nothing was held when nothing is due, dry or stopped", async () => {
    const dry = await runCycle(blind().ports, [WETH], { ...live, dryRun: true });
    assert.deepEqual([dry.batch, dry.heldBy], [null, null]);
    const stopped = await runCycle({ ...blind().ports, stopped: () => "file PAUSED" }, [WETH], live);
    assert.equal(stopped.heldBy, null);
  });

  it("names a failure that was thrown without being an error", async () => {
    const history: Ports["history"] = () => {
      throw "a word";
    };
    const report = await runCycle(world({ history }).ports, [WETH], live);
    assert.deepEqual(report.failures, [{ market: "WETH", error: "a word" }]);
  });

  it("measures from the last datum to the decisions about all markets, and nothing before or after", async () => {
    let watch = 0;
    const takes = (milliseconds: number) => {
      watch += milliseconds;
    };
    const { ports } = world({
      stopwatch: () => watch,
      history: () => {
        takes(7);
        return NO_HISTORY;
      },
    });
    const look: Ports["look"] = async (...asked) => {
      takes(1_000);
      return ports.look(...asked);
    };
    const record: Ports["record"] = (seen) => {
      takes(100);
      return ports.record(seen);
    };
    const report = await runCycle({ ...ports, look, record }, [WETH, TWIN], live);
    assert.equal(report.decisionMs, 14);
    assert.equal("decisionMs" in (await runCycle(world().ports, [WETH], live)), false);
  });

  it("lets whatever waits have its turn after each market that it decides", async () => {
    const order: string[] = [];
    const { ports } = world({
      turn: async () => void order.push("turn"),
      history: (market) => {
        order.push(market);
        return NO_HISTORY;
      },
      record: () => order.push("record"),
    });
    await runCycle(ports, [WETH, TWIN], live);
    assert.deepEqual(order, [WETH.name, "turn", TWIN.name, "turn", "record"]);
  });

  it("journals the tick it recorded with the report it returns", async () => {
    const finished: unknown[] = [];
    const { ports } = world({ finish: (tick, ended) => void finished.push(tick, ended) });
    const report = await runCycle(ports, [WETH], live);
    assert.deepEqual(finished, [12, report]);
    assert.deepEqual([report.now, report.blockNumber], [NOW, 7n]);
  });
});

describe("a cycle with a transaction in flight", () => {
  /** The chain with something on its way for some markets, and a count of how often each was thought about. */
  function inFlight(pending: Readonly<Record<string, NonNullable<OnChainMarket["pending"]>>>, base = 1_500) {
    const thoughts: string[] = [];
    const made = world({
      history: (market) => {
        thoughts.push(market);
        return NO_HISTORY;
      },
    });
    const low = { storedInitialBps: base, initialBps: base, maintenanceTargetBps: 1_000, maintenanceBps: 1_000 };
    const ports = seeing(made.ports, (view) => {
      const states = [...view.markets.keys()].map(
        (name) => [name, calmMarket(NOW, { ...low, pending: pending[name] ?? null })] as const,
      );
      return { ...view, markets: new Map(states) };
    });
    return { ...made, ports, thoughts };
  }
  const old = { initialBps: 1_600, maintenanceTargetBps: 1_100, limit: CALM_LIMIT, asOf: NOW - 1_800 };

  it("thinks once when nothing is in flight", async () => {
    const { ports, thoughts } = inFlight({});
    await runCycle(ports, [WETH, TWIN], live);
    assert.deepEqual(thoughts, ["WETH", "TWIN"]);
  });

  it("decides as if nothing were in flight what is to take its place, for every market", async () => {
    const { ports, thoughts, plans } = inFlight({ WETH: old });
    await runCycle(ports, [WETH, TWIN], live);
    assert.deepEqual(thoughts, ["WETH", "TWIN", "WETH", "TWIN"]);
    const [plan] = plans;
    assert.deepEqual(
      [...(plan?.chain.markets.values() ?? [])].map((market) => market.pending),
      [null, null],
    );
    assert.deepEqual(
      plan?.entries.map(({ input }) => input.onChain.pending),
      [null, null],
    );
    const calm = inFlight({});
    await runCycle(calm.ports, [WETH, TWIN], live);
    assert.deepEqual(
      plan?.entries.map(({ assessment }) => assessment.decision),
      calm.plans[0]?.entries.map(({ assessment }) => assessment.decision),
    );
  });

  it("leaves alone what is in flight while it says what would be said again", async () => {
    const first = await runCycle(inFlight({}).ports, [WETH], live);
    const decision = first.entries[0]?.assessment.decision;
    assert.ok(decision !== undefined);
    const { initialBps, maintenanceTargetBps, limit } = decision;
    const pending = { initialBps, maintenanceTargetBps, limit, asOf: NOW - 1_800 };
    const { ports, plans, thoughts } = inFlight({ WETH: pending });
    const report = await runCycle(ports, [WETH], live);
    assert.deepEqual([plans, thoughts], [[], ["WETH"]]);
    assert.ok(report.entries[0]?.input.onChain.pending !== null, "decided against what is on its way");
  });
});

describe("the two clocks of a cycle", () => {
  const apart = async (seconds: number) => {
    const made = world();
    const ports = seeing(made.ports, (chain) => ({ ...chain, blockTime: NOW - seconds }));
    const { failures } = await runCycle(ports, [WETH], { ...live, dryRun: true });
    return failures;
  };

  it("may lie two minutes apart, either way", async () => {
    for (const seconds of [0, 120, -120]) assert.deepEqual(await apart(seconds), [], String(seconds));
  });

  it("are named with their distance and what follows from it beyond that", async () => {
    assert.deepEqual(await apart(121), [
      {
        market: "clock",
        error:
          "the keeper's clock is 121 s ahead of the latest block: the node lags or the clock is wrong, and data seems stale until they agree",
      },
    ]);
    assert.deepEqual(await apart(-3_600), [
      {
        market: "clock",
        error:
          "the keeper's clock is 3600 s behind the latest block: the node lags or the clock is wrong, and data seems to come from the future until they agree",
      },
    ]);
  });
});
