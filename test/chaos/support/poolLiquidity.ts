import { encodeFunctionData, type Hex, parseAbi } from "viem";
import { MAINNET_ADDRESSES as AT, POOLS } from "../../../scripts/lab/replica/addresses.ts";
import { ownArtifact } from "../../../scripts/lab/replica/artifacts.ts";
import { mined, send } from "../../../scripts/lab/replica/node.ts";
import type { ChaosWorld } from "./chaosWorld.ts";

const NAME = "USDC/WETH-0.05%";
const POOL = AT.pools[NAME];
const ABI = parseAbi([
  "function slot0() view returns (uint160, int24 tick, uint16, uint16, uint16, uint8, bool)",
  "function liquidity() view returns (uint128)",
  "function burn(int24, int24, uint128) returns (uint256, uint256)",
]);
/** A range that no price of the recorded weeks leaves: e^2 to either side. */
const REACH = 20_000;

type Tx = { readonly from: Hex; readonly to: Hex; readonly data: Hex };

/** The same liquidity on its way in and on its way out, not yet sent. */
type Move = { readonly put: Tx; readonly take: Tx };

/** Liquidity of somebody else in the pool that WETH is sold through: put in and taken out by real transactions. */
export type PoolLiquidity = {
  /** In range, in the pool's unit. */
  inRange(): Promise<bigint>;
  /** This much around the price as it stands. */
  around(liquidity: bigint): Promise<Move>;
  put(move: Move): Promise<void>;
  take(move: Move): Promise<void>;
  /** Puts it in and takes it out in one block. */
  flash(move: Move): Promise<void>;
};

/** Deploys the owner of the liquidity. Tokens that leave a position stay owed to it: nothing here needs them back. */
export async function poolLiquidity(world: ChaosWorld): Promise<PoolLiquidity> {
  const { node, replica } = world;
  const { abi, bytecode } = ownArtifact("test/mocks/LiquiditySeeder");
  const from = replica.accounts.trader.address;
  const [owner] = await mined(node, [await send(node, { from, data: bytecode })]);
  if (owner == null) throw new Error("the owner of the liquidity was not deployed");
  await node.impersonateAccount({ address: owner });
  await node.setBalance({ address: owner, value: 10n ** 20n });
  const spacing = POOLS[NAME].tickSpacing;
  return {
    inRange: () => node.readContract({ address: POOL, abi: ABI, functionName: "liquidity" }),
    async around(liquidity) {
      const [, tick] = await node.readContract({ address: POOL, abi: ABI, functionName: "slot0" });
      const lower = Math.floor((tick - REACH) / spacing) * spacing;
      const upper = Math.ceil((tick + REACH) / spacing) * spacing;
      const seed = encodeFunctionData({ abi, functionName: "seed", args: [POOL, [{ lower, upper, liquidity }]] });
      const burn = encodeFunctionData({ abi: ABI, functionName: "burn", args: [lower, upper, liquidity] });
      return { put: { from, to: owner, data: seed }, take: { from: owner, to: POOL, data: burn } };
    },
    async put({ put }) {
      await mined(node, [await send(node, put)]);
    },
    async take({ take }) {
      await mined(node, [await send(node, take)]);
    },
    async flash({ put, take }) {
      await node.setAutomine(false);
      try {
        const hashes = [await send(node, put), await send(node, take)];
        await node.mine({ blocks: 1 });
        await mined(node, hashes);
      } finally {
        await node.setAutomine(true);
      }
    },
  };
}
