import type { MarketReport } from "../market.ts";

/** A played market as text: what came of it, then what was assumed. */
export function renderMarket(report: MarketReport): string {
  const { outcome, parts, assumed, contract, limit, from, to, segments } = report;
  const percent = (share: number, digits = 1) => `${(share * 100).toFixed(digits)} %`;
  const usd = (value: number) => `$${Math.round(value).toLocaleString("en-US")}`;
  const day = (time: number) => new Date(time * 1_000).toISOString().slice(0, 16);
  const line = (what: string, value: string, note = "") =>
    `  ${what.padEnd(34)}${value.padStart(18)}  ${note}`.trimEnd();
  const share = outcome.dueUsd === 0 ? "0 %" : percent(outcome.failedUsd / outcome.dueUsd);
  const part = (one: MarketReport["parts"][0]) => {
    const shown = [usd(one.meanDebtUsd), usd(one.badDebtUsd), usd(one.liquidatedUsd), usd(one.failedUsd)];
    return `  ${one.name.padEnd(14)}${shown.map((text) => text.padStart(18)).join("")}`;
  };
  const heads = ["mean debt", "bad debt", "liquidated", "not sold at once"].map((text) => text.padStart(18)).join("");
  const each = parts.length === 1 ? [] : [`${"By collateral".padEnd(16)}${heads}`, ...parts.map(part), ""];
  return [
    `${outcome.name} under ${outcome.rule}, ${day(from)} to ${day(to)} UTC, ${outcome.years.toFixed(2)} years in ${segments} stretch${segments === 1 ? "" : "es"}`,
    "",
    line("bad debt", usd(outcome.badDebtUsd), `${outcome.badDebtBps.toFixed(2)} bp of the mean debt a year`),
    line("liquidated", usd(outcome.liquidatedUsd), `${outcome.calls.toLocaleString("en-US")} calls`),
    line("due by the rule's own moves", percent(outcome.caused, 2), "of the mean debt a year, at an unmoved price"),
    line("fell due", usd(outcome.dueUsd), "debt to be repaid by a sale: the rebalancing asked for"),
    line("  that failed", usd(outcome.failedUsd), `${share} could not be sold in the step in which it fell due`),
    line("  waiting to be sold, mean", usd(outcome.meanUnsoldUsd), `at most ${usd(outcome.mostUnsoldUsd)}`),
    line("mean debt", usd(outcome.meanDebtUsd)),
    line("mean LTV offered", percent(outcome.meanLtv), `threshold ${percent(outcome.meanThreshold)}`),
    limit === null
      ? line("exposure limit", "none", "the rule has none")
      : line("exposure limit, mean", percent(limit.mean), `of what borrowers bring; at least ${percent(limit.least)}`),
    "",
    ...each,
    "Assumed (each is an option)",
    line("contract between rule and lender", contract),
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
