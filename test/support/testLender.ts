import { encodeDeployData, type Hex } from "viem";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { mined, send, write } from "../../scripts/lab/replica/node.ts";
import { scaledUsd } from "../../scripts/lab/replica/sqrtPrice.ts";
import type { KeeperWorld } from "./keeperWorld.ts";

const COLLATERAL_WAD = 10n ** 19n;

/** A book of loans against one market of a world: the smallest lender that reads both haircuts. */
export type Lender = {
  readonly address: Hex;
  /** Borrows the most that the initial haircut allows, from an account that has no position yet. */
  borrowAtTheEdge(account: Hex): Promise<void>;
  /**
   * Gives an account the debt that is liquidatable from this maintenance haircut on (in basis points, fractions
   * allowed) and not before. Opened at a higher price, which then falls back: as positions get there in life.
   */
  borrowUpTo(account: Hex, maintenanceBps: number): Promise<void>;
  isLiquidatable(account: Hex): Promise<boolean>;
  /** What an account has and owes, US dollars, at the price of the market's feed. */
  position(account: Hex): Promise<{ readonly collateralUsd: number; readonly debtUsd: number }>;
};

/** Deploys a lender of a market, by name. */
export async function testLender(world: KeeperWorld, market: "WETH" | "WBTC"): Promise<Lender> {
  const { node, replica, deployment } = world;
  const { abi, bytecode } = ownArtifact("test/mocks/TestLender");
  const id = deployment.markets.find((one) => one.name === market)?.id ?? 0;
  const feed = replica.addresses.feeds[market];
  const data = encodeDeployData({ abi, bytecode, args: [deployment.contract.address, id, feed] } as never);
  const from = replica.accounts.trader.address;
  const [lender] = await mined(node, [await send(node, { from, data })]);
  if (lender == null) throw new Error("the lender was not deployed");
  const feedAbi = ownArtifact("test/mocks/MockPriceFeed").abi;
  const priceUsd = async (): Promise<number> => {
    const round = await node.readContract({ address: feed, abi: feedAbi, functionName: "latestRoundData" });
    return Number((round as readonly bigint[])[1]) / 1e8;
  };
  const borrowable = async (): Promise<bigint> => {
    const args = [COLLATERAL_WAD];
    return (await node.readContract({ address: lender, abi, functionName: "borrowable", args })) as bigint;
  };
  return {
    address: lender,
    async borrowAtTheEdge(account) {
      await write(node, account, lender, abi, "borrow", [COLLATERAL_WAD, await borrowable()]);
    },
    async borrowUpTo(account, maintenanceBps) {
      const usd = await priceUsd();
      const debt = (COLLATERAL_WAD * BigInt(Math.floor(usd * (10_000 - maintenanceBps) * 1e4))) / 10n ** 8n;
      await write(node, from, feed, feedAbi, "setAnswer", [scaledUsd(usd * 5)]);
      await write(node, account, lender, abi, "borrow", [COLLATERAL_WAD, debt]);
      await write(node, from, feed, feedAbi, "setAnswer", [scaledUsd(usd)]);
    },
    isLiquidatable: async (account) =>
      (await node.readContract({ address: lender, abi, functionName: "isLiquidatable", args: [account] })) as boolean,
    async position(account) {
      const answer = await node.readContract({ address: lender, abi, functionName: "positionOf", args: [account] });
      const [collateral = 0, debt = 0] = (answer as readonly bigint[]).map((wad) => Number(wad) / 1e18);
      return { collateralUsd: collateral * (await priceUsd()), debtUsd: debt };
    },
  };
}
