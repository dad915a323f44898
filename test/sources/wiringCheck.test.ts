import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PublicClient } from "viem";
import { fault } from "../../keeper/domain/fault.ts";
import type { Observed } from "../../keeper/domain/observation.ts";
import { USD } from "../../keeper/markets/limits.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { wiringCheck } from "../../keeper/sources/wiringCheck.ts";
import { calmFeed, calmPool, seen } from "../support/observations.ts";
import { FEED_SAYS, WETH } from "../support/shipped.ts";

const NOW = 1_700_000_000;
const COLLATERAL = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2";
const deployment = {
  chainId: 31_337,
  contract: { address: `0x${"5f".repeat(20)}` },
  markets: [{ id: 7, name: "WETH", collateral: COLLATERAL, debt: USD }],
} as unknown as Deployment;

/** A contract at which market 7 is this pair; it writes down which ids were asked for. */
function world(collateral = COLLATERAL) {
  const asked: unknown[] = [];
  const client = {
    chain: { id: 31_337 },
    getChainId: async () => 31_337,
    async readContract({ args }: { readonly args: readonly unknown[] }) {
      asked.push(...args);
      return [1n, collateral.toLowerCase(), USD, `0x${"00".repeat(20)}`];
    },
  } as unknown as PublicClient;
  return { asked, check: wiringCheck({ client, deployment, feedSays: FEED_SAYS }) };
}

const feed = seen(calmFeed(NOW, 3_000));
const pool = seen(calmPool(NOW, 3_000));
const inverse = seen(calmFeed(NOW, 1 / 3_000));
const silent: Observed = {
  source: "priceFeed:WETH",
  observation: null,
  faults: [fault("UNREACHABLE", "priceFeed:WETH", "timeout")],
};
const of = (...observed: readonly Observed[]) => new Map([["WETH", observed]]);

describe("wiringCheck", () => {
  it("asks for the pair of each market once, and finds nothing where all is right", async () => {
    const { asked, check } = world();
    for (let n = 0; n < 3; n++) await check.check([WETH], of(feed, pool), 5n);
    assert.deepEqual([asked, check.problems()], [[7], []]);
    check.assertSound();
  });

  it("refuses with every problem and its path in the record", async () => {
    const { check } = world(`0x${"22".repeat(20)}`);
    await check.check([WETH], of(inverse, pool), 5n);
    assert.throws(() => check.assertSound(), {
      code: "BAD_CONFIG",
      message:
        /^2 problems in the configuration:\n {2}deployments\/31337\.json: markets\.0\.id: given 7, on chain 0x2{40} .*\n {2}deployments\/31337\.json: sources\.feeds\.WETH: /,
    });
  });

  it("checks again as long as a source was silent, and no more once all have answered", async () => {
    const { check } = world();
    await check.check([WETH], of(silent, pool), 5n);
    check.assertSound();
    await check.check([WETH], of(inverse, pool), 6n);
    assert.throws(() => check.assertSound());
    await check.check([WETH], of(feed, pool), 7n);
    check.assertSound();
    // From here on it is data, which has faults and stops nothing.
    await check.check([WETH], of(inverse, pool), 8n);
    check.assertSound();
  });
});
