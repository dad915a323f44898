import { concatHex, encodeFunctionData, getAddress, type Hex, parseEventLogs, zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { npmArtifact } from "../replica/artifacts.ts";
import { mined, type ReplicaClient, send } from "../replica/node.ts";
import { createContract } from "./create.ts";

type Owner = { readonly address: Hex; readonly privateKey: Hex };

const PACKAGE = "@safe-global/safe-smart-account";
const safeArtifact = () => npmArtifact(PACKAGE, "build/artifacts/contracts/Safe.sol/Safe.json");
const factoryArtifact = () =>
  npmArtifact(PACKAGE, "build/artifacts/contracts/proxies/SafeProxyFactory.sol/SafeProxyFactory.json");

/** A Safe 1.5.0 that acts when two of its owners have signed. */
type Safe = {
  readonly address: Hex;
  /** Signs a call with the keys of two owners and sends it. @throws TonsorError RPC_FAILED when it reverts */
  execute(call: { readonly to: Hex; readonly data: Hex; readonly value?: bigint }): Promise<void>;
};

/** Deploys singleton, factory and, through it, a Safe of these owners, two of which must sign. */
export async function createSafe(client: ReplicaClient, from: Hex, owners: readonly Owner[]): Promise<Safe> {
  const { abi } = safeArtifact();
  const factory = factoryArtifact();
  const singleton = await createContract(client, from, safeArtifact());
  const at = await createContract(client, from, factory);
  const none = [zeroAddress, "0x", zeroAddress, zeroAddress, 0n, zeroAddress];
  const setup = encodeFunctionData({
    abi,
    functionName: "setup",
    args: [owners.map((one) => one.address), 2n, ...none],
  });
  const args = [singleton, setup, 0n];
  const data = encodeFunctionData({ abi: factory.abi, functionName: "createProxyWithNonce", args });
  const hash = await send(client, { from, to: at, data });
  await mined(client, [hash]);
  const { logs } = await client.getTransactionReceipt({ hash });
  const [created] = parseEventLogs({ abi: factory.abi, logs, eventName: "ProxyCreation" });
  const address = getAddress((created as unknown as { args: { proxy: Hex } }).args.proxy);
  const signers = owners
    .slice(0, 2)
    .map(({ privateKey }) => privateKeyToAccount(privateKey))
    .sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  return {
    address,
    async execute({ to, data: call, value = 0n }) {
      const nonce = await client.readContract({ address, abi, functionName: "nonce" });
      const rest = [0, 0n, 0n, 0n, zeroAddress, zeroAddress];
      const parts = [to, value, call, ...rest, nonce];
      const hash = (await client.readContract({
        address,
        abi,
        functionName: "getTransactionHash",
        args: parts,
      })) as Hex;
      const signatures = concatHex(await Promise.all(signers.map((signer) => signer.sign({ hash }))));
      const sent = [to, value, call, ...rest, signatures];
      const execution = encodeFunctionData({ abi, functionName: "execTransaction", args: sent });
      await mined(client, [await send(client, { from, to: address, data: execution })]);
    },
  };
}
