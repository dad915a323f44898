import { Contract, Interface, id, type JsonRpcProvider, ZeroHash } from "ethers";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { type Check, compare, setOf } from "./compare.ts";

const LOG_RANGE = 10_000;

const timelockAbi = new Interface([
  "event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)",
  "event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)",
  "function hasRole(bytes32 role, address account) view returns (bool)",
  "function getMinDelay() view returns (uint256)",
]);

/**
 * Returns the comparison of the timelock's delay and of every role of it: the exact holders that their event history since
 * `fromBlock` leaves, each confirmed by asking `hasRole`, and that the deployer never held any.
 */
export async function checkTimelock(
  provider: JsonRpcProvider,
  { timelock, deployer }: Deployment,
  fromBlock: number,
): Promise<Check[]> {
  const asked = new Contract(timelock.address, timelockAbi, provider);
  const wanted = new Map<string, { readonly name: string; readonly holders: readonly string[] }>([
    [ZeroHash, { name: "DEFAULT_ADMIN_ROLE", holders: [timelock.address] }],
    [id("PROPOSER_ROLE"), { name: "PROPOSER_ROLE", holders: timelock.proposers }],
    [id("CANCELLER_ROLE"), { name: "CANCELLER_ROLE", holders: timelock.proposers }],
    [id("EXECUTOR_ROLE"), { name: "EXECUTOR_ROLE", holders: timelock.executors }],
  ]);
  const checks = [compare("timelock delay, s", timelock.delaySeconds, await asked.getFunction("getMinDelay")())];
  const history = await roleHistory(provider, timelock.address, fromBlock);
  for (const role of new Set([...history.holders.keys(), ...wanted.keys()])) {
    const { name, holders: recorded } = wanted.get(role) ?? { name: role, holders: [] };
    const byEvents = history.holders.get(role) ?? new Set();
    const holders: string[] = [];
    for (const account of new Set([...recorded, ...history.everyone, deployer])) {
      if (await asked.getFunction("hasRole")(role, account)) holders.push(account);
    }
    checks.push(compare(`timelock ${name}`, setOf(recorded), setOf(holders)));
    checks.push(compare(`timelock ${name} by events`, setOf(recorded), setOf(byEvents)));
  }
  return [...checks, compare("timelock roles the deployer ever had", 0, history.grantsTo(deployer))];
}

async function roleHistory(provider: JsonRpcProvider, address: string, fromBlock: number) {
  const holders = new Map<string, Set<string>>();
  const grants: string[] = [];
  const latest = await provider.getBlockNumber();
  for (let from = fromBlock; from <= latest; from += LOG_RANGE) {
    const toBlock = Math.min(latest, from + LOG_RANGE - 1);
    for (const log of await provider.getLogs({ address, fromBlock: from, toBlock })) {
      const event = timelockAbi.parseLog(log);
      if (event === null) continue;
      const [role, account] = event.args as unknown as [string, string];
      const of = holders.get(role) ?? new Set();
      if (event.name === "RoleGranted") {
        of.add(account);
        grants.push(account);
      } else of.delete(account);
      holders.set(role, of);
    }
  }
  return {
    holders,
    everyone: new Set(grants),
    grantsTo: (account: string) => grants.filter((each) => each === account).length,
  };
}
