import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { USD } from "../../keeper/markets/limits.ts";
import { readMarkets } from "../../keeper/markets/marketFiles.ts";
import { deploymentProblems } from "../../keeper/operations/deploymentProblems.ts";
import { startProblems } from "../../keeper/operations/startProblems.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { SHIPPED } from "../support/shipped.ts";

const plan = developmentPlan(SHIPPED);
/** The part of a record that is looked at, as the development plan would be recorded. */
const calm = (): Deployment => {
  const markets = plan.markets.map((market, n) => ({ ...market, id: n + 1 }));
  return structuredClone({ chainId: 31_337, ...plan, markets }) as unknown as Deployment;
};
const found = (change: (record: Deployment) => unknown, markets = SHIPPED) =>
  deploymentProblems(change(calm()) as Deployment, markets).map((one) => `${one.path}: ${one.given}; ${one.expected}`);

describe("deploymentProblems", () => {
  it("finds nothing in the development plan", () => {
    assert.deepEqual(
      found((record) => record),
      [],
    );
  });

  it("names an asset that is there twice by the path of the second", () => {
    const [weth, wbtc] = calm().markets;
    const text = found((record) => ({ ...record, markets: [weth, { ...wbtc, collateral: weth?.collateral }] }));
    assert.equal(
      text[0],
      `markets.1.collateral: ${weth?.collateral} against ${weth?.debt} again, as at markets.0.collateral; each asset once`,
    );
    assert.match(
      text[1] ?? "",
      /^markets\.1\.collateral: .*, the address of WBTC in deployments\/markets\/WBTC\.jsonc$/,
    );
  });

  it("names a market that is there twice by id, name and asset at once", () => {
    const text = found((record) => ({ ...record, markets: [...record.markets, record.markets[0]] }));
    assert.deepEqual(
      text.map((one) => one.split(":")[0]),
      ["markets.2.id", "markets.2.name", "markets.2.collateral"],
    );
  });

  it("names an asset against itself, and a class id that is there twice", () => {
    const { collateral } = calm().markets[0] as Deployment["markets"][number];
    assert.deepEqual(
      found((record) => ({
        ...record,
        markets: record.markets.map((one, n) => (n === 0 ? { ...one, debt: collateral } : one)),
      })),
      [
        `markets.0.debt: ${collateral}; another asset than collateral`,
        `markets.0.debt: ${collateral}; ${USD}, the address of USD in deployments/markets/WETH.jsonc`,
      ],
    );
    const text = found((record) => ({ ...record, classes: [...record.classes, record.classes[0]] }));
    const [id, at] = [calm().classes[0]?.id, calm().classes.length];
    assert.deepEqual(text, [`classes.${at}.id: ${id} again, as at classes.0.id; each class id once`]);
  });

  it("names a lender that is there twice, markets of one that are not listed, and an agent's of two debts", () => {
    const { collateral: pool } = calm().markets[0] as Deployment["markets"][number];
    const aave = { kind: "aave-v3", name: "Aave", fromBlock: 1, provider: pool, pool, markets: [1, 2], agent: {} };
    const morpho = { kind: "morpho-blue", name: "Aave", fromBlock: 1, market: 9 };
    const text = (lenders: object[]) => found((record) => Object.assign(record, { lenders }));
    assert.deepEqual(text([aave]), []);
    const twice = "lenders.1.name: Aave again, as at lenders.0.name; each lender once";
    assert.deepEqual(text([aave, morpho]), [twice, "lenders.1.market: 9; ids of listed markets"]);
    const mixed = (agent: object | null) =>
      found((record) => ({
        ...record,
        lenders: [{ ...aave, agent }],
        markets: [record.markets[0], { ...record.markets[1], debt: pool }],
      }))[0];
    assert.equal(mixed({}), `lenders.0.markets: ${USD}, ${pool}; markets of one debt, the agent's`);
    assert.doesNotMatch(mixed(null) ?? "", /lenders/);
  });

  it("names every bound that is crossed, in every class, and what else the contract would refuse", () => {
    const text = found((record) => ({
      ...record,
      classes: record.classes.map((one) => ({
        ...one,
        limits: {
          ...one.limits,
          minInitialBps: 9_999,
          maxInitialBps: 6_000,
          minMaintenanceBps: 5_001,
          maxMaintenanceBps: 5_000,
        },
      })),
    }));
    for (const [n] of calm().classes.entries()) {
      assert.ok(text.includes(`classes.${n}.limits.minInitialBps: 9999; at most maxInitialBps, 6000`), text.join("\n"));
      assert.ok(text.includes(`classes.${n}.limits.minMaintenanceBps: 5001; at most maxMaintenanceBps, 5000`));
      const named = text.filter((one) => one.startsWith(`classes.${n}.limits.minInitialBps:`));
      assert.equal(named.length, 1, "what the contract would refuse as well is said once");
    }
    const [gap] = found((record) => ({
      ...record,
      classes: record.classes.map((one) => ({ ...one, limits: { ...one.limits, minGapBps: 0 } })),
    }));
    assert.equal(gap, "classes.0.limits.minGapBps: 0; what the contract takes, such as 1");
    const [ttl] = found((record) => ({
      ...record,
      classes: record.classes.map((one) => ({ ...one, limits: { ...one.limits, ttlHours: 1, maxAgeMinutes: 121 } })),
    }));
    assert.equal(ttl, "classes.0.limits.ttlHours: 1; what the contract takes, such as 3", "in hours, as it is written");
  });

  it("names starting values outside of their class, and a class that is not there", () => {
    const [first] = found((record) => ({
      ...record,
      markets: record.markets.map((one, n) => (n === 0 ? { ...one, maintenanceBps: one.initialBps } : one)),
    }));
    assert.match(first ?? "", /^markets\.0\.maintenanceBps: \d+; at most initialBps less the gap of its class, \d+$/);
    const low = found((record) => ({
      ...record,
      markets: record.markets.map((one, n) => (n === 0 ? { ...one, initialBps: 1, maintenanceBps: 1 } : one)),
    }));
    assert.deepEqual(low, ["markets.0.maintenanceBps: 1; at most initialBps less the gap of its class, 0"]);
    const most = calm().classes.find(({ id }) => id === calm().markets[0]?.classId)?.limits.maxInitialBps ?? 0;
    const high = found((record) => ({
      ...record,
      markets: record.markets.map((one, n) => (n === 0 ? { ...one, initialBps: most + 1 } : one)),
    }));
    assert.deepEqual(high, [`markets.0.initialBps: ${most + 1}; at most maxInitialBps of its class, ${most}`]);
    const lost = found((record) => ({ ...record, classes: record.classes.slice(0, 1) }));
    assert.match(lost.join(), /markets\.1\.classId: 1; one of the classes 0/);
  });

  it("names an exposure limit outside of its own bounds", () => {
    const of = (change: object) =>
      found((record) => ({
        ...record,
        markets: record.markets.map((one, n) => (n === 0 ? { ...one, ...change } : one)),
      }));
    const { limit, lowestLimit, highestLimit } = calm().markets[0] as Deployment["markets"][number];
    assert.deepEqual(of({ limit: highestLimit + 1 }), [
      `markets.0.limit: ${highestLimit + 1}; at most highestLimit, ${highestLimit}`,
    ]);
    assert.deepEqual(of({ limit: lowestLimit - 1 }), [
      `markets.0.lowestLimit: ${lowestLimit}; at most limit, ${lowestLimit - 1}`,
    ]);
    assert.deepEqual([of({ limit: highestLimit }), of({ lowestLimit: limit })], [[], []]);
  });

  it("names an address that is not the one in the market's file, and not one that no market names", () => {
    const { sources } = calm();
    const feeds = { WETH: sources.feeds["WETH"] ?? "", WBTC: sources.feeds["WETH"] ?? "" };
    assert.deepEqual(
      found((record) => ({ ...record, sources: { ...sources, feeds } })),
      [`sources.feeds.WBTC: ${feeds.WETH}; ${sources.feeds["WBTC"]}, as deployments/markets/WBTC.jsonc has it`],
    );
    const more = { ...sources.feeds, another: sources.feeds["WETH"] ?? "" };
    assert.deepEqual(
      found((record) => ({ ...record, sources: { ...sources, feeds: more } })),
      [],
    );
  });

  it("names one token, and one pool, under two names", () => {
    for (const kind of ["tokens", "pools"] as const) {
      const { sources } = calm();
      const [[name, address] = ["", ""]] = Object.entries(sources[kind]);
      assert.deepEqual(
        found((record) => ({ ...record, sources: { ...sources, [kind]: { ...sources[kind], another: address } } })),
        [`sources.${kind}.another: ${address} again, as at sources.${kind}.${name}; each ${kind.slice(0, -1)} once`],
      );
    }
  });

  it("asks for nothing of a market that the record does not list, nor of a token that it does not name", () => {
    const { sources } = calm();
    const { WBTC: _, ...tokens } = sources.tokens;
    assert.deepEqual(
      found((record) => ({ ...record, sources: { ...sources, tokens } })),
      [],
    );
    assert.deepEqual(
      found((record) => ({
        ...record,
        markets: record.markets.slice(0, 1),
      })),
      [],
    );
  });

  it("names every source of a market that has no address", () => {
    const text = found((record) => ({ ...record, sources: { ...record.sources, pools: {}, feeds: {} } }));
    assert.deepEqual(
      text.map((one) => one.split(":")[0]),
      ["feeds.WETH", "pools.USDC/WETH-0.05%", "feeds.WBTC", "pools.WBTC/WETH-0.3%", "pools.USDC/WETH-0.05%"].map(
        (name) => `sources.${name}`,
      ),
    );
  });
});

