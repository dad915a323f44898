import { Contract, Interface, id, type JsonRpcProvider, ZeroHash } from "ethers";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { type Check, compare } from "./compare.ts";

const ROLES = [
  "DEFAULT_ADMIN_ROLE",
  "KEEPER_ROLE",
  "QUORUM_ROLE",
  "GUARDIAN_ROLE",
  "CHALLENGER_ROLE",
  "LISTER_ROLE",
  "PROPOSER_ROLE",
  "EXECUTOR_ROLE",
  "CANCELLER_ROLE",
];
const LOG_RANGE = 10_000;

/** Blocks in which the two contracts were created: no event is older. */
export type CreationBlocks = { readonly contract: number; readonly timelock: number };

const accessControl = new Interface([
  "event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)",
  "event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
]);

/** Hash of a role as OpenZeppelin's AccessControl uses it. @example roleId("DEFAULT_ADMIN_ROLE") // 0x00...00 */
export function roleId(role: string): string {
  return role === "DEFAULT_ADMIN_ROLE" ? ZeroHash : id(role);
}

/**
 * Returns the comparison of every role of contract and timelock: the exact holders that their event history
 * since `blocks` leaves, each confirmed by asking `hasRole`, and that the deployer never held any.
 */
export async function checkRoles(
  provider: JsonRpcProvider,
  deployment: Deployment,
  blocks: CreationBlocks,
): Promise<Check[]> {
  const { roles, timelock, contract, deployer } = deployment;
  const expected = {
    contract: {
      DEFAULT_ADMIN_ROLE: roles.governance,
      KEEPER_ROLE: roles.keeper,
      QUORUM_ROLE: roles.quorum,
      GUARDIAN_ROLE: roles.guardian,
      CHALLENGER_ROLE: roles.challenger,
      LISTER_ROLE: roles.lister,
    },
    timelock: {
      DEFAULT_ADMIN_ROLE: [timelock.address],
      PROPOSER_ROLE: timelock.proposers,
      CANCELLER_ROLE: timelock.proposers,
      EXECUTOR_ROLE: timelock.executors,
    },
  };
  const checks: Check[] = [];
  for (const name of ["contract", "timelock"] as const) {
    const { address } = name === "contract" ? contract : timelock;
    const history = await roleHistory(provider, address, blocks[name]);
    const asked = new Contract(address, accessControl, provider);
    const wanted: Record<string, readonly string[]> = name === "contract" ? expected.contract : expected.timelock;
    const seen = [...new Set([...history.holders.keys(), ...Object.keys(wanted).map(roleId)])];
    for (const role of seen) {
      const label = ROLES.find((known) => roleId(known) === role) ?? role;
      const listed = wanted[label] ?? [];
      const candidates = new Set([...listed, ...(history.holders.get(role) ?? []), ...history.everyone, deployer]);
      const holders: string[] = [];
      for (const account of candidates) if (await asked.getFunction("hasRole")(role, account)) holders.push(account);
      checks.push(compare(`${name} ${label}`, list(listed), list(holders)));
      checks.push(compare(`${name} ${label} by events`, list(listed), list(history.holders.get(role) ?? [])));
    }
    checks.push(compare(`${name} roles the deployer ever had`, 0, history.grantsTo(deployer)));
  }
  return checks;
}

async function roleHistory(provider: JsonRpcProvider, address: string, fromBlock: number) {
  const holders = new Map<string, Set<string>>();
  const everyone = new Set<string>();
  let grants: string[] = [];
  const latest = await provider.getBlockNumber();
  for (let from = fromBlock; from <= latest; from += LOG_RANGE) {
    const toBlock = Math.min(latest, from + LOG_RANGE - 1);
    for (const log of await provider.getLogs({ address, fromBlock: from, toBlock })) {
      const event = accessControl.parseLog(log);
      if (event === null) continue;
      const [role, account] = event.args as unknown as [string, string];
      const of = holders.get(role) ?? new Set();
      if (event.name === "RoleGranted") of.add(account);
      else of.delete(account);
      holders.set(role, of);
      everyone.add(account);
      if (event.name === "RoleGranted") grants = [...grants, account];
    }
  }
  return { holders, everyone, grantsTo: (account: string) => grants.filter((each) => each === account).length };
}

/** Holders in a fixed order, so that equal sets print equally. */
function list(accounts: Iterable<string>): string {
  const sorted = [...new Set(accounts)].sort();
  return sorted.length === 0 ? "nobody" : sorted.join(" ");
}
