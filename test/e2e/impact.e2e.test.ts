import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { privateKeyToAccount } from "viem/accounts";
import { openKeeper } from "../../keeper/keeper.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { CRASH_TO } from "../support/crash.ts";
import { etherTooLow } from "../support/etherTooLow.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { SHIPPED } from "../support/shipped.ts";
import { testLender } from "../support/testLender.ts";

/** Days after the last bar that a lone venue took back: a history in doubt moves no maintenance. */
const [first = 0] = openReplaySource().source.instants(Date.UTC(2026, 1, 3) / 1000, CRASH_TO);
const settings = KEEPER_DEFAULTS.impact;

describe("the impact gate over a lender's positions", () => {
  let world: KeeperWorld;
  before(async () => {
    world = await keeperWorld(first, etherTooLow());
  });
  after(() => world?.close());

  const cycle = async (impact: Partial<typeof settings>, dryRun = false) => {
    // The replica's clock flows with the machine's; a keeper behind it would see data from the future.
    const now = Number((await world.node.getBlock()).timestamp);
    const keeper = openKeeper({
      ...KEEPER_DEFAULTS,
      marketFiles: SHIPPED,
      nodes: world.replica.url,
      chainId: world.replica.chainId,
      deployment: world.deployment,
      venueUrls: { deribit: world.venueUrl },
      state: world.state,
      account: privateKeyToAccount(world.key),
      now: () => now,
      impact: { ...settings, ...impact },
    });
    try {
      return await keeper.cycle({ dryRun, signal: AbortSignal.timeout(60_000) });
    } finally {
      keeper.close();
    }
  };
  const reports = () => (existsSync(join(world.state, "impact")) ? readdirSync(join(world.state, "impact")) : []);

  it("holds the market that would become liquidatable, sends it within the budget, and names the position in the report", async () => {
    const look = await cycle({}, true);
    const raised = look.entries.find(({ input, assessment }) => {
      const { maintenanceTargetBps, maintenanceBps } = input.onChain;
      const { decision } = assessment;
      return (
        decision.action === "submit" && decision.maintenanceTargetBps > Math.max(maintenanceTargetBps, maintenanceBps)
      );
    });
    assert.ok(raised !== undefined, "a market that raises its maintenance target");
    const { name } = raised.input.market;
    const lender = await testLender(world, name as "WETH");
    const reached = (raised.input.onChain.maintenanceBps + raised.assessment.decision.maintenanceTargetBps) / 2;
    const [account, lost] = (await world.node.getAddresses()).slice(-2);
    assert.ok(account !== undefined && lost !== undefined);
    await lender.borrowUpTo(account, reached);
    await lender.borrowUpTo(lost, raised.input.onChain.maintenanceBps - 10);
    assert.deepEqual([await lender.isLiquidatable(account), await lender.isLiquidatable(lost)], [false, true]);
    const positionsFile = join(world.state, "positions.json");
    const rows = [account, lost].map(async (one) => {
      return { protocol: "test-lender", account: one, market: name, ...(await lender.position(one)) };
    });
    const time = Number((await world.node.getBlock()).timestamp);
    const book = { schema: "tonsor.positions.v1", source: "test-lender", time, positions: await Promise.all(rows) };
    writeFileSync(positionsFile, JSON.stringify(book));

    const held = await cycle({ positionsFile, maxDebtUsd: 1 });
    const said = [
      held.batch?.detail,
      ...(held.batch?.skipped ?? []).map(({ market, reason }) => `${market} ${reason}`),
    ];
    const why = held.entries.map(({ assessment }) => assessment.decision.reasons.join(" "));
    assert.match(said.join("\n"), new RegExp(`${name} IMPACT_OVER_BUDGET: 1 position with \\d+ USD`), why.join("; "));
    assert.ok(!(held.batch?.applied ?? []).includes(name));
    const before = await world.chain();
    const standing = before.markets.find(({ marketId }) => marketId === raised.input.onChain.marketId);
    assert.equal(standing?.maintenanceTargetBps, raised.input.onChain.maintenanceTargetBps, "nothing was written");

    const sent = await cycle({ positionsFile, maxDebtUsd: 1e12, maxDebtPercent: 100 });
    assert.equal(sent.batch?.status, "CONFIRMED", sent.batch?.detail);
    assert.ok(sent.batch.applied.includes(name));
    const file = join(world.state, "impact", `${sent.batch.evidence}.json`);
    const report = JSON.parse(readFileSync(file, "utf8"));
    const market = report.markets.find((one: { market: string }) => one.market === name);
    assert.deepEqual([market.held, market.end.count, market.already.count], [null, 1, 1]);
    assert.equal(market.end.listed[0].account.toLowerCase(), account.toLowerCase());
    assert.ok(reports().includes(`${sent.batch.evidence}.md`));
  });
});
