import type { Asset } from "../validation/backtest/assets.ts";

/** A lender's parameters from a day on (null: as far back as prices go), fractions, and where they are written. */
type Deployed = {
  readonly from: string | null;
  readonly ltv: number;
  readonly threshold: number;
  readonly source: string;
};

const V2 = "Aave v2 at launch (aave/protocol-v2, markets/aave/reservesConfigs.ts)";
const V3 = "Aave v3 Ethereum at launch (bgd-labs/aave-v3-ethereum-proposal, listing stewards)";
const aip = (file: string) => `aave/aip, content/aips/${file}.md`;
const V3_LISTED = aip("20230312-UNI-MKR-SNX-BAL-LISTINGS");
const MAY_2023 = aip("CHAOS-LABS-RISK-PARAMS-ETH-20230529");
const AIP39 = "Aave AIP-39 (governance.aave.com/t/arc-risk-parameter-updates-2021-09-30/5805)";
const AIP42 = "Aave AIP-42 (governance.aave.com/t/arc-risk-parameter-updates-2021-10-14/5888)";
/** 150 %, one number for both. Ether: the single-collateral system since its launch, ETH-A after it. */
const MAKER = "Maker, 150 % (makerdao/dss-deploy-scripts, config/main.json, ETH-A and WBTC-A";

const row = (from: string | null, ltv: number, threshold: number, source: string): Deployed => {
  return { from, ltv, threshold, source };
};
const BTC = [
  row("2020-05-03", 0.6666, 0.6666, `${MAKER}; day: ethereumprice.org/newsletter/ethereums-makerdao-adds-btc-support)`),
  row("2020-12-03", 0.7, 0.75, V2),
  row("2023-05-29", 0.73, 0.78, MAY_2023),
];

/**
 * Parameters of real lenders by asset, oldest first. The day of a change is that of its proposal's text; vote and timelock take
 * some ten days more (the one of 2022-08-03 was executed on 2022-08-14). Changes of 2021 and 2022 whose text gives no value (a
 * lower threshold of WETH and LINK in May 2022, of CRV in August 2022) are not in it. A first row also holds for the time
 * before it, in which nobody lent against the asset or nothing is known.
 */
export const DEPLOYED: Readonly<Record<string, readonly Deployed[]>> = {
  ETH: [
    row(
      "2017-12-18",
      0.6666,
      0.6666,
      `${MAKER}; before November 2019 single-collateral Dai, Maker's blog on kauri.io)`,
    ),
    row("2020-12-03", 0.8, 0.825, V2),
    row("2021-09-30", 0.825, 0.85, `${AIP39}; the threshold by AIP-36, weeks before`),
    row("2023-01-27", 0.8, 0.825, V3),
    row("2023-05-29", 0.805, 0.83, MAY_2023),
  ],
  BTC,
  WBTC: BTC,
  LINK: [row("2020-12-03", 0.7, 0.75, V2), row("2023-01-27", 0.5, 0.65, V3), row("2023-05-29", 0.53, 0.68, MAY_2023)],
  AAVE: [
    row("2020-12-03", 0.5, 0.65, V2),
    row("2023-01-27", 0.6, 0.7, V3),
    row("2023-05-16", 0.66, 0.73, aip("AAVE_V3_ETH_AAVE_RISK_PARAMS")),
  ],
  UNI: [
    row("2020-12-03", 0.6, 0.65, V2),
    row("2021-09-30", 0.5, 0.65, AIP39),
    row("2021-10-07", 0.55, 0.65, `${AIP42}, value before`),
    row("2021-10-14", 0.6, 0.65, AIP42),
    row("2023-03-13", 0.65, 0.77, V3_LISTED),
  ],
  CRV: [
    row(null, 0.4, 0.55, `${AIP39} and ${AIP42}, values before`),
    row("2021-09-30", 0.35, 0.55, AIP39),
    row("2021-10-14", 0.45, 0.6, AIP42),
    row("2023-02-27", 0.55, 0.61, aip("AAVE-V3-ETHEREUM-CRV-LISTING")),
  ],
  MKR: [row("2020-12-03", 0.6, 0.65, V2), row("2023-03-13", 0.65, 0.7, V3_LISTED)],
  LDO: [row("2023-03-30", 0.4, 0.5, aip("AAVE-V3-ETHEREUM-LDO-LISTING"))],
};

/** Parameters of an asset's lender at each time as haircuts; one that is not in the table has had the asset's own always. */
export function deployedAt(
  { name, deployed }: Pick<Asset, "name" | "deployed">,
  times: Float64Array,
): { readonly initial: Float64Array; readonly maintenance: Float64Array } {
  const rows = DEPLOYED[name] ?? [row(null, deployed.ltv, deployed.lt, deployed.by)];
  const starts = rows.map(({ from }) => (from === null ? Number.NEGATIVE_INFINITY : Date.parse(from) / 1_000));
  const at = (time: number) => {
    const last = starts.findLastIndex((start) => start <= time);
    return rows[Math.max(0, last)] as Deployed;
  };
  return {
    initial: times.map((time) => 1 - at(time).ltv),
    maintenance: times.map((time) => 1 - at(time).threshold),
  };
}
