import type { MarketReport } from "../market.ts";

/** A played market as text: what came of it, then what was assumed. */
export function renderMarket(report: MarketReport): string {
  const { outcome, assumed, from, to, segments } = report;
  const percent = (share: number, digits = 1) => `${(share * 100).toFixed(digits)} %`;
  const usd = (value: number) => `$${Math.round(value).toLocaleString("en-US")}`;
  const day = (time: number) => new Date(time * 1_000).toISOString().slice(0, 16);
  const line = (what: string, value: string, note = "") =>
    `  ${what.padEnd(34)}${value.padStart(18)}  ${note}`.trimEnd();
  return [
    `${outcome.name} under ${outcome.rule}, ${day(from)} to ${day(to)} UTC, ${outcome.years.toFixed(2)} years in ${segments} stretch${segments === 1 ? "" : "es"}`,
    "",
    line("bad debt", usd(outcome.badDebtUsd), `${outcome.badDebtBps.toFixed(2)} bp of the mean debt a year`),
    line("liquidated", usd(outcome.liquidatedUsd), `${outcome.calls.toLocaleString("en-US")} calls`),
    line("due by the rule's own moves", percent(outcome.caused, 2), "of the mean debt a year, at an unmoved price"),
    line("due and not sold, mean", usd(outcome.meanUnsoldUsd), `at most ${usd(outcome.mostUnsoldUsd)}`),
    line("mean debt", usd(outcome.meanDebtUsd)),
    line("mean LTV offered", percent(outcome.meanLtv), `threshold ${percent(outcome.meanThreshold)}`),
    "",
    "Assumed (each is an option)",
    line("collateral that borrowers bring", `${assumed.cap.toLocaleString("en-US")} tokens`),
    line("selling it all takes", `${assumed.hoursToSell} h`, "at the slippage that the bonus pays, at mean depth"),
    line("bonus", percent(assumed.bonus)),
    line("share of impact in the price", percent(assumed.impactShare, 0)),
    line("half of the loans repaid within", `${assumed.repaymentDays} days`),
    line(
      "borrowers who top up",
      percent(assumed.topUpShare, 0),
      `when within 5 % of liquidation, half of them within ${assumed.topUpHours} h`,
    ),
    line("feed reports a move of", percent(assumed.oracleDeviation, 2), "or after an hour"),
  ].join("\n");
}
