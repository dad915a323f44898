import { keccak256 } from "viem";
import { ACCESS_CONTROL_ABI } from "../protocols/abi.ts";
import type { Keeper } from "./keeper.ts";

const KEEPER_ROLE = keccak256(new TextEncoder().encode("KEEPER_ROLE"));

/** What the chain says of the address that signs: ether, and whether it holds KEEPER_ROLE. @throws viem's errors */
export async function signerState(
  keeper: Pick<Keeper, "client" | "contract">,
  signer: `0x${string}`,
): Promise<{ readonly balanceEth: number; readonly allowed: boolean }> {
  const [allowed, balance] = await Promise.all([
    keeper.client.readContract({
      address: keeper.contract,
      abi: ACCESS_CONTROL_ABI,
      functionName: "hasRole",
      args: [KEEPER_ROLE, signer],
    }),
    keeper.client.getBalance({ address: signer }),
  ]);
  return { allowed, balanceEth: Number(balance) / 1e18 };
}
