import { type Abi, encodeDeployData, getAddress, type Hex } from "viem";
import { POWERS, type Power } from "../../keeper/domain/contract.ts";
import { listingValues, RISK_CLASSES, USD, WRITER_BUDGETS } from "../../keeper/markets/limits.ts";
import { marketNamed } from "../../keeper/markets/marketFiles.ts";
import { ownArtifact } from "../../scripts/lab/replica/artifacts.ts";
import { mined, type ReplicaClient, send } from "../../scripts/lab/replica/node.ts";
import { SHIPPED } from "./shipped.ts";

/** Sends creation code and returns the address of what it created. */
export type Create = (data: Hex) => Promise<Hex>;

/** Creates as an account of a node. */
export function creator(node: ReplicaClient, from: Hex): Create {
  return async (data) => {
    const [address] = await mined(node, [await send(node, { from, data })]);
    if (!address) throw new Error("a contract was not deployed");
    return getAddress(address);
  };
}

/** Creates a contract of this repository by its path. @example createOwn(create, "test/mocks/MockERC20", ["Token", "T", 18]) */
export async function createOwn(create: Create, path: string, args: readonly unknown[]): Promise<Hex> {
  const { abi, bytecode } = ownArtifact(path);
  return await create(encodeDeployData({ abi: abi as Abi, bytecode, args } as never));
}

/** A key or gateway as the constructor and `admit` take it; without budgets it loosens nothing. */
export function accountSetting<Address extends string>(account: Address, power: Power, aggregateBps = 0, tripBps = 0) {
  return { account, power: POWERS.indexOf(power), aggregateBps, tripBps };
}

/**
 * Deploys the contract as the shipped markets have it: their classes, its writers' budgets, and its listing of each market of
 * `collaterals` against dollars, ids from 1 in their order.
 */
export async function createParameters(
  create: Create,
  { governance, keeper, guardian }: { readonly governance: Hex; readonly keeper: Hex; readonly guardian: Hex },
  collaterals: Readonly<Record<string, Hex>>,
): Promise<Hex> {
  const { aggregateBps, tripBps } = WRITER_BUDGETS.hot;
  const accounts = [accountSetting(keeper, "HOT", aggregateBps, tripBps), accountSetting(guardian, "GUARDIAN")];
  const classes = Object.values(RISK_CLASSES).map(({ id, limits }) => ({ classId: id, limits }));
  const markets = Object.entries(collaterals).map(([name, collateral]) => ({
    ...{ collateral, debt: USD },
    ...listingValues(marketNamed(SHIPPED, name).listing),
  }));
  return await createOwn(create, "contracts/parameters/Parameters", [governance, accounts, classes, markets]);
}
