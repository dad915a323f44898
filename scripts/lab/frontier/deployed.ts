import type { Asset } from "../validation/backtest/assets.ts";

/** A lender's parameters from a day on, fractions, and where they are written. */
type Deployed = {
  readonly from: string;
  readonly ltv: number;
  readonly threshold: number;
  readonly source: string;
};

const V2 = "Aave v2 at launch (aave/protocol-v2, markets/aave/reservesConfigs.ts)";
const V3 = "Aave v3 Ethereum at launch (bgd-labs/aave-v3-ethereum-proposal, listing stewards)";
const V3_LISTED = "Aave v3 Ethereum, listing (bgd-labs/aave-proposals, diffs)";
const [AIP36, AIP39, AIP42] = ["Aave AIP-36", "Aave AIP-39", "Aave AIP-42"];
const JUNE_2023 = "Aave AIP of 2023-05-29 (bgd-labs/aave-proposals, diffs)";
const MAKER = "Maker, liquidation ratio 150 %: one number for both";

const row = (from: string, ltv: number, threshold: number, source: string): Deployed => {
  return { from, ltv, threshold, source };
};
const BTC = [
  row("2019-01-01", 0.6666, 0.6666, MAKER),
  row("2020-12-03", 0.7, 0.75, V2),
  row("2023-06-05", 0.73, 0.78, JUNE_2023),
];

/**
 * Parameters of real lenders by asset, oldest first. Changes of 2021 and 2022 whose text gives no value (a lower threshold of
 * WETH and LINK in May 2022, of CRV in August 2022) are not in it. A first row also holds for the time before it.
 */
export const DEPLOYED: Readonly<Record<string, readonly Deployed[]>> = {
  ETH: [
    row("2019-01-01", 0.6666, 0.6666, MAKER),
    row("2020-12-03", 0.8, 0.825, V2),
    row("2021-09-14", 0.8, 0.85, AIP36),
    row("2021-10-05", 0.825, 0.85, AIP39),
    row("2023-01-27", 0.8, 0.825, V3),
    row("2023-06-05", 0.805, 0.83, JUNE_2023),
  ],
  BTC,
  WBTC: BTC,
  LINK: [row("2020-12-03", 0.7, 0.75, V2), row("2023-01-27", 0.5, 0.65, V3), row("2023-06-05", 0.53, 0.68, JUNE_2023)],
  AAVE: [
    row("2020-12-03", 0.5, 0.65, V2),
    row("2023-01-27", 0.6, 0.7, V3),
    row("2023-05-23", 0.66, 0.73, "Aave AIP of 2023-05-16 (bgd-labs/aave-proposals, diffs)"),
  ],
  UNI: [
    row("2020-12-03", 0.6, 0.65, V2),
    row("2021-10-05", 0.5, 0.65, AIP39),
    row("2021-10-25", 0.6, 0.65, AIP42),
    row("2023-03-20", 0.65, 0.77, V3_LISTED),
  ],
  CRV: [
    row("2021-04-01", 0.4, 0.55, `${AIP39} and ${AIP42}, values before`),
    row("2021-10-05", 0.35, 0.55, AIP39),
    row("2021-10-25", 0.45, 0.6, AIP42),
    row("2023-03-10", 0.55, 0.61, V3_LISTED),
  ],
  MKR: [row("2020-12-03", 0.6, 0.65, V2), row("2023-03-20", 0.65, 0.7, V3_LISTED)],
  LDO: [row("2023-04-05", 0.4, 0.5, "Aave AIP, LDO listing (aave/aip, AAVE-V3-ETHEREUM-LDO-LISTING.md)")],
};

/** Parameters of an asset's lender at each time as haircuts; one that is not in the table has had the asset's own always. */
export function deployedAt(
  { name, deployed }: Pick<Asset, "name" | "deployed">,
  times: Float64Array,
): { readonly initial: Float64Array; readonly maintenance: Float64Array } {
  const rows = DEPLOYED[name] ?? [row("2017-01-01", deployed.ltv, deployed.lt, deployed.by)];
  const starts = rows.map(({ from }) => Date.parse(from) / 1_000);
  const at = (time: number) => {
    const last = starts.findLastIndex((start) => start <= time);
    return rows[Math.max(0, last)] as Deployed;
  };
  return {
    initial: times.map((time) => 1 - at(time).ltv),
    maintenance: times.map((time) => 1 - at(time).threshold),
  };
}