describe("startProblems", () => {
  const CALM = readMarkets(null);
  const inFolder = (content: unknown, run: (where: { deployments: string; chainId: number }) => void) => {
    const deployments = mkdtempSync(join(tmpdir(), "tonsor-start-"));
    try {
      if (content !== undefined) writeFileSync(join(deployments, "1.json"), JSON.stringify(content));
      run({ deployments, chainId: 1 });
    } finally {
      rmSync(deployments, { recursive: true });
    }
  };

  it("names a record that is not there only beside other problems", () => {
    inFolder(undefined, (where) => {
      assert.deepEqual(startProblems(where, CALM, 0), []);
      assert.deepEqual(
        startProblems(where, CALM, 1).map(({ path }) => path),
        ["deployments/1.json"],
      );
    });
  });

  it("names a record that is none, alone too", () => {
    inFolder({ chainId: 1 }, (where) => {
      const [problem] = startProblems(where, CALM, 0);
      assert.match(problem?.given ?? "", /is not a deployment: contract: /);
    });
  });

  it("names what is wrong with the markets beside the record that is not there", () => {
    inFolder(undefined, (where) => {
      const problems = [{ path: "markets/WETH.jsonc: model.tailLevel", given: "2", expected: "in [0.9, 1)" }];
      assert.deepEqual(
        startProblems(where, { ...CALM, problems }, 0).map(({ path, given, expected }) => [path, given, expected]),
        [
          ["markets/WETH.jsonc: model.tailLevel", "2", "in [0.9, 1)"],
          [
            "deployments/1.json",
            `there is no deployment at ${join(where.deployments, "1.json")}`,
            "the record of a deployment",
          ],
        ],
      );
    });
  });
});
