import { network } from "hardhat";
import type { Hex } from "viem";
import { replicaAccounts } from "../../../scripts/lab/replica/accounts.ts";
import { spawnAnvil } from "../../../scripts/lab/replica/anvil.ts";
import { mined, type ReplicaClient, replicaClient, send } from "../../../scripts/lab/replica/node.ts";
import { CHAIN_ID, EFFECT } from "../../submission/submissionWorld.ts";

/** A node over HTTP with the contract on it that counts effects. */
export type EffectNode = {
  readonly name: "anvil" | "hardhat";
  readonly url: string;
  readonly node: ReplicaClient;
  readonly effect: Hex;
  setBalance(address: Hex, wei: bigint): Promise<void>;
  close(): Promise<void>;
};

/** The two nodes, which word their refusals differently and differ in what their pools keep. */
export const EFFECT_NODES: Readonly<Record<EffectNode["name"], () => Promise<EffectNode>>> = {
  async anvil() {
    const { url, close } = await spawnAnvil({ chainId: CHAIN_ID });
    return equipped("anvil", url, close);
  },
  async hardhat() {
    const server = await network.createServer({ override: { chainId: CHAIN_ID } }, "127.0.0.1");
    const { port } = await server.listen();
    return equipped("hardhat", `http://127.0.0.1:${port}`, () => server.close());
  },
};

async function equipped(name: EffectNode["name"], url: string, close: () => Promise<void>): Promise<EffectNode> {
  try {
    const node = replicaClient(url, CHAIN_ID);
    const [effect] = await mined(node, [await send(node, { from: replicaAccounts().deployer.address, data: EFFECT })]);
    if (!effect) throw new Error("not deployed");
    return {
      name,
      url,
      node,
      effect,
      close,
      async setBalance(address, wei) {
        const params = [address, `0x${wei.toString(16)}`];
        await node.request({ method: `${name}_setBalance`, params } as never);
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
