import { keccak256 } from "viem";
import type { Hex } from "../domain/contract.ts";
import type { Keeper } from "../keeper.ts";
import { ACCESS_CONTROL_ABI } from "../protocols/abi.ts";

const roleOf = (name: string) => keccak256(new TextEncoder().encode(name));

/** What the chain says of the address that signs. */
export type SignerState = {
  readonly balanceEth: number;
  /** Whether it holds every role that its way of sending asks for. */
  readonly allowed: boolean;
  /** The roles it holds, or those that are missing, in words. */
  readonly roles: string;
};

/**
 * Ether of the address that signs, and its roles. Alone it needs KEEPER_ROLE. Where batches go through the signer quorum
 * its gateway needs QUORUM_ROLE and the address is to be one of its signers; KEEPER_ROLE only if the hot key is its fallback.
 * @throws viem's errors
 */
export async function signerState(
  keeper: Pick<Keeper, "client" | "contract"> & Partial<Pick<Keeper, "cosigning">>,
  signer: Hex,
): Promise<SignerState> {
  const { client, contract } = keeper;
  const route = keeper.cosigning?.route ?? null;
  const holds = (role: string, account: Hex) =>
    client.readContract({
      address: contract,
      abi: ACCESS_CONTROL_ABI,
      functionName: "hasRole",
      args: [roleOf(role), account],
    });
  const isSigner = async (): Promise<boolean> => {
    const { signers } = (await route?.quorum()) ?? { signers: [] };
    return signers.some((one) => one.toLowerCase() === signer.toLowerCase());
  };
  const hot = { has: "holds KEEPER_ROLE", lacks: "does not hold KEEPER_ROLE", ask: () => holds("KEEPER_ROLE", signer) };
  const door = route?.place.door ?? "0x";
  const byQuorum = [
    {
      has: "signs for the signer-quorum gateway",
      lacks: `is no signer of the signer-quorum gateway ${door}`,
      ask: isSigner,
    },
    {
      has: "which holds QUORUM_ROLE",
      lacks: `signs for the gateway ${door}, which does not hold QUORUM_ROLE`,
      ask: () => holds("QUORUM_ROLE", door),
    },
  ];
  const needed = route === null ? [hot] : route.fallback === "hot" ? [...byQuorum, hot] : byQuorum;
  const [balance, ...answers] = await Promise.all([
    client.getBalance({ address: signer }),
    ...needed.map(({ ask }) => ask()),
  ]);
  const missing = needed.flatMap(({ lacks }, i) => (answers[i] === true ? [] : [lacks]));
  const roles = missing.length === 0 ? needed.map(({ has }) => has).join(", ") : missing.join(", ");
  return { balanceEth: Number(balance) / 1e18, allowed: missing.length === 0, roles };
}
