import type { Hex, Power } from "../domain/contract.ts";
import type { Keeper } from "../keeper.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../protocols/abi.ts";
import { storedAccountOf } from "../protocols/words.ts";

/** What the chain says of the address that signs. */
export type SignerState = {
  readonly balanceEth: number;
  /** Whether it, and the gateway it signs for, may do what its way of sending asks for. */
  readonly allowed: boolean;
  /** What it may do, or what is missing, in words. */
  readonly powers: string;
  /** Whether the address is a guardian besides, as a signer of the quorum can be. */
  readonly guards: boolean;
};

/**
 * Ether of the address that signs, and what it may do. Alone it must be admitted as a hot key. Where batches go through the signer
 * quorum its gateway must be, and the address one of its signers; the address itself only if the hot key is its fallback.
 * @throws viem's errors
 */
export async function signerState(
  keeper: Pick<Keeper, "client" | "contract"> & Partial<Pick<Keeper, "cosigning">>,
  signer: Hex,
): Promise<SignerState> {
  const { client, contract } = keeper;
  const route = keeper.cosigning?.route ?? null;
  const has = async (power: Power, account: Hex): Promise<boolean> => {
    const word = await client.readContract({ address: contract, abi, functionName: "storedWriter", args: [account] });
    return storedAccountOf(word).power === power;
  };
  const isSigner = async (): Promise<boolean> => {
    const { signers } = (await route?.quorum()) ?? { signers: [] };
    return signers.some((one) => one.toLowerCase() === signer.toLowerCase());
  };
  const hot = { has: "may publish", lacks: "is not admitted as a hot key", ask: () => has("HOT", signer) };
  const gateway = route?.place.gateway ?? "0x";
  const byQuorum = [
    {
      has: "signs for the signer-quorum gateway",
      lacks: `is no signer of the signer-quorum gateway ${gateway}`,
      ask: isSigner,
    },
    {
      has: "which may publish",
      lacks: `signs for the gateway ${gateway}, which is not admitted as a signer quorum`,
      ask: () => has("QUORUM", gateway),
    },
  ];
  const needed = route === null ? [hot] : route.fallback === "hot" ? [...byQuorum, hot] : byQuorum;
  const [balance, guards, ...answers] = await Promise.all([
    client.getBalance({ address: signer }),
    has("GUARDIAN", signer),
    ...needed.map(({ ask }) => ask()),
  ]);
  const missing = needed.flatMap(({ lacks }, i) => (answers[i] === true ? [] : [lacks]));
  const powers = missing.length === 0 ? needed.map(({ has }) => has).join(", ") : missing.join(", ");
  return { balanceEth: Number(balance) / 1e18, allowed: missing.length === 0, powers, guards };
}
