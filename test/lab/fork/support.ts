import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hex, parseEventLogs } from "viem";
import { HOUR_SECONDS } from "../../../keeper/domain/calendar.ts";
import type { ForkSettings } from "../../../scripts/lab/fork/fork.ts";
import { COLLATERALS } from "../../../scripts/lab/fork/lender.ts";
import { type Played, play } from "../../../scripts/lab/fork/play.ts";
import { type Moment, momentsOf } from "../../../scripts/lab/fork/pricePath.ts";
import { openProtection } from "../../../scripts/lab/fork/protection.ts";
import { openStage, type Stage } from "../../../scripts/lab/fork/stage.ts";
import { aaveAbi } from "../../../scripts/lab/lenders/aave.ts";
import { createContract } from "../../../scripts/lab/lenders/create.ts";
import { morphoAbi } from "../../../scripts/lab/lenders/morpho.ts";
import { CRASH_END, CRASH_START } from "../../../scripts/lab/replay/generated/crashScenario.ts";
import { generatedSource } from "../../../scripts/lab/replay/generatedSource.ts";
import { MAINNET_ADDRESSES as AT } from "../../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { deployAt } from "../../../scripts/lab/replica/node.ts";

/** Boards of a seed's generated crash, the first and then one in so many: few steps, each a large one. */
export function boards(seed: number, every: number, flat = false): readonly Moment[] {
  return momentsOf(generatedSource(seed), { from: CRASH_START, to: CRASH_END, stepHours: 24, flat })
    .filter(({ board }) => board)
    .filter((_, i) => i % every === 0);
}

/** A simulation on an own replica; `change` is what a test is about. */
export function forkSettings(
  seed: number,
  moments: readonly Moment[],
  change: Partial<ForkSettings> = {},
): ForkSettings {
  return {
    ...{ source: generatedSource(seed), moments, seed, borrowers: 24, lateShare: 0.2, rows: null },
    choice: { first: moments[0]?.time ?? 0, fork: null, seedFrom: null },
    play: {
      feed: { deviation: 0.005, heartbeatSeconds: 3_600, delaySeconds: 120 },
      liquidators: { count: 3, capitalUsd: 2_000_000, gasGwei: 20 },
      refillSeconds: 1_800,
    },
    onNote: () => {},
    signal: new AbortController().signal,
    progress: () => {},
    ...change,
  };
}

/** What is done to a lender right after a cycle of the keeper; cycles count from 1. */
export type Harm = (stage: Stage, cycle: number) => Promise<void>;

/**
 * What `look` finds after a run whose prices never move, then the same with each harm. Two boards, calm and nine days into the
 * crash: the keeper has every reason to tighten. Who is there before has health 1.01 or all the LTV; who comes
 * borrows to the last ten-thousandth of what is allowed right before the keeper acts, an hour before the second board.
 * @param more further cycles, seconds after the second board
 */
