import { morphoCode } from "../../../scripts/lab/lenders/morphoCode.ts";
import { adapterChain, send } from "./chain.ts";

export type MorphoWorld = Awaited<ReturnType<typeof morphoWorld>>;
type Market = readonly [loan: string, collateral: string, oracle: string, irm: string, lltv: bigint];

const WAD = 10n ** 18n;
const NONE = "0x0000000000000000000000000000000000000000";

/** The real Morpho Blue with WETH and USDC, no interest, and a lender who has enough for every market opened here. */
export async function morphoWorld() {
  const chain = await adapterChain();
  const usdc = await chain.own("MockERC20", "USD Coin", "USDC", 6);
  const weth = await chain.own("MockERC20", "Wrapped Ether", "WETH", 18);
  const tokens = [await usdc.getAddress(), await weth.getAddress()] as const;
  const morpho = await chain.foreign(morphoCode(), [chain.owner.address]);
  await send(morpho, "enableIrm", NONE);

  const user = (index: number) => chain.user(index, morpho, [usdc, weth]);
  const lender = await user(1);

  return {
    morpho,
    user,
    enable: (lltv: bigint) => send(morpho, "enableLltv", lltv),
    /** A market of its own oracle, which is set by hand, with a million lent to it. */
    open: async (lltv: bigint) => {
      const oracle = await chain.own("MockPriceOracle");
      const market: Market = [...tokens, await oracle.getAddress(), NONE, lltv];
      await send(morpho, "createMarket", market);
      await send(lender, "supply", market, 10n ** 12n, 0, chain.signers[1]?.address, "0x");
      /** The price in dollars less a maintenance haircut as it would have to be told to Morpho: x min(1, (1 - m) / LLTV), down. */
      const price = (dollars: bigint, maintenanceBps: number) => {
        const mid = dollars * 10n ** 24n;
        const left = (BigInt(10_000 - maintenanceBps) * WAD) / 10_000n;
        return send(oracle, "setPrice", left >= lltv ? mid : (mid * left) / lltv);
      };
      return { market, price };
    },
  };
}
