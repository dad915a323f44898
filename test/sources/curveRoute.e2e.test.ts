import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Observed } from "../../keeper/domain/observation.ts";
import type { MarketParameters } from "../../keeper/domain/parameters.ts";
import { openRpc, type Rpc } from "../../keeper/io/rpc.ts";
import { assess } from "../../keeper/pipeline.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { openSources, readChainSources } from "../../keeper/sources/sources.ts";
import { readAll } from "../../keeper/venues/contractReads.ts";
import { curve, curveCrypto } from "../../keeper/venues/curve/curve.ts";
import { CRYPTO_QUOTE, CURVE } from "../../keeper/venues/curve/reader.ts";
import { uniswapV3 } from "../../keeper/venues/uniswapV3/uniswapV3.ts";
import { venueRegistry } from "../../keeper/venues/venueRegistry.ts";
import { type AnvilProcess, spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { replicaClient } from "../../scripts/lab/replica/node.ts";
import { cryptoPool, stakedPool, units } from "../support/curve/curvePools.ts";
import { curveDeployer } from "../support/curve/deployCurve.ts";
import { fakeVenue, silentVenue } from "../support/fakeVenue.ts";
import { calmBoard, calmFeed, calmHistory, calmIndex, seen } from "../support/observations.ts";
import { calmMarket, NO_HISTORY } from "../support/onChain.ts";
import { FEED_SAYS, WBTC, WETH } from "../support/shipped.ts";

const CHAIN = 31337;
const ROUTE = [["curve:stETH/ETH"], ["curveCrypto:USDC/WETH"]];
/** Staked ether against dollars: priced by ether's options, sold through two Curve pools. */
const STETH: MarketParameters = {
  ...WBTC,
  name: "stETH",
  collateral: { symbol: "stETH", decimals: 18 },
  model: { ...WETH.model, largestBorrowerUsd: 100_000, supplyCapUsd: 2_000_000, liquidationProfile: [] },
  sources: {
    ...WETH.sources,
    options: null,
    transferFrom: "ETH",
    transferHistory: "ETH-PERPETUAL",
    route: ROUTE,
  },
};

describe("a market that is sold through Curve pools", () => {
  let anvil: AnvilProcess;
  let rpc: Rpc;
  let deployment: Deployment;
  let observed: readonly Observed[];
  let now: number;

  before(async () => {
    anvil = await spawnAnvil({ chainId: CHAIN });
    rpc = openRpc({ url: anvil.url, chainId: CHAIN });
    const put = curveDeployer(replicaClient(anvil.url, CHAIN));
    const staked = await put.stable("stETH/ETH", stakedPool(63_000, 60_000));
    const dollars = await put.crypto("USDC/WETH", cryptoPool(60_000_000, 20_000));
    const feed = await put.token("FEED", 8);
    const pools = { "curve:stETH/ETH": staked.address, "curveCrypto:USDC/WETH": dollars.address };
    deployment = { sources: { tokens: {}, pools, feeds: { WETH: feed } } } as unknown as Deployment;
    const block = await rpc.block("latest");
    now = block.timestamp + 2;
    const deribit = fakeVenue("deribit", {
      board: async () => seen(calmBoard("ETH", now - 4, 3_000, 0.5)) as never,
      history: {
        index: async () => seen(calmIndex("ETH", now, 0.5)) as never,
        candles: async () => seen(calmHistory("ETH-PERPETUAL", now, 3_000, 0.5)) as never,
      },
    });
    const sources = openSources({
      feedSays: FEED_SAYS,
      rpc,
      deployment,
      venues: venueRegistry([deribit, curve, curveCrypto]),
    });
    const found = (await sources([STETH], block, now, new AbortController().signal)).get("stETH") ?? [];
    // The feed's contract is no feed here; its answer is.
    observed = [...found.filter((one) => !one.source.startsWith("priceFeed:")), seen(calmFeed(now - 600, 3_000))];
  });
  after(() => anvil?.close());

  const assessed = (change: (one: Observed) => Observed = (one) => one) =>
    assess({ now, market: STETH, observed: observed.map(change), history: NO_HISTORY, onChain: calmMarket(now) });

  it("is priced and measured through them, without a fault", () => {
    const { readings, risk, decision } = assessed();
    assert.deepEqual(readings.faults, []);
    assert.deepEqual(
      readings.route.map((hop) => hop.map((pool) => pool.kind)),
      [["stableSwapPool"], ["cryptoSwapPool"]],
    );
    assert.ok(Math.abs((readings.priceUsd ?? 0) / 3_000 - 1) < 0.01, String(readings.priceUsd));
    assert.ok(risk.depth.nowUsd > 500_000 && (risk.depth.shockedUsd ?? 0) > 0, JSON.stringify(risk.depth));
    assert.ok(!decision.reasons.includes("NO_DATA"));
  });

  it("has the depth that the pools on the node pay for when they are asked in turn", async () => {
    const { risk, readings } = assessed();
    const price = Number(readings.route.length && readings.priceUsd);
    const size = units(risk.depth.nowUsd / price, 18);
    const block = (await rpc.block("latest")).number;
    const [first, second] = Object.values(deployment.sources.pools);
    const [ether = 0n] = await readAll<bigint>(rpc, CURVE, [[first as never, "get_dy", 0n, 1n, size]], block);
    const [out = 0n] = await readAll<bigint>(rpc, CRYPTO_QUOTE, [[second as never, "get_dy", 1n, 0n, ether]], block);
    const slippage = 1 - Number(out) / 1e6 / risk.depth.nowUsd;
    assert.ok(Math.abs(slippage - risk.depth.maxSlippage) < 2e-3, `${slippage}, asked ${risk.depth.maxSlippage}`);
  });

  it("has no price through a pool whose state and answers disagree, and says so", () => {
    const { readings, decision } = assessed((one) => {
      const pool = one.observation;
      if (pool?.kind !== "stableSwapPool") return one;
      return { ...one, observation: { ...pool, amplification: pool.amplification * 3n } };
    });
    assert.deepEqual(
      readings.faults.map(({ code, source }) => [code, source]),
      [["INCONSISTENT", "curve:stETH/ETH"]],
    );
    assert.deepEqual(readings.route[0], []);
    assert.ok(decision.initialBps >= 2_200, "nothing is loosened");
  });

  it("is read again by its sources' names, as `verify` does", async () => {
    const names = ["curve:stETH/ETH", "deribit:ETH:options", "curveCrypto:USDC/WETH"];
    const again = await readChainSources(names, await rpc.block("latest"), { rpc, deployment, feedSays: FEED_SAYS });
    const pools = observed.filter(({ source }) => source.startsWith("curve"));
    assert.deepEqual(again, pools);
  });

  it("names the venues there are when a route asks for another", async () => {
    const market = { ...STETH, sources: { ...STETH.sources, route: [["balancer:x"]] } };
    const venues = venueRegistry([silentVenue("deribit"), uniswapV3, curve, curveCrypto]);
    const sources = openSources({ feedSays: FEED_SAYS, rpc, deployment, venues });
    await assert.rejects(sources([market], await rpc.block("latest"), now, new AbortController().signal), {
      code: "BAD_CONFIG",
      message: /balancer.*uniswapV3, curve, curveCrypto/,
    });
  });
});
