import { type Abi, encodeDeployData, getAddress, type Hex } from "viem";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { type ReplicaClient, transact } from "../replica/node.ts";
import { type Compiled, linked } from "./compileForeign.ts";

/** Deploys `name` of a set of contracts, before it every library that it links, each library once. */
export type Create = (name: string, args?: readonly unknown[]) => Promise<Hex>;

/** A `Create` over contracts compiled from another project's sources. */
export function creator(client: ReplicaClient, from: Hex, code: Readonly<Record<string, Compiled>>): Create {
  const libraries: Record<string, Hex> = {};
  const create: Create = async (name, args = []) => {
    const compiled = code[name];
    if (compiled === undefined) throw new Error(`no contract ${name}`);
    for (const library of Object.values(compiled.linkReferences).flatMap((file) => Object.keys(file))) {
      libraries[library] ??= await create(library);
    }
    return await createContract(
      client,
      from,
      { abi: compiled.abi as Abi, bytecode: linked(compiled, libraries) as Hex },
      args,
    );
  };
  return create;
}

/** Deploys one contract and returns its address. @throws TonsorError RPC_FAILED when the transaction fails */
export async function createContract(
  client: ReplicaClient,
  from: Hex,
  { abi, bytecode }: { readonly abi: Abi; readonly bytecode: Hex },
  args: readonly unknown[] = [],
): Promise<Hex> {
  const address = await transact(client, { from, data: encodeDeployData({ abi, bytecode, args } as never) });
  if (address === null) throw new TonsorError("RPC_FAILED", "a transaction created no contract");
  return getAddress(address);
}
