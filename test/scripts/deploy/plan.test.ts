import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { RISK_CLASSES, USD } from "../../../keeper/markets/limits.ts";
import { readMarkets } from "../../../keeper/markets/marketFiles.ts";
import { developmentPlan } from "../../../scripts/deploy/plan.ts";
import { MAINNET_ADDRESSES as AT } from "../../../scripts/lab/replica/addresses.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

test("A plan has the assets, feeds and exchange rates of its markets' files: a claim against dollars, and a pair.", () => {
  const folder = temporaryFolder();
  const claim = readFileSync("deployments/examples/wstETH.jsonc", "utf8");
  writeFileSync(join(folder, "wstETH.jsonc"), claim);
  // The same against ether: the debt is a token, nothing is listed beside it, and the history is the pair's.
  const pair = claim
    .replace('"debt": { "symbol": "USD" }', '"debt": { "symbol": "WETH" }')
    .replace(/"options": "ETH",\s*"history": "ETH-PERPETUAL"/, '"history": "binance:WSTETHETH"')
    .replace('[["wstETH/WETH-0.01%"], ["USDC/WETH-0.05%"]]', '[["wstETH/WETH-0.01%"]]')
    .replace(/,\s*"USDC\/WETH-0\.05%": "0x[0-9a-fA-F]{40}"/, "")
    .replace('"riskClass": "wrapped"', '"riskClass": "pegged"')
    .replace('"priceFeed": "wstETH"', '"priceFeed": "wstETH-ETH"')
    .replace(
      '"feeds": { "wstETH": "0x164b276057258d81941e97B0a900D4C7B358bCe0" }',
      `"feeds": { "wstETH-ETH": "${AT.feeds.WBTC}" }`,
    )
    .replace("WSTETH / USD", "WSTETH / ETH");
  writeFileSync(join(folder, "wstETH-WETH.jsonc"), pair);
  const { files, problems } = readMarkets(folder);
  assert.deepEqual(problems, []);
  const { markets, sources } = developmentPlan(files);
  const wstETH = files[0]?.addresses.tokens["wstETH"];
  assert.deepEqual(
    markets.map(({ name, collateral, debt, classId, feeds }) => [name, collateral, debt, classId, feeds?.first]),
    [
      ["wstETH", wstETH, USD, RISK_CLASSES.wrapped.id, "0x164b276057258d81941e97B0a900D4C7B358bCe0"],
      ["wstETH-WETH", wstETH, AT.tokens.WETH, RISK_CLASSES.pegged.id, AT.feeds.WBTC],
    ],
  );
  assert.deepEqual(sources.rates, { wstETH });
  assert.deepEqual(Object.keys(sources.pools), ["wstETH/WETH-0.01%", "USDC/WETH-0.05%"]);
});
