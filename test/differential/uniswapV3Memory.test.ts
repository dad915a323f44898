import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Hex } from "viem";
import type { PoolState } from "../../keeper/domain/observation.ts";
import { openRpc, type Rpc } from "../../keeper/io/rpc.ts";
import { againstMemory } from "../../keeper/quality/acceptance.ts";
import { readPoolMemory, uniswapV3 } from "../../keeper/venues/uniswapV3/uniswapV3.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { mined, replicaClient, send, write } from "../../scripts/lab/replica/node.ts";
import { type Replica, startReplica } from "../../scripts/lab/replica/startReplica.ts";
import { uniswapArtifacts } from "../../scripts/lab/replica/uniswap.ts";
import { MEMORY_RULES } from "../support/memory.ts";

const NAME = "USDC/WETH-0.05%";
const START = 1_770_000_000;

/** Uniswap's own bytecode keeps the oracle; what we read of it is held against what the pool did, step by step. */
describe("the memory of a pool on real bytecode", () => {
  let replica: Replica;
  let rpc: Rpc;
  let address: Hex;
  /** What the pool was from each moment on. */
  const life: { readonly from: number; readonly tick: number; readonly liquidity: bigint }[] = [];

  const state = async (): Promise<PoolState> => {
    const [observed] = await uniswapV3.pools(rpc)([{ name: NAME, address }], await rpc.block("latest"));
    return observed?.observation ?? assert.fail(JSON.stringify(observed?.faults));
  };
  /** The pool moves to a price (by real swaps) within seconds after `time`; until then it stood where it was. */
  const moveAt = async (time: number, weth: number): Promise<void> => {
    await replica.setTime(time);
    await replica.movePrice({ WETH: weth, WBTC: 89_000 });
  };

  before(async () => {
    replica = await startReplica({ seedFrom: null, timestamp: START });
    rpc = openRpc({ url: replica.url, chainId: replica.chainId });
    address = replica.addresses.pools[NAME];
    const client = replicaClient(replica.url, replica.chainId);
    const { pool } = uniswapArtifacts();
    const trader = replica.accounts.trader.address;
    await write(client, trader, address, pool.abi, "increaseObservationCardinalityNext", [200]);
    for (const [hours, weth] of [
      [1, 2900],
      [2, 2600],
      [3, 2750],
    ] as const) {
      await moveAt(START + hours * 3600, weth);
      const { timestamp } = await rpc.block("latest");
      const { tick, liquidity } = await state();
      life.push({ from: timestamp, tick, liquidity });
    }
    await replica.setTime(START + 4 * 3600);
  });
  after(() => replica?.close());

  test("the last quiet stretch gives the pool's own tick and liquidity", async () => {
    const block = await rpc.block("latest");
    const { observation: memory, faults } = await readPoolMemory(rpc, { name: NAME, address }, block, {
      partSeconds: 600,
      parts: 3,
    });
    assert.deepEqual(faults, []);
    const now = await state();
    assert.equal(memory?.eventTime, START + 4 * 3600);
    assert.equal(memory?.pool, address);
    for (const stretch of memory?.stretches ?? assert.fail()) {
      assert.equal(stretch.meanTick, now.tick);
      assertNear(stretch.harmonicLiquidity, now.liquidity);
    }
    assert.equal(memory?.whole.meanTick, now.tick);
  });

  test("a window over a move is the average of before and after, weighted by their seconds", async () => {
    const block = await rpc.block("latest");
    const [, before, after] = life;
    assert.ok(before !== undefined && after !== undefined);
    // From half an hour before the third move until now: `before` held until the swaps of the move began.
    const from = START + 3 * 3600 - 1800;
    const seconds = block.timestamp - from;
    const window = { partSeconds: seconds, parts: 1 };
    const { observation: memory } = await readPoolMemory(rpc, { name: NAME, address }, block, window);
    const whole = memory?.whole ?? assert.fail();
    // The move takes several blocks of a second; the mean lies between the ones that count them all to either side.
    const moving = after.from - (START + 3 * 3600);
    const mean = (extra: number) => ((1800 + extra) * before.tick + (seconds - 1800 - extra) * after.tick) / seconds;
    const [low, high] = [mean(0), mean(moving)].toSorted((a, b) => a - b);
    assert.ok(moving < 120, `the move took ${moving} s`);
    assert.ok(
      whole.meanTick >= Math.floor(low ?? 0) && whole.meanTick <= (high ?? 0),
      `${low} ${whole.meanTick} ${high}`,
    );
    assert.equal(whole.from, from);
  });

  test("parts add up to the whole: their mean tick is the whole's, within the rounding of each", async () => {
    const block = await rpc.block("latest");
    const { observation: memory } = await readPoolMemory(rpc, { name: NAME, address }, block, {
      partSeconds: 900,
      parts: 11,
    });
    assert.ok(memory !== null);
    assert.equal(memory.stretches.length, 11);
    const mean = memory.stretches.reduce((sum, one) => sum + one.meanTick, 0) / 11;
    assert.ok(Math.abs(mean - memory.whole.meanTick) < 1, `${mean} ${memory.whole.meanTick}`);
    const harmonic = 11 / memory.stretches.reduce((sum, one) => sum + 1 / Number(one.harmonicLiquidity), 0);
    assert.ok(Math.abs(harmonic / Number(memory.whole.harmonicLiquidity) - 1) < 1e-6);
  });

  test("a window that reaches beyond the memory gives its youngest parts, and says how many are missing", async () => {
    const block = await rpc.block("latest");
    const { observation: memory, faults } = await readPoolMemory(rpc, { name: NAME, address }, block, {
      partSeconds: 3600,
      parts: 24,
    });
    assert.deepEqual(
      faults.map(({ code, count }) => [code, count]),
      [["GAP", 24 - (memory?.stretches.length ?? 0)]],
    );
    assert.ok((memory?.stretches.length ?? 0) >= 2 && (memory?.stretches.length ?? 0) <= 4);
    assert.equal(memory?.stretches.at(-1)?.to, block.timestamp);
  });

  test("a pool that remembers only its last moment is TOO_FEW, not a guess", async () => {
    const block = await rpc.block("latest");
    const wbtc = { name: "WBTC/WETH-0.3%", address: replica.addresses.pools["WBTC/WETH-0.3%"] };
    const long = await readPoolMemory(rpc, wbtc, block, { partSeconds: 86_400, parts: 1 });
    assert.deepEqual([long.observation, long.faults[0]?.code], [null, "TOO_FEW"]);
  });

  test("what is no pool, and a node of another chain, are told apart", async () => {
    const block = await rpc.block("latest");
    const odd = { name: "odd", address: replica.addresses.tokens.WETH };
    const observed = await readPoolMemory(rpc, odd, block, { partSeconds: 60, parts: 1 });
    assert.equal(observed.observation, null);
    assert.ok(["VENUE_ERROR", "SCHEMA"].includes(observed.faults[0]?.code ?? ""), observed.faults[0]?.code);
    const wrong = openRpc({ url: replica.url, chainId: 1 });
    await assert.rejects(readPoolMemory(wrong, odd, block, { partSeconds: 60, parts: 1 }), { code: "WRONG_CHAIN" });
    for (const window of [
      { partSeconds: 0, parts: 1 },
      { partSeconds: 60, parts: 1.5 },
    ]) {
      await assert.rejects(readPoolMemory(rpc, odd, block, window), { code: "OUT_OF_RANGE" });
    }
  });

  test("liquidity minted and a price moved in the last block are seen for what they are", async () => {
    const window = { partSeconds: 600, parts: 3 };
    const readBoth = async () => {
      const block = await rpc.block("latest");
      const pool = (await uniswapV3.pools(rpc)([{ name: NAME, address }], block))[0]?.observation ?? assert.fail();
      const { observation } = await readPoolMemory(rpc, { name: NAME, address }, block, window);
      return againstMemory([[pool]], [observation ?? assert.fail()], { ...MEMORY_RULES, ...window });
    };
    const liquidityOf = ({ route }: Awaited<ReturnType<typeof readBoth>>) => {
      const [pool] = route[0] ?? [];
      return pool?.kind === "pool" ? pool.liquidity : assert.fail();
    };
    const calm = await readBoth();
    assert.deepEqual(calm.faults, []);
    const { tick, liquidity } = await state();
    const client = replicaClient(replica.url, replica.chainId);
    const { abi, bytecode } = ownArtifact("test/mocks/LiquiditySeeder");
    const from = replica.accounts.trader.address;
    const [seeder] = await mined(client, [await send(client, { from, data: bytecode })]);
    const lower = Math.floor(tick / 10) * 10 - 100;
    const positions = [{ lower, upper: lower + 200, liquidity: 9n * liquidity }];
    await write(client, from, seeder ?? assert.fail(), abi, "seed", [address, positions]);
    const piled = await readBoth();
    assert.equal((await state()).liquidity, 10n * liquidity);
    assert.deepEqual(
      piled.faults.map((found) => found.code),
      ["MOMENTARY"],
    );
    assert.ok(Number(liquidityOf(piled)) < 1.1 * Number(liquidityOf(calm)), "only what stood there counts");
    await replica.movePrice({ WETH: 3_100, WBTC: 89_000 });
    const pushed = await readBoth();
    assert.ok(
      pushed.faults.some((found) => found.code === "OFF_AVERAGE"),
      JSON.stringify(pushed.faults),
    );
  });
});

function assertNear(found: bigint, expected: bigint): void {
  const ratio = Number(found) / Number(expected);
  assert.ok(Math.abs(ratio - 1) < 1e-6, `${found} against ${expected}`);
}
