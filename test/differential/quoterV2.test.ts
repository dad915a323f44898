import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { decodeFunctionResult, encodeFunctionData, type Hex, parseAbi } from "viem";
import type { PoolState } from "../../keeper/domain/observation.ts";
import { openRpc, type Rpc } from "../../keeper/io/rpc.ts";
import { uniswapV3 } from "../../keeper/venues/uniswapV3/uniswapV3.ts";
import { type Replica, startReplica } from "../../scripts/lab/replica/startReplica.ts";
import { v3Schedule } from "../../scripts/lab/uniswapV3/swapSchedule.ts";
import { dataFolder } from "../support/data.ts";

const QUOTER = parseAbi([
  "struct Params { address tokenIn; address tokenOut; uint256 amountIn; uint24 fee; uint160 sqrtPriceLimitX96; }",
  "function quoteExactInputSingle(Params) returns (uint256 out, uint160 sqrtPriceX96After, uint32 crossed, uint256 gas)",
]);

/** From one unit to far more than any pool here can take, in either token. */
const SIZES = [
  1n,
  2n,
  3n,
  999n,
  ...Array.from({ length: 64 }, (_, i) => 10n ** 3n * 3n ** BigInt(i) + BigInt(i)),
  10n ** 60n,
];

async function pools(replica: Replica): Promise<{ rpc: Rpc; block: bigint; states: PoolState[] }> {
  const rpc = openRpc({ url: replica.url, chainId: replica.chainId });
  const block = await rpc.block("latest");
  const refs = Object.entries(replica.addresses.pools).map(([name, address]) => ({ name, address }));
  const observed = await uniswapV3.pools(rpc)(refs, block);
  assert.deepEqual(
    observed.flatMap(({ faults }) => faults),
    [],
  );
  return { rpc, block: block.number, states: observed.flatMap(({ observation }) => observation ?? []) };
}

/** Asserts that the QuoterV2 of the replica and our own code agree on amount and price after, for every size. */
async function assertSame(rpc: Rpc, quoter: Hex, block: bigint, state: PoolState, zeroForOne: boolean): Promise<void> {
  const [tokenIn, tokenOut] = (zeroForOne ? [state.token0, state.token1] : [state.token1, state.token0]).map(
    ({ address }) => address as Hex,
  );
  assert.ok(tokenIn !== undefined && tokenOut !== undefined);
  const schedule = v3Schedule(state, zeroForOne);
  const calls = SIZES.map((amountIn) => {
    const args = [{ tokenIn, tokenOut, amountIn, fee: state.feePips, sqrtPriceLimitX96: 0n }] as const;
    return { to: quoter, data: encodeFunctionData({ abi: QUOTER, functionName: "quoteExactInputSingle", args }) };
  });
  const results = await rpc.calls(calls, block);
  for (const [i, size] of SIZES.entries()) {
    const result = results[i];
    assert.ok(result?.ok, `the quoter refused ${size}`);
    const [out, price] = decodeFunctionResult({
      abi: QUOTER,
      functionName: "quoteExactInputSingle",
      data: result.data,
    });
    const ours = schedule.sell(size);
    assert.equal(ours.amountOut, out, `amount for ${size} ${zeroForOne ? state.token0.symbol : state.token1.symbol}`);
    assert.equal(ours.sqrtPriceX96After, price, `price after ${size}`);
  }
  assert.ok(schedule.sell(SIZES.at(-1) ?? 0n).amountInUsed < (SIZES.at(-1) ?? 0n), "the last size drains the pool");
}

async function onReplica(t: TestContext, seedFrom: string | null): Promise<void> {
  const replica = await startReplica({ seedFrom });
  t.after(() => replica.close());
  const { rpc, block, states } = await pools(replica);
  assert.equal(states.length, 2);
  for (const state of states) {
    await assertSame(rpc, replica.addresses.quoterV2, block, state, true);
    await assertSame(rpc, replica.addresses.quoterV2, block, state, false);
  }
}

test("pools read from a node with generated liquidity are sold as QuoterV2 says, to the wei", async (t) => {
  await onReplica(t, null);
});

test("pools read from a node with the recorded liquidity are sold as QuoterV2 says, to the wei", async (t) => {
  const folder = dataFolder();
  if (folder === null) return t.skip("shared data not present");
  await onReplica(t, folder);
});

test("real swaps leave a pool where one sale of what they paid says they would", async (t) => {
  const replica = await startReplica({ seedFrom: null });
  t.after(() => replica.close());
  const before = await pools(replica);
  await replica.movePrice({ WETH: 2500, WBTC: 80_000 });
  const after = await pools(replica);
  for (const [i, start] of before.states.entries()) {
    const end = after.states[i];
    assert.ok(end !== undefined && end.sqrtPriceX96 !== start.sqrtPriceX96);
    const zeroForOne = end.sqrtPriceX96 < start.sqrtPriceX96;
    const sold = zeroForOne ? start.token0 : start.token1;
    const paid =
      (await balance(after.rpc, sold.address as Hex, start.pool as Hex, after.block)) -
      (await balance(before.rpc, sold.address as Hex, start.pool as Hex, before.block));
    // The replica moves the price in several swaps; each may keep one unit that a single sale would have used.
    const sale = v3Schedule(start, zeroForOne).sell(paid);
    const gap = Math.abs(Number(sale.sqrtPriceX96After - end.sqrtPriceX96)) / Number(end.sqrtPriceX96);
    assert.ok(gap < 1e-12, `price off by ${gap}`);
    assert.equal(sale.tickAfter, end.tick);
  }
});

const ERC20 = parseAbi(["function balanceOf(address) view returns (uint256)"]);

async function balance(rpc: Rpc, token: Hex, owner: Hex, block: bigint): Promise<bigint> {
  const data = encodeFunctionData({ abi: ERC20, functionName: "balanceOf", args: [owner] });
  const [result] = await rpc.calls([{ to: token, data }], block);
  assert.ok(result?.ok);
  return decodeFunctionResult({ abi: ERC20, functionName: "balanceOf", data: result.data });
}
