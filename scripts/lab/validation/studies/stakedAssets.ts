import { HOUR_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { loadSeries } from "../backtest/loadSeries.ts";
import { type PriceSeries, ratioSeries } from "../backtest/priceSeries.ts";
import type { World } from "../backtest/world.ts";
import { baseWalk, type PeggedStudy, peggedStudy } from "./pegged.ts";
import { againstClaim, feedSeries, productSeries } from "./peggedSeries.ts";

const LISTED = { haircut: 0.26, by: "Aave v3 Ethereum at listing in early 2023, LT 74 %, bonus 7.5 %" } as const;
const AS_STETH = { haircut: 0.25, by: "no lender's own; as Aave v2 for stETH, LT 75 %" } as const;

/** What is stated of staked ether (`ClaimParameters`). */
export const STAKED_DEPEG = 0.03;

const time = (text: string) => Date.parse(`${text}T00:00:00Z`) / 1000;

/**
 * Staked ether of other issuers, each against ether: BETH (one for one), and three that keep their
 * rewards, against what they were worth for a month (`againstClaim`). wstETH has no study of its own: it is stETH
 * at a rate, redeemed for it in one transaction, so its discount is that of stETH.
 * @param ether ether's own world, with its hourly closes in dollars
 */
export function stakedStudies(folder: string, ether: World): readonly PeggedStudy[] {
  const load = (name: string) =>
    loadSeries(folder, name, `collateral/binance_spot_${name}USDT_1h.csv.gz`, HOUR_SECONDS);
  const claimed = ether.series;
  const base = baseWalk(ether, claimed);
  const study = (name: string, ratio: PriceSeries, change: Choice): PeggedStudy =>
    peggedStudy({
      name,
      token: productSeries(name, ratio, claimed),
      claimed,
      base,
      ratio,
      depeg: STAKED_DEPEG,
      world: ether,
      ...change,
    });
  const beth = ratioSeries(load("BETH"), claimed);
  const wbeth = againstClaim(ratioSeries(load("WBETH"), claimed));
  const [cbeth, reth] = [againstClaim(feedSeries(folder, "cbETH")), againstClaim(feedSeries(folder, "rETH"))];
  return [
    study("BETH 2023", beth, {
      deployed: AS_STETH,
      from: time("2023-01-01"),
      to: time("2024-01-01"),
    }),
    study("WBETH 2023", wbeth, {
      deployed: AS_STETH,
      from: time("2023-01-01"),
      to: time("2024-01-01"),
    }),
    study("cbETH 2023 to 2024", cbeth, {
      deployed: LISTED,
      from: time("2023-01-01"),
      to: time("2024-11-06"),
    }),
    study("rETH 2023 to 2024", reth, {
      deployed: LISTED,
      from: time("2023-01-01"),
      to: time("2024-11-06"),
    }),
  ];
}

type Choice = Pick<Parameters<typeof peggedStudy>[0], "deployed" | "from" | "to">;
