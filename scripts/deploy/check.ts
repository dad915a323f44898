import { Contract, JsonRpcProvider, keccak256 } from "ethers";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { deploymentArtifacts } from "./artifacts.ts";
import { checkCode, creationCode, placesOf } from "./checkCode.ts";
import { checkDoors } from "./checkDoors.ts";
import { checkEvents } from "./checkEvents.ts";
import { checkMarkets } from "./checkMarkets.ts";
import { type CreationBlocks, checkRoles } from "./checkRoles.ts";
import { type Check, compare } from "./compare.ts";

/**
 * Returns every comparison of a deployment record with the chain, agreeing ones too, in a fixed order. When chain id or
 * code differ, or a creating transaction is not there, nothing else can be asked in earnest, and the list ends there.
 *
 * @throws TonsorError RPC_FAILED when the endpoint does not answer.
 */
export async function checkDeployment(rpcUrl: string, deployment: Deployment): Promise<Check[]> {
  const provider = new JsonRpcProvider(rpcUrl, deployment.chainId, { staticNetwork: true, cacheTimeout: -1 });
  try {
    const chainId = Number(await provider.send("eth_chainId", []));
    const identity = [compare("chain id", deployment.chainId, chainId)];
    if (chainId === deployment.chainId) identity.push(...(await checkCode(provider, deployment)));
    // Another compilation of the same code is worth a line; other code than recorded answers nothing that counts.
    const recorded = identity.filter(({ what }) => !what.endsWith("as compiled here"));
    if (!recorded.every(({ agrees }) => agrees)) return identity;
    const places = await checkPlaces(provider, deployment);
    const checks = [...identity, ...places.checks];
    // A wrong block in the file must not hide events: only the chain says where to start reading them.
    if (places.blocks === null) return checks;
    checks.push(await checkDelay(provider, deployment));
    checks.push(...(await checkRoles(provider, deployment, places.blocks)));
    checks.push(...(await checkMarkets(provider, deployment, places.blocks.contract)));
    checks.push(...(await checkDoors(provider, deployment)));
    checks.push(...(await checkEvents(provider, rpcUrl, deployment, places.blocks.contract)));
    return checks;
  } catch (cause) {
    if (cause instanceof TonsorError) throw cause;
    throw new TonsorError("RPC_FAILED", "the chain could not be compared with the record", {}, cause);
  } finally {
    provider.destroy();
  }
}

/** How every contract was created, and in which blocks the two with roles; null when that is unknown. */
async function checkPlaces(
  provider: JsonRpcProvider,
  deployment: Deployment,
): Promise<{ checks: Check[]; blocks: CreationBlocks | null }> {
  const { contract, timelock, libraries, doors } = deployment;
  const created = { timelock, ...libraries, contract, ...doors };
  const checks: Check[] = [];
  const blocks = new Map<string, number>();
  for (const { name } of placesOf(deployment)) {
    const record = created[name as keyof typeof created];
    if (record === undefined || record === null) continue;
    const { transaction, address, block, constructorArguments } = record;
    const [sent, receipt] = await Promise.all([
      provider.getTransaction(transaction),
      provider.getTransactionReceipt(transaction),
    ]);
    const at = receipt?.contractAddress ?? "no such transaction";
    if (receipt !== null && at === address) blocks.set(name, receipt.blockNumber);
    checks.push(
      compare(`${name} created by its transaction`, address, at),
      compare(`${name} block`, block, receipt?.blockNumber ?? "none"),
      compare(`${name} deployer`, deployment.deployer, sent?.from ?? "none"),
      compare(
        `${name} constructor arguments`,
        keccak256(constructorArguments),
        sent === null ? "none" : keccak256(lastBytes(sent.data, constructorArguments)),
      ),
      compare(
        `${name} creation code as compiled here`,
        keccak256(creationCode(name, deployment) ?? "0x"),
        sent === null ? "none" : keccak256(sent.data.slice(0, sent.data.length - (constructorArguments.length - 2))),
      ),
    );
  }
  const [ours, lock] = [blocks.get("contract"), blocks.get("timelock")];
  return { checks, blocks: ours === undefined || lock === undefined ? null : { contract: ours, timelock: lock } };
}

async function checkDelay(provider: JsonRpcProvider, { timelock }: Deployment): Promise<Check> {
  const asked = new Contract(timelock.address, deploymentArtifacts().timelock.abi, provider);
  return compare("timelock delay, s", timelock.delaySeconds, await asked.getFunction("getMinDelay")());
}

function lastBytes(data: string, like: string): string {
  return like === "0x" ? "0x" : `0x${data.slice(data.length - (like.length - 2))}`;
}
