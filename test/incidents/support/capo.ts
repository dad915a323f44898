import type { Position } from "./book.ts";

/**
 * The Aave CAPO incident of 10 March 2026, as published. A cap on the wstETH/stETH rate is `snapshotRatio` grown at
 * most `yearlyGrowth` a year since `snapshotTimestamp`. The first automatic update wanted both from seven days ago; the
 * ratio was limited (3 % in 3 days, from a snapshot two years old), the time was not. The cap fell below the true rate.
 *
 * - 2.85 %, ~10 938 wstETH, 34 accounts: https://vote.onaave.com/proposal/?proposalId=458
 * - limited ratio, unlimited seven-day-old time:
 *   https://governance.aave.com/t/post-mortem-exchange-rate-misallignment-on-wsteth-core-and-prime-instances/24269
 * - cap about 1.1939, health factors under 1.0288:
 *   https://timescrypto.com/cryptonews/blockchain/aave-technical-incident-triggers-26-million-in-wsteth-liquidations/article-23344
 * - snapshot of February 2024 and growth of 9.68 % a year: deployment scripts of https://github.com/bgd-labs/aave-capo
 * - its day, and the e-mode's 93 % / 95 % with a bonus of 1 %:
 *   https://dash.onaave.com/reserve/1-0x7f39c581f595b53c5cb19bd0b3f8da6c935e2ca0-aave-v3
 *
 * Not found published: size and health of each account. They are spread evenly here, see `capoAccounts`.
 */
export const CAPO = {
  snapshotRatio: 1.157105995453942,
  snapshotDay: "2024-02-15T00:00:00Z",
  incidentDay: "2026-03-10T00:00:00Z",
  yearlyGrowth: 0.0968,
  ratioStep: 0.03,
  anchorAgeDays: 7,
  publishedCap: 1.1939,
  undervaluation: 0.0285,
  highestHealthFactor: 1.0288,
  accounts: 34,
  wstEth: 10_938,
  ltv: 0.93,
  threshold: 0.95,
} as const;

/** The e-mode in haircuts, basis points. */
export const TRUE_VALUES = { initialBps: 700, maintenanceTargetBps: 500 } as const;

/**
 * The haircuts, in basis points rounded up, that treat a wstETH at its right price as the e-mode treated one priced
 * 2.85 % too low: 1 - 0.93 (1 - 0.0285) and 1 - 0.95 (1 - 0.0285).
 */
export const ERRONEOUS_VALUES = { initialBps: 966, maintenanceTargetBps: 771 } as const;

/**
 * The 34 accounts: 10 938 wstETH in equal parts, health factors evenly from just above 1 to the 1.0288 below which the
 * incident liquidated. Values and debts in millionths of a wstETH.
 */
export function capoAccounts(): readonly Position[] {
  const value = Math.floor((CAPO.wstEth * 1e6) / CAPO.accounts);
  return Array.from({ length: CAPO.accounts }, (_, i) => {
    const health = 1 + ((CAPO.highestHealthFactor - 1) * (i + 1)) / CAPO.accounts;
    return { value, debt: Math.floor((value * CAPO.threshold) / health) };
  });
}
