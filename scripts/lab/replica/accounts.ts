import { mnemonicToAccount } from "viem/accounts";

/** The well-known mnemonic of every development node. Worth nothing: use on loopback only. */
const TEST_MNEMONIC = "test test test test test test test test test test test junk";

type ReplicaAccount = { readonly address: `0x${string}`; readonly privateKey: `0x${string}` };

const ROLES = ["deployer", "keeper", "guardian", "governance", "trader"] as const;

/** Account by what it does on a replica. */
export type ReplicaAccounts = Readonly<Record<(typeof ROLES)[number], ReplicaAccount>>;

/** Returns anvil's first five test accounts, one for each role. Each has 10 000 ETH on a fresh node. */
export function replicaAccounts(): ReplicaAccounts {
  const accounts = ROLES.map((role, addressIndex) => {
    const account = mnemonicToAccount(TEST_MNEMONIC, { addressIndex });
    const key = account.getHdKey().privateKey;
    if (key === null) throw new Error("a derived account always has a key");
    return [role, { address: account.address, privateKey: `0x${Buffer.from(key).toString("hex")}` }] as const;
  });
  return Object.fromEntries(accounts) as ReplicaAccounts;
}
