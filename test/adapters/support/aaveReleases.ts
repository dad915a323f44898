import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { AbiCoder, id } from "ethers";
import { aaveCode } from "../../../scripts/lab/lenders/aaveCode.ts";
import type { Compiled } from "../../../scripts/lab/lenders/compileForeign.ts";

/** What differs between two releases of Aave v3 when a market is set up. */
export type AaveRelease = {
  readonly name: string;
  /** A contract of this release by name. */
  code(name: string): Compiled;
  /** Names of the contracts behind proxies. */
  readonly pool: string;
  readonly configurator: string;
  /** Deploys rate model, pool and tokens in the order of the release; returns what `initReserves` wants of a reserve. */
  readonly strategy: { readonly name: string; readonly args: (provider: string) => unknown[] };
  readonly poolArgs: (provider: string, strategy: string) => unknown[];
  readonly tokens: Readonly<Record<string, { readonly name: string; readonly args: (at: At) => unknown[] }>>;
  readonly reserve: (at: At & { readonly strategy: string }) => Readonly<Record<string, unknown>>;
  readonly errors: Readonly<Record<ErrorName, RegExp>>;
};
type At = { readonly pool: string; readonly treasury: string };
type ErrorName = "healthy" | "tooLittleCollateral" | "frozen" | "notRiskAdmin" | "supplyCap";

const require = createRequire(import.meta.url);
const NONE = "0x0000000000000000000000000000000000000000";
const RAY = 10n ** 27n;

/** A contract of Aave 3.0 as Aave compiled it. Logic libraries need only their name. */
function artifact(name: string): Compiled {
  const folder = FOLDERS[name] ?? "protocol/libraries/logic";
  const file = require.resolve(`@aave/core-v3/artifacts/contracts/${folder}/${name}.sol/${name}.json`);
  return JSON.parse(readFileSync(file, "utf8")) as Compiled;
}

const FOLDERS: Readonly<Record<string, string>> = {
  PoolAddressesProvider: "protocol/configuration",
  ACLManager: "protocol/configuration",
  Pool: "protocol/pool",
  PoolConfigurator: "protocol/pool",
  DefaultReserveInterestRateStrategy: "protocol/pool",
  AToken: "protocol/tokenization",
  StableDebtToken: "protocol/tokenization",
  VariableDebtToken: "protocol/tokenization",
  AaveProtocolDataProvider: "misc",
  PriceOracle: "mocks/oracle",
};

/** Aave's mock oracle with a price for each asset, for every release. */
export const priceOracle = (): Compiled => artifact("PriceOracle");

const reason = (number: number) => new RegExp(`reason string '${number}'`);
const customError = (signature: string) => new RegExp(`${signature.split("(")[0]}|${id(signature).slice(0, 10)}`);

/** 3.0, out of the artifacts that Aave published. It names its errors by number. */
export const aaveV30: AaveRelease = {
  name: "3.0",
  code: artifact,
  pool: "Pool",
  configurator: "PoolConfigurator",
  strategy: {
    name: "DefaultReserveInterestRateStrategy",
    args: (provider) => [provider, (RAY * 8n) / 10n, 0, 0, 0, 0, 0, 0, 0, RAY / 5n],
  },
  poolArgs: (provider) => [provider],
  tokens: {
    aTokenImpl: { name: "AToken", args: ({ pool }) => [pool] },
    stableDebtTokenImpl: { name: "StableDebtToken", args: ({ pool }) => [pool] },
    variableDebtTokenImpl: { name: "VariableDebtToken", args: ({ pool }) => [pool] },
  },
  reserve: ({ strategy, treasury }) => ({
    interestRateStrategyAddress: strategy,
    treasury,
    incentivesController: NONE,
    stableDebtTokenName: "Stable debt",
    stableDebtTokenSymbol: "STABLE",
  }),
  errors: {
    notRiskAdmin: reason(4),
    frozen: reason(28),
    tooLittleCollateral: reason(36),
    healthy: reason(45),
    supplyCap: reason(51),
  },
};

/** 3.6, compiled from the sources that Aave published, or null when that package is not installed. */
export function aaveV36(): AaveRelease | null {
  const compiled = aaveCode();
  if (compiled === null) return null;
  return {
    name: "3.6",
    code(name) {
      const found = compiled[name];
      if (found === undefined) throw new Error(`no contract ${name}`);
      return found;
    },
    pool: "PoolInstance",
    configurator: "PoolConfiguratorInstance",
    strategy: { name: "DefaultReserveInterestRateStrategyV2", args: (provider) => [provider] },
    poolArgs: (provider, strategy) => [provider, strategy],
    tokens: {
      aTokenImpl: { name: "ATokenInstance", args: ({ pool, treasury }) => [pool, NONE, treasury] },
      variableDebtTokenImpl: { name: "VariableDebtTokenInstance", args: ({ pool }) => [pool, NONE] },
    },
    reserve: () => ({
      interestRateData: AbiCoder.defaultAbiCoder().encode(["uint16", "uint32", "uint32", "uint32"], [8_000, 0, 0, 0]),
    }),
    errors: {
      notRiskAdmin: customError("CallerNotRiskOrPoolAdmin()"),
      frozen: customError("ReserveFrozen()"),
      tooLittleCollateral: customError("CollateralCannotCoverNewBorrow()"),
      healthy: customError("HealthFactorNotBelowThreshold()"),
      supplyCap: customError("SupplyCapExceeded()"),
    },
  };
}
