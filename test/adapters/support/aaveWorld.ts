import type { Contract } from "ethers";
import { USD } from "../../../keeper/markets/limits.ts";
import { type AaveRelease, priceOracle } from "./aaveReleases.ts";
import { adapterChain, read, type Source, send } from "./chain.ts";

export type AaveWorld = Awaited<ReturnType<typeof aaveWorld>>;

/**
 * A real Aave v3 market: WETH (2000 USD) at LTV 80.5 %, LT 83 %, bonus 5 %, and USDC (1 USD) to borrow, a million of it
 * supplied, no interest; our agent holds RISK_ADMIN and nothing else.
 */
export async function aaveWorld(release: AaveRelease, haircutsFrom?: Source) {
  const chain = await adapterChain(haircutsFrom);
  const owner = chain.owner.address;
  const libraries: Record<string, string> = {};
  /** Deploys a contract of the release and, before it, every library it is linked with. */
  const deploy = async (name: string, args: unknown[] = []): Promise<Contract> => {
    const code = release.code(name);
    for (const file of Object.values(code.linkReferences)) {
      for (const library of Object.keys(file)) {
        libraries[library] ??= await (await deploy(library)).getAddress();
      }
    }
    return chain.foreign(code, args, libraries);
  };
  const addressOfNew = async (name: string, args: unknown[] = []) => (await deploy(name, args)).getAddress();

  const provider = await deploy("PoolAddressesProvider", ["Test", owner]);
  const providerAddress = await provider.getAddress();
  await send(provider, "setACLAdmin", owner);
  const acl = await deploy("ACLManager", [providerAddress]);
  await send(provider, "setACLManager", await acl.getAddress());
  for (const role of ["addPoolAdmin", "addAssetListingAdmin", "addEmergencyAdmin"]) await send(acl, role, owner);
  const prices = await chain.foreign(priceOracle());
  await send(provider, "setPriceOracle", await prices.getAddress());

  const strategy = await addressOfNew(release.strategy.name, release.strategy.args(providerAddress));
  const poolArgs = release.poolArgs(providerAddress, strategy);
  await send(provider, "setPoolImpl", await addressOfNew(release.pool, poolArgs));
  await send(provider, "setPoolConfiguratorImpl", await addressOfNew(release.configurator));
  const poolAddress = await read<string>(provider, "getPool");
  const pool = chain.at(release.code(release.pool), poolAddress);
  const configuratorAddress = await read<string>(provider, "getPoolConfigurator");
  const configurator = chain.at(release.code(release.configurator), configuratorAddress);

  await send(provider, "setPoolDataProvider", await addressOfNew("AaveProtocolDataProvider", [providerAddress]));

  const weth = await chain.own("MockERC20", "Wrapped Ether", "WETH", 18);
  const usdc = await chain.own("MockERC20", "USD Coin", "USDC", 6);
  const assets = [await weth.getAddress(), await usdc.getAddress()] as const;
  await send(prices, "setAssetPrice", assets[0], 2_000n * 10n ** 8n);
  await send(prices, "setAssetPrice", assets[1], 10n ** 8n);
  const at = { pool: poolAddress, treasury: owner, strategy };
  const tokens: Record<string, string> = {};
  for (const [field, token] of Object.entries(release.tokens)) {
    tokens[field] = await addressOfNew(token.name, token.args(at));
  }
  await send(
    configurator,
    "initReserves",
    assets.map((underlyingAsset, index) => ({
      ...tokens,
      ...release.reserve(at),
      underlyingAsset,
      underlyingAssetDecimals: index === 0 ? 18 : 6,
      aTokenName: "Deposit",
      aTokenSymbol: "DEPOSIT",
      variableDebtTokenName: "Debt",
      variableDebtTokenSymbol: "DEBT",
      params: "0x",
    })),
  );
  for (const asset of assets) await send(configurator, "setReserveBorrowing", asset, true);
  await send(configurator, "configureReserveAsCollateral", assets[0], 8_050, 8_300, 10_500);

  const settings = { maxThresholdStepBps: 25, stepSeconds: 14_400, minGapBps: 200, maxAgeSeconds: 21_600 };
  const parameters = await chain.haircuts.getAddress();
  const agent = await chain.own("AaveV3Agent", parameters, providerAddress, USD, settings);
  await send(acl, "addRiskAdmin", await agent.getAddress());

  /** The pool as a user sees it, with tokens and approvals. */
  const user = (index: number) => chain.user(index, pool, [weth, usdc]);
  await send(await user(1), "supply", assets[1], 1_000_000n * 10n ** 6n, chain.signers[1]?.address, 0);
  const accountData = (account: string) =>
    read<{ healthFactor: bigint; availableBorrowsBase: bigint }>(pool, "getUserAccountData", account);

  return {
    ...chain,
    agent,
    acl,
    configurator,
    pool,
    assets,
    errors: release.errors,
    user,
    haircut: (initialBps: number, maintenanceBps: number, mode: 0 | 1 | 2 = 0) =>
      chain.set(assets[0], USD, initialBps, maintenanceBps, mode),
    sync: () => send(agent, "sync", assets[0]),
    syncCap: () => send(agent, "syncSupplyCap", assets[0]),
    /** The exposure limit of WETH in whole tokens, and whether it may grow; only where haircuts are settable. */
    exposureLimit: (tokens: bigint, mayGrow: boolean) => send(chain.haircuts, "setLimit", 1, tokens, mayGrow),
    /** WETH supplied, in the smallest unit. */
    suppliedOf: async () => {
      const { aTokenAddress } = await read<{ aTokenAddress: string }>(pool, "getReserveData", assets[0]);
      return read(weth.attach(aTokenAddress) as Contract, "totalSupply");
    },
    /** In whole tokens; 0: none. */
    supplyCap: async () => {
      const [word] = await read<[bigint]>(pool, "getConfiguration", assets[0]);
      return (word >> 116n) & ((1n << 36n) - 1n);
    },
    /** LTV, threshold and bonus of WETH as the pool has them. */
    collateral: async () => {
      const [word] = await read<[bigint]>(pool, "getConfiguration", assets[0]);
      return [Number(word & 0xffffn), Number((word >> 16n) & 0xffffn), Number((word >> 32n) & 0xffffn)];
    },
    pendingLtv: () => read(configurator, "getPendingLtv", assets[0]),
    healthOf: async (account: string) => (await accountData(account)).healthFactor,
    /** In the pool's base currency, 1e8 = 1 USD. */
    availableTo: async (account: string) => (await accountData(account)).availableBorrowsBase,
  };
}
