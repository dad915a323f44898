import type { ContractLimits, ProfileValues } from "../domain/contract.ts";
import { profileOfClass } from "./profiles.ts";
import { RISK_CLASSES, type RiskClass } from "./riskClasses.ts";

/** The US dollar as a debt asset: its ISO 4217 number as an address (ERC-7726). */
export const USD = "0x0000000000000000000000000000000000000348";

/** What governance decides when it lists a market: its class, its group of five, and where it starts. */
type MarketStart = {
  readonly riskClass: keyof typeof RISK_CLASSES;
  /** Groups count from 0, hold five markets of one class, and share a storage slot. */
  readonly group: number;
  readonly initialBps: number;
  readonly maintenanceBps: number;
};

/** Start, class and group by market name, in the order of listing; every market of `keeper/markets` has an entry. */
export const MARKET_STARTS = {
  // Large lenders run LTV 78-80 %, LT 81-83 %: start there, on the careful side, and let the keeper loosen.
  WETH: { riskClass: "major", group: 0, initialBps: 2_200, maintenanceBps: 1_900 },
  // Large lenders run LTV 73 %, LT 78 %.
  WBTC: { riskClass: "wrapped", group: 1, initialBps: 2_700, maintenanceBps: 2_200 },
} as const satisfies Record<string, MarketStart>;

/** The class a market is listed in. */
export function classOfMarket(name: keyof typeof MARKET_STARTS): RiskClass {
  return RISK_CLASSES[MARKET_STARTS[name].riskClass];
}

/** Limits of a market's class and what its profile does between writes, as the contract's `limitsOf` answers. */
export function limitsOfMarket(name: keyof typeof MARKET_STARTS): ContractLimits & ProfileValues {
  const { id, limits } = classOfMarket(name);
  return { ...limits, ...profileOfClass(id) };
}
