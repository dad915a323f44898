import { readFileSync } from "node:fs";
import { type Abi, encodeDeployData, getAddress, type Hex } from "viem";
import { mined, type ReplicaClient, send } from "../../scripts/lab/replica/node.ts";

type Links = Readonly<Record<string, Readonly<Record<string, readonly { readonly start: number }[]>>>>;
type LinkedArtifact = { readonly abi: Abi; readonly bytecode: string; readonly linkReferences: Links };
/** Sends creation code and returns the address of what it created. */
type Create = (data: Hex) => Promise<Hex>;

/** Deploys a contract by its path, e.g. "test/mocks/MockERC20", each library that it links first, and returns its address. */
export async function deployLinked(
  node: ReplicaClient,
  from: Hex,
  path: string,
  args: readonly unknown[],
): Promise<Hex> {
  const create: Create = async (data) => {
    const [address] = await mined(node, [await send(node, { from, data })]);
    if (!address) throw new Error(`${path} was not deployed`);
    return getAddress(address);
  };
  return await createLinked(create, path, args);
}

/** The same by other means of sending. */
export async function createLinked(create: Create, path: string, args: readonly unknown[]): Promise<Hex> {
  const { abi, bytecode, linkReferences } = artifactOf(path);
  let code = bytecode;
  for (const [file, names] of Object.entries(linkReferences)) {
    for (const places of Object.values(names)) {
      const library = await createLinked(create, file.replace(/^project\/|\.sol$/g, ""), []);
      for (const { start } of places) {
        const at = 2 + 2 * start;
        code = code.slice(0, at) + library.slice(2).toLowerCase() + code.slice(at + 40);
      }
    }
  }
  return await create(encodeDeployData({ abi, bytecode: code as Hex, args } as never));
}

function artifactOf(path: string): LinkedArtifact {
  const name = path.split("/").at(-1);
  const file = new URL(`../../artifacts/${path}.sol/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as LinkedArtifact;
}
