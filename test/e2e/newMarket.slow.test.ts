import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Hex } from "viem";
import { checkDeployment } from "../../scripts/deploy/check.ts";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { parsePlan } from "../../scripts/deploy/planSchema.ts";
import { main as proposeLender } from "../../scripts/governance/lenders/proposeLender.ts";
import { dollarFeed } from "../../scripts/lab/fork/lenders.ts";
import { type AaveMarket, aaveAbi, deployAave, type Reserve } from "../../scripts/lab/lenders/aave.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { MAINNET_ADDRESSES as AT } from "../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { type ReplicaClient, transact, write } from "../../scripts/lab/replica/node.ts";
import type { Replica } from "../../scripts/lab/replica/startReplica.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { layLink, linkFolder } from "../support/linkMarket.ts";
import { runHere } from "../support/runScript.ts";

/**
 * The rehearsal of the whole, on loopback: a market's file, the plan, one proposal to a real Aave v3.6, one cycle of the keeper,
 * and a loan above the new limit that the pool refuses. `node --test test/e2e/newMarket.slow.test.ts`
 */
const { folder, files, link } = linkFolder();
const FROM = Date.parse("2026-01-28T00:00:00Z") / 1_000;
/** Where Aave's provider is on Ethereum. */
const PROVIDER = "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e";
const agent = { maxThresholdStepBps: 25, stepSeconds: 14_400, minGapBps: 500, maxAgeSeconds: 21_600 };
const lender = { kind: "aave-v3", name: "Aave", fromBlock: 0, provider: PROVIDER, markets: ["WETH", "LINK"], agent };

let world: KeeperWorld;
let aave: AaveMarket;
const environment = () => ({
  TONSOR_MARKETS: folder,
  VENUE_URLS: `deribit=${world.venueUrl},binance=http://127.0.0.1:9`,
});

async function layMarkets(replica: Replica, node: ReplicaClient): Promise<void> {
  const { deployer, governance } = replica.accounts;
  await layLink(link, replica, node);
  const feed = await dollarFeed(node, deployer.address);
  const [weth, own] = [
    { ltvBps: 7_500, thresholdBps: 8_200, bonusBps: 10_500 },
    { ltvBps: 6_600, thresholdBps: 7_100, bonusBps: 10_700 },
  ];
  const reserves: Reserve[] = [
    { asset: AT.tokens.WETH, symbol: "WETH", decimals: 18, feed: AT.feeds.WETH, collateral: weth },
    { asset: link.token, symbol: "LINK", decimals: 18, feed: link.feed, collateral: own },
    { asset: AT.tokens.USDC, symbol: "USDC", decimals: 6, feed, collateral: null },
  ];
  aave = await deployAave(node, deployer.address, { owner: governance.address, reserves, at: PROVIDER });
}

before(async () => {
  const [first = 0] = openReplaySource().source.instants(FROM, FROM + 86_400);
  world = await keeperWorld(first, parsePlan({ ...developmentPlan(files), lenders: [lender] }), layMarkets);
});
after(() => world.close());

const pool = (from: Hex, name: string, args: readonly unknown[]) =>
  write(world.node, from, aave.pool, aaveAbi("PoolInstance"), name, args);

async function supply(from: Hex, token: Hex, amount: bigint): Promise<void> {
  const { abi } = ownArtifact("test/mocks/MockERC20");
  await write(world.node, from, token, abi, "mint", [from, amount]);
  await write(world.node, from, token, abi, "approve", [aave.pool, amount]);
  await pool(from, "supply", [token, amount, from, 0]);
}

test("From a file to a limit that a real Aave pool holds: a loan above it, and a deposit above the cap, are refused.", async () => {
  const { accounts, url } = world.replica;
  const into = join(folder, "proposal");
  const at = ["--rpc-url", url, "--deployments", join(world.folder, "deployments"), "--lender", "Aave", "--into", into];
  const proposed = await runHere(proposeLender, at);
  assert.equal(proposed.code, 0, proposed.err);
  const { transactions } = JSON.parse(readFileSync(join(into, "safe-1-execute.json"), "utf8"));
  for (const { to, data } of transactions as { to: Hex; data: Hex }[]) {
    await transact(world.node, { from: accounts.governance.address, to, data });
  }

  const sent = await world.tonsor("once --json", environment());
  assert.equal(sent.code, 0, sent.err);
  const [, own] = (await world.chain()).markets;
  assert.ok((own?.initialBps ?? 0) > 3_400, "the keeper has tightened LINK, of which it knows no history");
  const ltvBps = 10_000 - (own?.initialBps ?? 0);
  const { data: word } = (await world.node.readContract({
    address: aave.pool,
    abi: aaveAbi("PoolInstance"),
    functionName: "getConfiguration",
    args: [link.token],
  })) as { data: bigint };
  assert.equal(Number(word & 0xffffn), ltvBps, "the pool's LTV is 1 - initial after one cycle");

  await supply(accounts.trader.address, AT.tokens.USDC, 10n ** 12n);
  const borrower = accounts.guardian.address;
  // 1 000 LINK at 15 dollars; USDC has six decimals.
  await supply(borrower, link.token, 10n ** 21n);
  const limit = BigInt(15_000 * ltvBps) * 100n;
  const borrow = (amount: bigint) => pool(borrower, "borrow", [AT.tokens.USDC, amount, 2, 0, borrower]);
  await assert.rejects(borrow(limit + 10_000n), "a cent above the limit");
  await borrow(limit - 10_000n);

  const cap = (word >> 116n) & ((1n << 36n) - 1n);
  assert.ok(cap > 1_000n, "the supply cap is the exposure limit");
  await assert.rejects(supply(accounts.trader.address, link.token, cap * 10n ** 18n), "more than the cap");

  const wrong = (await checkDeployment(url, world.deployment)).filter(({ agrees }) => !agrees);
  assert.deepEqual(wrong, []);
});
