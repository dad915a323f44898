import { momentIn, numberIn, wholeNumberIn } from "../../../../keeper/cli/arguments.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import { outputFile } from "../../files/outputs.ts";
import { DATA_OPTION } from "../dataOption.ts";
import type { LabCommand } from "../services.ts";

export const market: LabCommand = {
  name: "market",
  summary: "a lender played over prices: borrowers, liquidators with finite depth, feedback, bad debt under one rule",
  arguments: [
    {
      name: "<source...>",
      description: "one collateral or more: a recorded asset (ETH), a csv file of prices, or - for standard input",
    },
  ],
  options: [
    {
      flags: "--rule <name>",
      description:
        "static, onChain (keeper and contract, walked before), ours (the keeper's target), live (the keeper in the loop), ewmaNormal, realised, smartLtv, aloe",
      fallback: "static",
    },
    { flags: "--ltv <fraction>", description: "of the static rule", parse: numberIn("--ltv", 0, 1) },
    {
      flags: "--lt <fraction>",
      description: "liquidation threshold of the static rule",
      parse: numberIn("--lt", 0, 1),
    },
    { flags: "--bonus <fraction>", description: "liquidation bonus", parse: numberIn("--bonus", 0, 0.25) },
    {
      flags: "--cap <tokens>",
      description: "collateral that borrowers bring, and the highest exposure limit",
      parse: numberIn("--cap", 1, 1e9),
    },
    {
      flags: "--hours-to-sell <hours>",
      description: "selling the whole cap takes so long at mean depth",
      parse: numberIn("--hours-to-sell", 0.1, 1e5),
    },
    { flags: "--depth <file>", description: "depth over time, csv with depth_usd or bids_usd; left out: constant" },
    { flags: "--pool <file>", description: "a recorded Uniswap v3 pool to sell into, as `lab depth` reads it" },
    {
      flags: "--contract <name>",
      description:
        "between rule and lender: real (the contract's own rules), speeds, none; left out: real for ours and live, else none",
    },
    {
      flags: "--maintenance-speed <bps>",
      description: "most that maintenance rises a day, basis points: the contract speeds",
      parse: numberIn("--maintenance-speed", 0, 10_000),
    },
    {
      flags: "--impact <share>",
      description: "share of the pool's drop that everybody's price follows",
      parse: numberIn("--impact", 0, 1),
    },
    {
      flags: "--deviation <fraction>",
      description: "move that the price feed reports",
      parse: numberIn("--deviation", 0, 0.5),
    },
    {
      flags: "--repayment-days <days>",
      description: "half of the loans are repaid within so long",
      parse: numberIn("--repayment-days", 0.1, 1e5),
    },
    { flags: "--top-ups <share>", description: "borrowers who top up", parse: numberIn("--top-ups", 0, 1) },
    {
      flags: "--top-up-hours <hours>",
      description: "half of those who top up have done so within so long; 0: all at once",
      parse: numberIn("--top-up-hours", 0, 1e5),
    },
    { flags: "--set <changes>", description: "parameters of the model that rules are asked with", repeatable: true },
    {
      flags: "--capital <usd>",
      description: "money that liquidators share; left out: without limit",
      parse: numberIn("--capital", 0, 1e12),
    },
    {
      flags: "--settlement-hours <hours>",
      description: "until they can use what a sale brought",
      fallback: 0,
      parse: numberIn("--settlement-hours", 0, 1e4),
    },
    {
      flags: "--several <share>",
      description: "share of each cap brought by borrowers who hold all of several collaterals",
      fallback: 0.2,
      parse: numberIn("--several", 0, 1),
    },
    {
      flags: "--same-pool <names>",
      description: "collaterals sold into one pool, separated by commas, at their first prices' proportion: stETH,ETH",
      fallback: "",
    },
    {
      flags: "--gaps",
      description: "rows of the file may be missing: up to 48 h the last price holds, then a new stretch begins",
      fallback: false,
    },
    { flags: "--from <time>", description: "only steps from it on", parse: momentIn("--from") },
    { flags: "--to <time>", description: "only steps before it", parse: momentIn("--to") },
    { flags: "--seed <number>", description: "of repayments and top-ups", parse: wholeNumberIn("--seed", 0, 2 ** 32) },
    { flags: "--timeline <file>", description: "write one csv row a step" },
    DATA_OPTION,
  ],
  examples: [
    "lab market ETH",
    "lab market ETH BTC LINK --capital 5000000 --settlement-hours 1",
    "lab market ETH --rule onChain --hours-to-sell 100 --timeline eth.csv",
    "lab market prices.csv --ltv 0.7 --lt 0.75 --depth depth.csv --json",
  ],
  units: [
    "prices: a time (t, time or timestamp) and close, price or price_usd in USD, evenly spaced; shares as fractions",
    "out: money in $, bad debt also in bp of the mean debt a year",
  ],
  async run({ args, options, output }) {
    const [{ MARKET_CONTRACTS, MARKET_RULES, playMarket }, { renderMarket }] = await Promise.all([
      import("../market.ts"),
      import("../render/market.ts"),
    ]);
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
    const number = (name: string) => (typeof options[name] === "number" ? options[name] : undefined);
    const named = <Name extends string>(field: string, name: string, known: readonly Name[]): Name => {
      const found = known.find((one) => one === name);
      if (found !== undefined) return found;
      const facts = { field, given: name, expected: `one of ${known.join(", ")}` };
      throw new TonsorError("BAD_ARGUMENT", `there is no such ${field.slice(2)}`, facts);
    };
    const given = {
      ...{ ltv: number("ltv"), threshold: number("lt"), bonus: number("bonus"), cap: number("cap") },
      ...{ hoursToSell: number("hoursToSell"), impactShare: number("impact"), oracleDeviation: number("deviation") },
      ...{
        repaymentDays: number("repaymentDays"),
        topUpShare: number("topUps"),
        topUpHours: number("topUpHours"),
        seed: number("seed"),
      },
    };
    const timeline = text("timeline");
    if (timeline !== undefined) outputFile("--timeline", timeline);
    const speed = number("maintenanceSpeed");
    const report = playMarket({
      given,
      ...{
        sources: args.flatMap((one) => one ?? []),
        rule: named("--rule", text("rule") ?? "", MARKET_RULES),
        contract: text("contract") === undefined ? null : named("--contract", text("contract") ?? "", MARKET_CONTRACTS),
        gaps: options["gaps"] === true,
        changes: ((options["set"] ?? []) as readonly string[]).flatMap((given) => given.split(",")),
        depthFile: text("depth") ?? null,
        poolFile: text("pool") ?? null,
        folder: text("data"),
      },
      ...{ from: number("from") ?? null, to: number("to") ?? null, timeline: timeline ?? null },
      shared: {
        ...{
          capitalUsd: number("capital") ?? Number.POSITIVE_INFINITY,
          settlementHours: number("settlementHours") ?? 0,
        },
        severalShare: number("several") ?? 0,
        samePool: (text("samePool") ?? "").split(",").flatMap((one) => one.trim() || []),
      },
      maintenanceSpeed: speed === undefined ? null : speed / 10_000,
      progress: output.progress(),
    });
    output.result(report, () => renderMarket(report));
  },
};
