import { type Abi, encodeAbiParameters, type Hex, keccak256, zeroAddress } from "viem";
import { deployAt, type ReplicaClient, write } from "../replica/node.ts";
import { createContract } from "./create.ts";
import { morphoCode } from "./morphoCode.ts";

/** Parameters that make a Morpho market; its id is their hash. */
export type MorphoMarket = {
  readonly loanToken: Hex;
  readonly collateralToken: Hex;
  readonly oracle: Hex;
  readonly irm: Hex;
  /** 1e18 = 100 %. */
  readonly lltv: bigint;
};

let abi: Abi | undefined;

/** Morpho Blue's interface. */
export function morphoAbi(): Abi {
  abi ??= morphoCode().abi as Abi;
  return abi;
}

/** The market's id. */
export function morphoId({ loanToken, collateralToken, oracle, irm, lltv }: MorphoMarket): Hex {
  const types = ["address", "address", "address", "address", "uint256"].map((type) => ({ type }));
  return keccak256(encodeAbiParameters(types, [loanToken, collateralToken, oracle, irm, lltv]));
}

/**
 * Deploys Morpho Blue, enables one LLTV and the rate model of no interest, and hands it to `owner`.
 * @param at where to put it; absent: a new address
 */
export async function deployMorpho(
  client: ReplicaClient,
  from: Hex,
  { owner, lltv, at }: { readonly owner: Hex; readonly lltv: bigint; readonly at?: Hex },
): Promise<Hex> {
  const artifact = { contractName: "Morpho", abi: morphoAbi(), bytecode: morphoCode().bytecode as Hex };
  if (at !== undefined) await deployAt(client, from, at, artifact, [from]);
  const morpho = at ?? (await createContract(client, from, artifact, [from]));
  await write(client, from, morpho, morphoAbi(), "enableIrm", [zeroAddress]);
  await write(client, from, morpho, morphoAbi(), "enableLltv", [lltv]);
  await write(client, from, morpho, morphoAbi(), "setOwner", [owner]);
  return morpho;
}
