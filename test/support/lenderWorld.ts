import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "viem";
import { USD } from "../../keeper/markets/limits.ts";
import { reserveOf } from "../../scripts/deploy/aaveMarket.ts";
import { deploy } from "../../scripts/deploy/deploy.ts";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { parsePlan } from "../../scripts/deploy/planSchema.ts";
import { dollarFeed } from "../../scripts/lab/fork/lenders.ts";
import { aaveAbi, deployAave, type Reserve } from "../../scripts/lab/lenders/aave.ts";
import { MAINNET_ADDRESSES as AT } from "../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { replicaClient, write } from "../../scripts/lab/replica/node.ts";
import { startReplica } from "../../scripts/lab/replica/startReplica.ts";
import { SHIPPED } from "./shipped.ts";

/** Basis points at which the pool begins: a threshold a little above 1 - maintenance. */
const BEGINS = {
  WETH: { ltvBps: 7_500, thresholdBps: 8_250, bonusBps: 10_500 },
  WBTC: { ltvBps: 7_000, thresholdBps: 7_900, bonusBps: 10_500 },
};

const poolAbi = () => aaveAbi("PoolInstance");

export type AaveWorld = Awaited<ReturnType<typeof aaveWorld>>;

/** A replica with the real Aave v3.6, governed by the replica's governance account, and a deployment with agent and adapters. */
export async function aaveWorld() {
  const replica = await startReplica({ seedFrom: null });
  const folder = mkdtempSync(join(tmpdir(), "tonsor-lender-"));
  const client = replicaClient(replica.url, replica.chainId);
  const { deployer, governance } = replica.accounts;
  const feed = await dollarFeed(client, deployer.address);
  const reserves: Reserve[] = [
    { asset: AT.tokens.WETH, symbol: "WETH", decimals: 18, feed: AT.feeds.WETH, collateral: BEGINS.WETH },
    { asset: AT.tokens.WBTC, symbol: "WBTC", decimals: 8, feed: AT.feeds.WBTC, collateral: BEGINS.WBTC },
    { asset: AT.tokens.USDC, symbol: "USDC", decimals: 6, feed, collateral: null },
  ];
  const aave = await deployAave(client, deployer.address, { owner: governance.address, reserves });
  const agent = { maxThresholdStepBps: 25, stepSeconds: 14_400, minGapBps: 300, maxAgeSeconds: 86_400 };
  const lender = {
    kind: "aave-v3",
    name: "Aave",
    fromBlock: 0,
    provider: aave.provider,
    markets: ["WETH", "WBTC"],
    agent,
  };
  const adapters = [
    { contract: "BidAskQuoter", name: "quoter", prices: aave.oracle },
    { contract: "RiskOraclePublisher", name: "risk oracle", debt: USD },
    { contract: "HaircutFactorFeed", name: "WETH factor", market: "WETH", side: "INITIAL" },
    { contract: "HaircutPriceFeed", name: "WBTC less haircut", market: "WBTC", priceFeed: AT.feeds.WBTC },
    { contract: "CurrentParameters", name: "stable address" },
  ];
  const options = {
    rpcUrl: replica.url,
    chainId: replica.chainId,
    deployerKey: deployer.privateKey,
    plan: parsePlan({ ...developmentPlan(SHIPPED), lenders: [lender], adapters }),
    deploymentsFolder: folder,
  };
  const deployment = await deploy(options);
  const erc20 = ownArtifact("test/mocks/MockERC20").abi;
  const supply = async (account: Hex, token: Hex, amount: bigint) => {
    await write(client, account, token, erc20, "mint", [account, amount]);
    await write(client, account, token, erc20, "approve", [aave.pool, amount]);
    await write(client, account, aave.pool, poolAbi(), "supply", [token, amount, account, 0]);
  };
  const accountOf = async (account: Hex) => {
    const [, debt = 0n, available = 0n, , , health = 0n] = (await client.readContract({
      address: aave.pool,
      abi: poolAbi(),
      functionName: "getUserAccountData",
      args: [account],
    })) as readonly bigint[];
    return { debt, available, health: Number(health) / 1e18 };
  };
  await supply(replica.accounts.trader.address, AT.tokens.USDC, 10n ** 12n);
  return {
    supply,
    accountOf,
    /** Borrows USDC, raw. */
    borrow: (account: Hex, amount: bigint) =>
      write(client, account, aave.pool, poolAbi(), "borrow", [AT.tokens.USDC, amount, 2, 0, account]),
    /** A reserve's LTV, threshold and supply cap. */
    async reserve(asset: Hex) {
      const call = { address: aave.pool, abi: poolAbi(), functionName: "getConfiguration", args: [asset] };
      const { ltvBps, thresholdBps, supplyCap } = reserveOf(
        ((await client.readContract(call)) as { data: bigint }).data,
      );
      return [ltvBps, thresholdBps, supplyCap];
    },
    /** Sets LTV and threshold as the pool's governance. */
    configure: (asset: Hex, ltvBps: number, thresholdBps: number) =>
      write(
        client,
        governance.address,
        aave.configurator,
        aaveAbi("PoolConfiguratorInstance"),
        "configureReserveAsCollateral",
        [asset, ltvBps, thresholdBps, 10_500],
      ),
    ...{ replica, folder, client, aave, options, deployment },
    async close() {
      rmSync(folder, { recursive: true });
      await replica.close();
    },
  };
}
