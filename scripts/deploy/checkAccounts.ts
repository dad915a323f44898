import { ZeroAddress } from "ethers";
import type { Deployment } from "../../keeper/protocols/deployment.ts";
import { storedAccountOf } from "../../keeper/protocols/words.ts";
import type { ContractEvent } from "../lab/contractModel/events.ts";
import { type Asked, type Check, compare, setOf } from "./compare.ts";

/**
 * Returns the comparison of who may do what: governance, and every account with its power and budgets, asked of storage;
 * that the whole history of `AccountChanged` names no other; and that the deployer never had a power or the ownership.
 */
export async function checkAccounts(
  asked: Asked,
  { accounts, timelock, deployer }: Deployment,
  events: readonly ContractEvent[],
): Promise<Check[]> {
  const changes = events.filter((event) => event.name === "AccountChanged");
  const owners = events.flatMap((event) => (event.name === "OwnershipTransferred" ? [event.newOwner] : []));
  const [recorded, changed] = [accounts, changes].map((list) => list.map(({ account }) => account as string));
  const checks = [
    compare("owner", timelock.address, await asked("owner")),
    compare("pendingOwner", ZeroAddress, await asked("pendingOwner")),
    compare("owners ever", timelock.address, setOf(owners)),
  ];
  const holders: string[] = [];
  for (const account of new Set([...(recorded ?? []), ...(changed ?? []), deployer])) {
    const record = accounts.find((each) => each.account === account);
    const found = storedAccountOf((await asked("storedWriter", account)) as bigint);
    if (found.power !== "NONE") holders.push(account);
    if (record === undefined) continue;
    const name = `account ${account}`;
    const { power, aggregateBps, tripBps } = record;
    checks.push(
      compare(`${name} power`, power, found.power),
      compare(`${name} aggregateBps`, aggregateBps, found.aggregateBps, standstill(found)),
      compare(`${name} tripBps`, tripBps, found.tripBps),
    );
  }
  checks.push(compare("accounts with a power", setOf(recorded ?? []), setOf(holders)));
  const toDeployer = changes.filter(({ account, power }) => account === deployer && power !== "NONE").length;
  return [...checks, compare("powers the deployer ever had", 0, toDeployer)];
}

/** Why a writer loosens nothing, or null. */
function standstill({ power, aggregateBps, tightenOnly }: ReturnType<typeof storedAccountOf>): string | null {
  if (power !== "HOT" && power !== "QUORUM") return null;
  if (tightenOnly) return "it has tripped: it only tightens until governance admits it anew";
  return aggregateBps === 0 ? "a budget of zero: it cannot loosen" : null;
}