export async function playedAtTheLimit<Found>(
  seed: number,
  harms: readonly (Harm | null)[],
  look: (played: Played, stage: Stage, moments: readonly Moment[]) => Found | Promise<Found>,
  more: readonly number[] = [],
): Promise<readonly Found[]> {
  const [first, last] = boards(seed, 35, true) as [Moment, Moment];
  // An hour before the last the feeds, nine days old then, answer anew.
  const after = more.map((seconds) => ({ ...last, time: last.time + seconds, board: false }));
  const moments = [first, { ...last, time: last.time - HOUR_SECONDS, board: false }, last, ...after];
  const rows = [{ collateral: 1, debt: 0.8, threshold: 0.808 }];
  const {
    source,
    signal,
    play: settings,
    ...rest
  } = forkSettings(seed, moments, { rows, borrowers: 12, lateShare: 0.5 });
  const folder = mkdtempSync(join(tmpdir(), "tonsor-limit-"));
  const opened = await openStage({ ...rest, signal, folder, liquidators: settings.liquidators });
  const { chain } = opened;
  const stage = { ...opened, borrowers: opened.borrowers.map((one) => ({ ...one, wishUsd: one.collateralUsd })) };
  const found: Found[] = [];
  try {
    for (const harm of harms) {
      const id = await chain.client.snapshot();
      const own = mkdtempSync(join(folder, "run-"));
      const keeper = await openProtection(chain, stage.contracts, source, own, signal);
      let cycles = 0;
      const cycle = async (time: number) => {
        const note = await keeper.cycle(time);
        const { timestamp } = await chain.client.getBlock({ blockNumber: note.decidedBlock });
        assert.ok(note.time >= timestamp, "what the keeper reads is not of the future");
        cycles += 1;
        await harm?.(stage, cycles);
        return note;
      };
      const played = await play(stage, moments, settings, { ...keeper, cycle }, () => {}).finally(() => keeper.close());
      assert.ok(played.updates > 1 && lowered(played), `seed ${seed}: the keeper tightens`);
      found.push(await look(played, stage, moments));
      await chain.client.revert({ id });
    }
  } finally {
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return found;
}

/** Whether the contract lends less against ether at the end than at the beginning. */
function lowered({ timeline }: Played): boolean {
  return (timeline.at(-1)?.initialBps?.WETH ?? 0) > (timeline[0]?.initialBps?.WETH ?? 0);
}

/** Accounts that the keeper and its drive made liquidatable, without harm and with each. */
export function crossedAtTheLimit(seed: number, harms: readonly Harm[] = []): Promise<readonly number[]> {
  return playedAtTheLimit(seed, [null, ...harms], ({ timeline }) =>
    timeline.reduce((sum, row) => sum + row.crossed, 0),
  );
}

/**
 * Aave's own admin takes the agent's role away after this cycle. After a fourth it gives the role back and somebody else calls the
 * agent: the keeper leaves what was refused alone for an hour, and by then it decides anew.
 */
export const withoutRole =
  (from: 1 | 2): Harm =>
  async ({ chain, contracts: { aave, agent } }, cycle) => {
    if (cycle !== from && cycle !== 4) return;
    await chain.client.setBalance({ address: aave.admin, value: 10n ** 18n });
    const call = cycle === from ? "removeRiskAdmin" : "addRiskAdmin";
    await chain.send(aave.admin, aave.acl, aaveAbi("ACLManager"), call, [agent]);
    if (cycle === from) return;
    const { abi } = ownArtifact("contracts/adapters/AaveV3Agent");
    for (const name of COLLATERALS) {
      await chain.send(chain.accounts.trader.address, agent, abi, "sync", [AT.tokens[name]]);
    }
  };

/**
 * From the first cycle on the agent answers 0 to everything: that it would change nothing. From the second on the pool lends one
 * basis point, or takes one token, where that is said; the other stays above what the contract says.
 */
export const silentAgent =
  (tight: "LTV" | "cap" | null): Harm =>
  async ({ chain, lenders, contracts: { agent, aave } }, cycle) => {
    await chain.client.setCode({ address: agent, bytecode: "0x60606000f3" });
    if (cycle < 2) return;
    await chain.client.setBalance({ address: agent, value: 10n ** 18n });
    const set = (name: string, ...args: readonly unknown[]) =>
      chain.send(agent, aave.configurator, aaveAbi("PoolConfiguratorInstance"), name, args);
    const limits = (await lenders.find(({ id }) => id === "aave")?.limits()) ?? assert.fail();
    for (const name of COLLATERALS) {
      await set("setSupplyCap", AT.tokens[name], tight === "cap" ? 1 : 0);
      const ltvBps = tight === "LTV" ? 1 : limits[name].ltvBps;
      await set("configureReserveAsCollateral", AT.tokens[name], ltvBps, limits[name].thresholdBps, 10_500);
    }
  };

/** Aave's LTV and threshold of ether go down in one step, to three basis points below the LTV that was lent at. */
export const thresholdJump: Harm = async ({ chain, contracts: { agent, aave } }) => {
  const { pool, configurator } = aave;
  const args = [AT.tokens.WETH];
  const [set] = await chain.read<{ data: bigint }>([
    { to: pool, abi: aaveAbi("PoolInstance"), name: "getConfiguration", args },
  ]);
  const ltv = ((set?.data ?? 0n) & 0xffffn) - 3n;
  const values = [AT.tokens.WETH, ltv, ltv, 10_500n];
  await chain.client.setBalance({ address: agent, value: 10n ** 18n });
  await chain.send(agent, configurator, aaveAbi("PoolConfiguratorInstance"), "configureReserveAsCollateral", values);
};

/** Morpho's price of ether goes down by five basis points in one step, no feed having moved. */
export const priceJump: Harm = async ({ chain, lenders }) => {
  const morpho = lenders.find(({ id }) => id === "morpho")?.spender as Hex;
  const logs = await chain.client.getLogs({ address: morpho, fromBlock: 0n });
  type Created = { readonly args: { readonly marketParams: { readonly collateralToken: Hex; readonly oracle: Hex } } };
  const created = parseEventLogs({
    abi: morphoAbi(),
    logs,
    eventName: "CreateMarket",
  }) as unknown as readonly Created[];
  const markets = created.map(({ args }) => args.marketParams);
  const oracle = markets.find(({ collateralToken }) => collateralToken === AT.tokens.WETH)?.oracle as Hex;
  const plain = ownArtifact("test/mocks/FeedMorphoOracle");
  const [price = 0n] = await chain.read([{ to: oracle, abi: plain.abi, name: "price" }]);
  const from = chain.accounts.deployer.address;
  const feed = ownArtifact("test/mocks/MockPriceFeed");
  const lower = await createContract(chain.client, from, feed, ["ETH / USD", 8]);
  await chain.send(from, lower, feed.abi, "setAnswer", [(price * 9_995n) / 10n ** 20n]);
  await deployAt(chain.client, from, oracle, plain, [lower, 18, 6]);
};
