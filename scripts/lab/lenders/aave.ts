import { type Abi, encodeAbiParameters, encodeFunctionData, type Hex, zeroAddress, zeroHash } from "viem";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { deployAt, mined, type ReplicaClient, send, write } from "../replica/node.ts";
import { aaveCode } from "./aaveCode.ts";
import type { Compiled } from "./compileForeign.ts";
import { type Create, creator } from "./create.ts";
import type { Call } from "./governance.ts";

/** A reserve to list, basis points as Aave has them: a bonus of 5 % is 10 500. */
export type Reserve = {
  readonly asset: Hex;
  readonly symbol: string;
  readonly decimals: number;
  readonly feed: Hex;
  /** Null: it is lent and cannot be collateral. */
  readonly collateral: { readonly ltvBps: number; readonly thresholdBps: number; readonly bonusBps: number } | null;
};

/** Addresses of one Aave market. */
export type AaveMarket = Readonly<Record<"provider" | "pool" | "configurator" | "oracle" | "acl" | "admin", Hex>>;

/** Share of the bonus that goes to the treasury, as on mainnet. */
const PROTOCOL_FEE_BPS = 1_000;
/** Optimal usage, base rate, slopes below and above it, basis points a year: about those of USDC on mainnet. */
const RATES = [9_200, 0, 550, 1_500] as const;

let compiled: ReturnType<typeof aaveCode> | undefined;

/** Aave's contracts by name. @throws TonsorError BAD_FILE when the package is not installed */
function code(): Readonly<Record<string, Compiled>> {
  compiled ??= aaveCode();
  if (compiled !== null) return compiled;
  throw new TonsorError("BAD_FILE", "@aave-dao/aave-v3-origin is missing", { expected: "run `npm ci`" });
}

/** Interface of one of Aave's contracts. @example aaveAbi("PoolInstance") */
export function aaveAbi(name: string): Abi {
  return code()[name]?.abi as Abi;
}

/** The market that a provider of addresses names. */
export async function aaveAt(client: ReplicaClient, provider: Hex): Promise<AaveMarket> {
  const ask = (functionName: string) =>
    client.readContract({ address: provider, abi: aaveAbi("PoolAddressesProvider"), functionName }) as Promise<Hex>;
  const [pool, configurator] = [await ask("getPool"), await ask("getPoolConfigurator")];
  const [oracle, acl, admin] = [await ask("getPriceOracle"), await ask("getACLManager"), await ask("getACLAdmin")];
  return { provider, pool, configurator, oracle, acl, admin };
}

/**
 * Deploys Aave v3.6 with these reserves, its own oracle over their feeds, rates and proxies, and hands every right of the
 * deployer to `owner`.
 * @param at address of the provider; absent: a new one
 */
export async function deployAave(
  client: ReplicaClient,
  from: Hex,
  { owner, reserves, at }: { readonly owner: Hex; readonly reserves: readonly Reserve[]; readonly at?: Hex },
): Promise<AaveMarket> {
  const contracts = code();
  const create = creator(client, from, contracts);
  const call = (to: Hex, name: string, functionName: string, args: readonly unknown[]) =>
    write(client, from, to, aaveAbi(name), functionName, args);
  const provider = at ?? (await create("PoolAddressesProvider", ["Tonsor laboratory", from]));
  if (at !== undefined) {
    const { abi, bytecode } = contracts["PoolAddressesProvider"] as Compiled;
    const artifact = { contractName: "PoolAddressesProvider", abi: abi as Abi, bytecode: bytecode as Hex };
    await deployAt(client, from, at, artifact, ["Tonsor laboratory", from]);
  }
  const set = (name: string, value: Hex) => call(provider, "PoolAddressesProvider", name, [value]);
  await set("setACLAdmin", from);
  const acl = await create("ACLManager", [provider]);
  await set("setACLManager", acl);
  for (const role of ["addPoolAdmin", "addAssetListingAdmin"]) await call(acl, "ACLManager", role, [from]);
  const oracleArgs = [provider, reserves.map(({ asset }) => asset), reserves.map(({ feed }) => feed)];
  await set("setPriceOracle", await create("AaveOracle", [...oracleArgs, zeroAddress, zeroAddress, 10n ** 8n]));
  const strategy = await create("DefaultReserveInterestRateStrategyV2", [provider]);
  await set("setPoolImpl", await create("PoolInstance", [provider, strategy]));
  await set("setPoolConfiguratorImpl", await create("PoolConfiguratorInstance"));
  await set("setPoolDataProvider", await create("AaveProtocolDataProvider", [provider]));
  const market = await aaveAt(client, provider);
  await list(market, reserves, create, call);

  const grant = [aclCall(acl, "addPoolAdmin", owner), aclCall(acl, "grantRole", zeroHash, owner)];
  const leave = [aclCall(acl, "removeAssetListingAdmin", from), aclCall(acl, "removePoolAdmin", from)];
  for (const { to, data } of [...grant, ...leave, aclCall(acl, "renounceRole", zeroHash, from)]) {
    await mined(client, [await send(client, { from, to, data })]);
  }
  await set("setACLAdmin", owner);
  await set("transferOwnership", owner);
  return { ...market, admin: owner };
}

/** Lists the reserves: tokens, rates, collateral parameters, protocol's share of the bonus. */
async function list(
  { pool, configurator }: AaveMarket,
  reserves: readonly Reserve[],
  create: Create,
  call: (to: Hex, name: string, functionName: string, args: readonly unknown[]) => Promise<void>,
): Promise<void> {
  const treasury = "0x464C71f6c2F760DdA6093dCB91C24c39e5d6e18c";
  const tokens = {
    aTokenImpl: await create("ATokenInstance", [pool, zeroAddress, treasury]),
    variableDebtTokenImpl: await create("VariableDebtTokenInstance", [pool, zeroAddress]),
  };
  const rates = ["uint16", "uint32", "uint32", "uint32"].map((type) => ({ type }));
  const configure = (name: string, args: readonly unknown[]) =>
    call(configurator, "PoolConfiguratorInstance", name, args);
  await configure("initReserves", [
    reserves.map(({ asset, symbol }) => ({
      ...tokens,
      underlyingAsset: asset,
      aTokenName: `Aave ${symbol}`,
      aTokenSymbol: `a${symbol}`,
      variableDebtTokenName: `Aave debt ${symbol}`,
      variableDebtTokenSymbol: `variableDebt${symbol}`,
      params: "0x",
      interestRateData: encodeAbiParameters(rates, RATES),
    })),
  ]);
  for (const { asset, collateral } of reserves) {
    if (collateral === null) {
      await configure("setReserveBorrowing", [asset, true]);
      continue;
    }
    const { ltvBps, thresholdBps, bonusBps } = collateral;
    await configure("configureReserveAsCollateral", [asset, ltvBps, thresholdBps, bonusBps]);
    await configure("setLiquidationProtocolFee", [asset, PROTOCOL_FEE_BPS]);
  }
}

/** A call of the market's access control. @example aclCall(acl, "addRiskAdmin", agent) */
export function aclCall(acl: Hex, functionName: string, ...args: readonly unknown[]): Call {
  return { to: acl, data: encodeFunctionData({ abi: aaveAbi("ACLManager"), functionName, args }) };
}
