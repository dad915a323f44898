import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createPublicClient, http } from "viem";
import { MAINNET_ADDRESSES, POOLS, type PoolName } from "../../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { replicaClient } from "../../../scripts/lab/replica/node.ts";
import { scaledUsd, sqrtPriceX96At } from "../../../scripts/lab/replica/sqrtPrice.ts";
import { type Replica, startReplica } from "../../../scripts/lab/replica/startReplica.ts";
import type { MapTick } from "../../../scripts/lab/replica/tickMap.ts";
import { uniswapArtifacts } from "../../../scripts/lab/replica/uniswap.ts";
import { liquidityAt } from "../../support/liquidityAt.ts";

/** Returns every initialised tick of a pool, ascending, read through the TickLens that stands beside it. */
async function populatedTicks(url: string, pool: string, tickSpacing: number): Promise<MapTick[]> {
  const client = createPublicClient({ transport: http(url, { batch: { batchSize: 200 } }) });
  const { abi } = uniswapArtifacts().tickLens;
  const lastWord = Math.floor(887_272 / tickSpacing / 256) + 1;
  const words = Array.from({ length: 2 * lastWord + 1 }, (_, i) => i - lastWord);
  const lens = { address: MAINNET_ADDRESSES.tickLens, abi, functionName: "getPopulatedTicksInWord" } as const;
  const found = await Promise.all(words.map((word) => client.readContract({ ...lens, args: [pool, word] })));
  return (found as { tick: number; liquidityNet: bigint; liquidityGross: bigint }[][])
    .flat()
    .map(({ tick, liquidityNet, liquidityGross }) => ({ index: tick, liquidityNet, liquidityGross }))
    .sort((a, b) => a.index - b.index);
}

const GENESIS = 1_769_558_400; // 2026-01-28 00:00 UTC
const uniswap = uniswapArtifacts();

for (const seedFrom of [undefined, null]) {
  describe(`A replica with ${seedFrom === null ? "generated" : "recorded (when present)"} liquidity`, () => {
    let replica: Replica;
    const client = () => replicaClient(replica.url, replica.chainId);
    const read = (name: PoolName, functionName: string) =>
      client().readContract({ address: replica.addresses.pools[name], abi: uniswap.pool.abi, functionName });

    before(async () => {
      replica = await startReplica({ timestamp: GENESIS, ...(seedFrom === undefined ? {} : { seedFrom }) });
    });
    after(async () => await replica.close());

    for (const name of Object.keys(POOLS) as PoolName[]) {
      test(`${name}: every tick has the net and gross liquidity of the map, and there is no other tick.`, async () => {
        const ticks = await populatedTicks(replica.url, replica.addresses.pools[name], POOLS[name].tickSpacing);
        assert.deepEqual(ticks, replica.liquidity[name].ticks);
      });

      test(`${name}: price, tick and in-range liquidity are those of the map.`, async () => {
        const map = replica.liquidity[name];
        const [sqrtPriceX96, tick] = (await read(name, "slot0")) as [bigint, number];
        assert.equal(sqrtPriceX96, map.sqrtPriceX96);
        assert.equal(tick, map.tick);
        assert.equal(await read(name, "liquidity"), liquidityAt(map.ticks, map.tick));
      });
    }

    test("Tokens sort, weigh and are named as on mainnet.", async () => {
      const { abi } = ownArtifact("test/mocks/MockERC20");
      for (const [symbol, address] of Object.entries(replica.addresses.tokens)) {
        assert.equal(await client().readContract({ address, abi, functionName: "symbol" }), symbol);
      }
      assert.equal(await read("USDC/WETH-0.05%", "token0"), replica.addresses.tokens.USDC);
      assert.equal(await read("USDC/WETH-0.05%", "token1"), replica.addresses.tokens.WETH);
      assert.equal(await read("WBTC/WETH-0.3%", "token0"), replica.addresses.tokens.WBTC);
    });

    test("Prices go where they are sent, down by half and back, exactly, and feeds follow.", async () => {
      const id = await replica.snapshot();
      for (const prices of [
        { WETH: 1500, WBTC: 60_000 },
        { WETH: 2900.5, WBTC: 88_000 },
      ]) {
        await replica.movePrice(prices);
        const weth = { usd: prices.WETH, decimals: 18 };
        const [usdcWeth] = (await read("USDC/WETH-0.05%", "slot0")) as [bigint];
        assert.equal(usdcWeth, sqrtPriceX96At({ usd: 1, decimals: 6 }, weth));
        const [wbtcWeth] = (await read("WBTC/WETH-0.3%", "slot0")) as [bigint];
        assert.equal(wbtcWeth, sqrtPriceX96At({ usd: prices.WBTC, decimals: 8 }, weth));
        const { abi } = ownArtifact("test/mocks/MockPriceFeed");
        for (const name of ["WETH", "WBTC"] as const) {
          const feed = { address: replica.addresses.feeds[name], abi };
          const round = await client().readContract({ ...feed, functionName: "latestRoundData" });
          assert.equal((round as bigint[])[1], scaledUsd(prices[name]));
        }
      }
      await replica.revert(id);
    });

    test("Time goes forward to the second and pools, feeds and blocks agree on it.", async () => {
      await replica.setTime(GENESIS + 86_400);
      const block = await client().getBlock();
      assert.equal(block.timestamp, BigInt(GENESIS + 86_400));
      await assert.rejects(replica.setTime(GENESIS), "time does not go back");
    });

    test("A snapshot brings the prices back.", async () => {
      const [before] = (await read("USDC/WETH-0.05%", "slot0")) as [bigint];
      const id = await replica.snapshot();
      await replica.movePrice({ WETH: 2000, WBTC: 70_000 });
      assert.notEqual(((await read("USDC/WETH-0.05%", "slot0")) as [bigint])[0], before);
      await replica.revert(id);
      assert.equal(((await read("USDC/WETH-0.05%", "slot0")) as [bigint])[0], before);
    });

    test("The router quotes what it then pays: QuoterV2 agrees with a swap.", async () => {
      const { tokens, router, quoterV2 } = replica.addresses;
      const account = replica.accounts.trader.address;
      const amountIn = 10n * 10n ** 18n;
      const pair = { tokenIn: tokens.WETH, tokenOut: tokens.USDC, fee: 500, amountIn, sqrtPriceLimitX96: 0n };
      const quoter = { address: quoterV2, abi: uniswap.quoterV2.abi };
      const quote = await client().simulateContract({
        ...quoter,
        functionName: "quoteExactInputSingle",
        args: [pair],
      });
      const args = [{ ...pair, recipient: account, deadline: 2n ** 40n, amountOutMinimum: 0n }];
      const call = { address: router, abi: uniswap.router.abi, functionName: "exactInputSingle", args, account };
      const { result } = await client().simulateContract(call);
      assert.equal(result, (quote.result as bigint[])[0]);
    });
  });
}
