import { Contract, id, JsonRpcProvider } from "ethers";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { readEvents } from "../lab/contractModel/readEvents.ts";
import { deploymentArtifacts } from "./artifacts.ts";
import { checkAccounts } from "./checkAccounts.ts";
import { checkCode, placesOf } from "./checkCode.ts";
import { checkEvents } from "./checkEvents.ts";
import { checkGateways } from "./checkGateways.ts";
import { checkLenders } from "./checkLenders.ts";
import { checkMarkets } from "./checkMarkets.ts";
import { checkTimelock } from "./checkTimelock.ts";
import { type Asked, type Check, compare } from "./compare.ts";

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
    const { contract, timelock } = places.blocks;
    const toBlock = await provider.getBlockNumber();
    const client = chainClient({ chainId: deployment.chainId, rpc: rpcUrl });
    const span = { fromBlock: BigInt(contract), toBlock: BigInt(toBlock) };
    const events = await readEvents(client, deployment.contract.address, span);
    const asked = new Contract(deployment.contract.address, deploymentArtifacts().contract.abi, provider);
    const at: Asked = async (name, ...args) => await asked.getFunction(name)(...args, { blockTag: toBlock });
    checks.push(...(await checkTimelock(provider, deployment, timelock)));
    checks.push(...(await checkAccounts(at, deployment, events)));
    checks.push(...(await checkMarkets(at, deployment, events)));
    checks.push(...(await checkSources(provider, deployment)));
    checks.push(...(await checkGateways(provider, deployment)));
    checks.push(...(await checkLenders(provider, deployment)));
    checks.push(...(await checkEvents(at, events)));
    return checks;
  } catch (cause) {
    if (cause instanceof TonsorError) throw cause;
    throw new TonsorError("RPC_FAILED", "the chain could not be compared with the record", {}, cause);
  } finally {
    provider.destroy();
  }
}

type Blocks = { readonly contract: number; readonly timelock: number };

/** How every contract was created, and in which blocks the two with powers; null when that is unknown. */
async function checkPlaces(
  provider: JsonRpcProvider,
  deployment: Deployment,
): Promise<{ checks: Check[]; blocks: Blocks | null }> {
  const checks: Check[] = [];
  const blocks = new Map<string, number>();
  const core = new Set(Object.keys(deploymentArtifacts()));
  for (const { name, artifact, transaction, address, block, constructorArguments } of placesOf(deployment)) {
    const [sent, receipt] = await Promise.all([
      provider.getTransaction(transaction),
      provider.getTransactionReceipt(transaction),
    ]);
    const at = receipt?.contractAddress ?? "no such transaction";
    if (receipt !== null && at === address) blocks.set(name, receipt.blockNumber);
    const cut = (sent?.data.length ?? 0) - (constructorArguments.length - 2);
    const [code, args] = sent === null ? ["none", "none"] : [sent.data.slice(0, cut), `0x${sent.data.slice(cut)}`];
    checks.push(
      compare(`${name} created by its transaction`, address, at),
      compare(`${name} block`, block, receipt?.blockNumber ?? "none"),
      // What came later, or from an earlier deployment, anybody may have sent: its code and arguments say what it is.
      ...(core.has(name) ? [compare(`${name} deployer`, deployment.deployer, sent?.from ?? "none")] : []),
      compare(`${name} constructor arguments`, id(constructorArguments), id(args)),
      compare(`${name} creation code as compiled here`, id(artifact.bytecode), id(code)),
    );
  }
  const [ours, lock] = [blocks.get("contract"), blocks.get("timelock")];
  return { checks, blocks: ours === undefined || lock === undefined ? null : { contract: ours, timelock: lock } };
}

/** Where the numbers come from: every token, pool and feed of the record is a contract. */
async function checkSources(provider: JsonRpcProvider, { sources }: Deployment): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [kind, named] of Object.entries(sources)) {
    for (const [name, address] of Object.entries(named)) {
      const code = await provider.getCode(address);
      checks.push(compare(`${kind} ${name} ${address}`, "code", code === "0x" ? "no code" : "code"));
    }
  }
  return checks;
}
