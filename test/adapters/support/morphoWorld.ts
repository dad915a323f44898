import type { Contract } from "ethers";
import { morphoCode } from "../../../scripts/lab/lenders/morphoCode.ts";
import { adapterChain, read, type Source, send } from "./chain.ts";

export type MorphoWorld = Awaited<ReturnType<typeof morphoWorld>>;
type Decimals = { readonly collateral: number; readonly loan: number };

/**
 * The real Morpho Blue with one market of collateral at 2000 of the loan token, its oracle our adapter around a plain
 * price, a million lent to it, and no interest.
 */
export async function morphoWorld(lltv: bigint, decimals: Decimals, maintenanceBps: number, haircutsFrom?: Source) {
  const chain = await adapterChain(haircutsFrom);
  const loan = await chain.own("MockERC20", "Loan", "LOAN", decimals.loan);
  const collateral = await chain.own("MockERC20", "Collateral", "COLL", decimals.collateral);
  const [loanAddress, collateralAddress] = [await loan.getAddress(), await collateral.getAddress()];
  await chain.set(collateralAddress, loanAddress, 10_000, maintenanceBps);

  const mid = await chain.own("MockPriceOracle");
  const one = { collateral: 10n ** BigInt(decimals.collateral), loan: 10n ** BigInt(decimals.loan) };
  const setMid = (price: bigint) => send(mid, "setPrice", (price * one.loan * 10n ** 36n) / one.collateral);
  await setMid(2_000n);
  const marketId = await read(chain.haircuts, "marketOf", collateralAddress, loanAddress);
  const parameters = await chain.haircuts.getAddress();
  const oracle = await chain.own("MorphoHaircutOracle", parameters, marketId, await mid.getAddress(), lltv);

  const owner = chain.owner.address;
  const morpho = await chain.foreign(morphoCode(), [owner]);
  const address = await morpho.getAddress();
  const none = "0x0000000000000000000000000000000000000000";
  const market = [loanAddress, collateralAddress, await oracle.getAddress(), none, lltv] as const;
  await send(morpho, "enableIrm", none);
  await send(morpho, "enableLltv", lltv);
  await send(morpho, "createMarket", market);

  /** A user with tokens and approvals. */
  const user = async (index: number): Promise<Contract> => {
    const signer = chain.signers[index];
    if (!signer) throw new Error(`no account ${index}`);
    for (const token of [loan, collateral]) {
      await send(token, "mint", signer.address, 10n ** 30n);
      await send(token.connect(signer) as Contract, "approve", address, 2n ** 256n - 1n);
    }
    return morpho.connect(signer) as Contract;
  };
  const supplier = await user(1);
  await send(supplier, "supply", market, 1_000_000n * one.loan, 0, chain.signers[1]?.address, "0x");

  return {
    ...chain,
    morpho,
    market,
    one,
    oracle,
    mid,
    setMid,
    user,
    setMaintenance: (bps: number, mode: 0 | 1 | 2 = 0) => chain.set(collateralAddress, loanAddress, 10_000, bps, mode),
    collateralOf: (holder: string) => read(collateral, "balanceOf", holder),
    loanOf: (holder: string) => read(loan, "balanceOf", holder),
  };
}
