import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type FeeGrowthWindow, feeGrowthVolatilityE12, poolImpliedVolatility } from "../../keeper/model/poolImplied.ts";
import { near } from "../support/near.ts";

/** Aloe II, core/test/libraries/Volatility.t.sol; the price is that of tick 193730. */
const aloe: FeeGrowthWindow = {
  gamma0: 3000n,
  gamma1: 3000n,
  tickSpacing: 60n,
  sqrtMeanPriceX96: 1274860769476693439308608937883512n,
  feeGrowth0StartX128: 1501955347902231987349614320458936n,
  feeGrowth0EndX128: 1501968291161650295867029090958139n,
  feeGrowth1StartX128: 527278396421895291380335427321388844898052n,
  feeGrowth1EndX128: 527315901327546020416261134123578344760082n,
  elapsedSeconds: 8640n,
};
const DAY = 86_400n;

describe("the on-chain form of pool-implied volatility", () => {
  it("is 17276173878e-12 a day for Aloe's example (known answer 11)", () => {
    assert.equal(feeGrowthVolatilityE12(aloe, DAY), 17276173878n);
  });

  it("agrees with Aloe's other two cases: one hour, and since the pool began", () => {
    assert.equal(feeGrowthVolatilityE12(aloe, 3600n), 3526484226n);
    const sinceBirth = { ...aloe, feeGrowth0StartX128: 0n, feeGrowth1StartX128: 0n, elapsedSeconds: 1660599905n };
    assert.equal(feeGrowthVolatilityE12(sinceBirth, DAY), 5901190938n);
  });

  it("is zero when no fee was earned or no time passed", () => {
    const idle = { ...aloe, feeGrowth0EndX128: aloe.feeGrowth0StartX128, feeGrowth1EndX128: aloe.feeGrowth1StartX128 };
    assert.equal(feeGrowthVolatilityE12(idle, DAY), 0n);
    assert.equal(feeGrowthVolatilityE12({ ...aloe, elapsedSeconds: 0n }, DAY), 0n);
  });

  it("survives fee growth that wraps around 2^256", () => {
    const shift = 2n ** 256n - 527300000000000000000000000000000000000000n;
    const wrapped = {
      ...aloe,
      feeGrowth1StartX128: BigInt.asUintN(256, aloe.feeGrowth1StartX128 + shift),
      feeGrowth1EndX128: BigInt.asUintN(256, aloe.feeGrowth1EndX128 + shift),
    };
    assert.ok(wrapped.feeGrowth1EndX128 < wrapped.feeGrowth1StartX128);
    assert.equal(feeGrowthVolatilityE12(wrapped, DAY), 17276173878n);
  });

  it("agrees with Lambert's formula in floating point", () => {
    const liquidity = 1e18;
    const price = (Number(aloe.sqrtMeanPriceX96) / 2 ** 96) ** 2;
    const q128 = 2 ** 128;
    const fees0 = (Number(aloe.feeGrowth0EndX128 - aloe.feeGrowth0StartX128) / q128) * liquidity;
    const fees1 = (Number(aloe.feeGrowth1EndX128 - aloe.feeGrowth1StartX128) / q128) * liquidity;
    const volume = ((fees0 * price + fees1) / 0.003) * 10;
    const tvl = (liquidity * Math.sqrt(price) * 60) / 20_000;
    const annual = poolImpliedVolatility(0.003, volume, tvl);
    near((annual ?? 0) / Math.sqrt(365), 0.017276173878, 1e-11);
  });
});

describe("Lambert's formula", () => {
  it("gives the printed example", () => {
    near(poolImpliedVolatility(0.003, 10e6, 2.5e6) ?? 0, 0.22926, 1e-5);
  });

  it("has no answer without liquidity, rather than an infinite or a zero one", () => {
    assert.equal(poolImpliedVolatility(0.003, 10e6, 0), null);
  });

  it("is free of the currency unit", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        fc.double({ min: 1, max: 1e9, noNaN: true }),
        (v, t) => {
          const one = poolImpliedVolatility(0.0005, v, t) ?? 0;
          near(poolImpliedVolatility(0.0005, 3 * v, 3 * t) ?? 0, one, 1e-12 * one);
        },
      ),
    );
  });
});
