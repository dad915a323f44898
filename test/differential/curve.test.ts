import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { CryptoSwapPool, StableSwapPool } from "../../keeper/domain/observation.ts";
import { type Block, openRpc, type Rpc } from "../../keeper/io/rpc.ts";
import { curveOut, curveProbeFault } from "../../keeper/model/depth/curveOut.ts";
import { readAll } from "../../keeper/venues/contractReads.ts";
import { curve, curveCrypto } from "../../keeper/venues/curve/curve.ts";
import { CRYPTO_QUOTE, CURVE } from "../../keeper/venues/curve/reader.ts";
import { type AnvilProcess, spawnAnvil } from "../../scripts/lab/replica/anvil.ts";
import { replicaClient } from "../../scripts/lab/replica/node.ts";
import { cryptoPool, stakedPool, threePool } from "../support/curve/curvePools.ts";
import { type CurvePoolRef, curveDeployer } from "../support/curve/deployCurve.ts";

const CHAIN = 31337;
/** Sizes as a share of the balance sold: dust, ordinary sales, more than the pool holds. */
const SHARES = [1e-15, 1e-9, 1e-6, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 0.7, 1, 3];

async function readCurvePools(rpc: Rpc, refs: readonly CurvePoolRef[], block: Block) {
  const venueOf = ({ formula }: CurvePoolRef) => (formula === "stableSwap" ? curve : curveCrypto);
  return (await Promise.all(refs.map((ref) => venueOf(ref).pools(rpc)([ref], block)))).flat();
}

/**
 * Pools deployed on a node, read through JSON-RPC, and sold into by our arithmetic and by theirs, to the wei. Their code is
 * `test/support/curve`, an independent writing of the formulas in 256-bit words.
 */
describe("Curve pools on a node", () => {
  let anvil: AnvilProcess;
  let rpc: Rpc;
  let put: ReturnType<typeof curveDeployer>;
  const made: { ref: CurvePoolRef; pool: StableSwapPool | CryptoSwapPool }[] = [];

  const putStable = async (name: string, pool: StableSwapPool): Promise<void> => {
    made.push({ ref: await put.stable(name, pool), pool });
  };
  const putCrypto = async (name: string, pool: CryptoSwapPool): Promise<void> => {
    made.push({ ref: await put.crypto(name, pool), pool });
  };

  before(async () => {
    anvil = await spawnAnvil({ chainId: CHAIN });
    rpc = openRpc({ url: anvil.url, chainId: CHAIN });
    put = curveDeployer(replicaClient(anvil.url, CHAIN));
    await putStable("3pool", threePool([40_123_456.789, 61_000_000.5, 52_000_000]));
    await putStable("3pool, drained", threePool([90_000_000, 2_000_000, 60_000_000]));
    await putStable("precise", threePool([5e6, 4e6, 3e6], { amplification: 20_000n, amplificationPrecision: 100n }));
    await putStable("stETH/ETH", stakedPool(63_210.5, 41_987.25));
    await putStable("rate of 1.1", stakedPool(20_000, 90_000, 1_103_456_789_012_345_678n));
    await putCrypto("USDC/WETH", cryptoPool(6_000_123.456, 2000.5));
    await putCrypto("USDC/WETH, off its scale", cryptoPool(4_000_000, 2500, 3000));
    await putCrypto("USDC/WETH, ramping", cryptoPool(6_000_000, 2000, 3100, { isRamping: true }));
  });
  after(() => anvil?.close());

  test("every pool is read as it was made, whole", async () => {
    const block = await rpc.block("latest");
    const observed = await readCurvePools(
      rpc,
      made.map(({ ref }) => ref),
      block,
    );
    for (const [at, { ref, pool }] of made.entries()) {
      assert.deepEqual(observed[at]?.faults, [], ref.name);
      const { coins, probes, ...found } = observed[at]?.observation ?? assert.fail(ref.name);
      const venue = ref.formula === "stableSwap" ? "curve" : "curveCrypto";
      const head = { source: `${venue}:${ref.name}`, blockNumber: block.number, eventTime: block.timestamp };
      const { coins: expectedCoins, probes: _, ...expected } = pool;
      assert.deepEqual({ ...found, pool: "" }, { ...expected, ...head, pool: "" }, ref.name);
      const bare = (all: typeof coins) => all.map(({ address: _address, ...coin }) => coin);
      assert.deepEqual(bare(coins), bare(expectedCoins));
      assert.equal(probes.length, coins.length * (coins.length - 1));
    }
  });

  test("get_dy of every pool, every pair and every size is ours to the wei, reverts included", async () => {
    const block = await rpc.block("latest");
    const observed = await readCurvePools(
      rpc,
      made.map(({ ref }) => ref),
      block,
    );
    let compared = 0;
    let refused = 0;
    for (const [at, { ref }] of made.entries()) {
      const pool = observed[at]?.observation ?? assert.fail(ref.name);
      assert.equal(curveProbeFault(pool), null, ref.name);
      for (const [i, from] of pool.coins.entries()) {
        for (const j of pool.coins.keys()) {
          if (i === j) continue;
          for (const share of SHARES) {
            const dx = BigInt(Math.round(Number(from.balance) * share));
            const abi = ref.formula === "stableSwap" ? CURVE : CRYPTO_QUOTE;
            const read = ["get_dy", BigInt(i), BigInt(j), dx] as const;
            const theirs = await readAll<bigint>(rpc, abi, [[ref.address, ...read]], block.number).then(
              ([dy]) => dy ?? null,
              () => null,
            );
            assert.equal(curveOut(pool, i, j, dx), theirs, `${ref.name}: get_dy(${i}, ${j}, ${dx})`);
            compared += 1;
            if (theirs === null) refused += 1;
          }
        }
      }
    }
    assert.ok(
      compared > 300 && refused > 5 && refused < compared / 4,
      `${compared} compared, ${refused} refused by both`,
    );
  });

  test("what is no Curve pool costs only itself, and a node of another chain stops everything", async () => {
    const block = await rpc.block("latest");
    const plain = await put.token("XYZ", 18);
    const [good] = made;
    assert.ok(good !== undefined);
    const refs = [
      { name: "token", address: plain, formula: "stableSwap" },
      { name: "token", address: plain, formula: "cryptoSwap" },
      { name: "wrong formula", address: good.ref.address, formula: "cryptoSwap" },
      good.ref,
    ] as const;
    const observed = await readCurvePools(rpc, refs, block);
    for (const one of observed.slice(0, 3)) {
      assert.equal(one.observation, null);
      assert.ok(["VENUE_ERROR", "SCHEMA", "INCONSISTENT"].includes(one.faults[0]?.code ?? ""), one.faults[0]?.code);
    }
    assert.equal(observed[3]?.faults.length, 0);
    await assert.rejects(readCurvePools(openRpc({ url: anvil.url, chainId: 1 }), refs, block), { code: "WRONG_CHAIN" });
  });

  test("a pool that lacks a coin is NOT_POSITIVE", async () => {
    await putStable("empty", { ...threePool([1e6, 0, 1e6]) });
    const [observed] = await readCurvePools(rpc, [made.at(-1)?.ref ?? assert.fail()], await rpc.block("latest"));
    assert.equal(observed?.observation, null);
    assert.ok(["NOT_POSITIVE", "VENUE_ERROR"].includes(observed?.faults[0]?.code ?? ""), observed?.faults[0]?.code);
  });
});
