import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { documentedFields, fieldPaths } from "../../cli/fieldPaths.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { lab } from "./harness.ts";

const folder = temporaryFolder();
const file = join(folder, "prices.csv");
/** A hundred and fifty days about 1 000 USD; on the 121st the price falls by a third within six hours. */
const prices = Array.from({ length: 3_600 }, (_, hour) => {
  const fall = Math.min(2, Math.max(0, hour - 2_880) / 3) / 6;
  return 1_000 * (1 - fall) * (1 + 0.01 * Math.sin(hour * 0.7) * Math.cos(hour * 0.113));
});
const rows = (values: readonly (number | string)[]) =>
  values.map((value, hour) => `${hour * 3_600},${value}`).join("\n");
writeFileSync(file, `t,close\n${rows(prices)}\n`);

/** A full-range Uniswap v3 pool with `thousands` of thousand tokens on either side, written as a file. */
function poolFile(thousands: bigint): string {
  const path = join(folder, `pool-${thousands}.json`);
  const liquidity = (thousands * 10n ** 21n).toString();
  const token = (symbol: string) => ({ address: `0x${symbol}`, symbol, decimals: 18 });
  const price = { sqrt_price_x96: (2n ** 96n).toString(), tick: 0, fee: 500, tick_spacing: 60 };
  const ticks = [
    [-887_220, liquidity],
    [887_220, `-${liquidity}`],
  ];
  writeFileSync(
    path,
    JSON.stringify({ pool: "0x01", ...price, liquidity, token0: token("A"), token1: token("B"), ticks }),
  );
  return path;
}

/** What the page documents, of a rule without an exposure limit. */
const UNLIMITED = [
  ...documentedFields("scripts/lab/cli/JSON.md", "market").filter((path) => !path.startsWith("limit.")),
  "limit",
].sort();

test("a file of prices is played, and says what was lost, what was assumed, and when", async () => {
  const { out, code } = await lab(`market ${file} --ltv 0.8 --lt 0.83 --hours-to-sell 200`);
  assert.equal(code, 0);
  assert.match(out, /under static, 1970-01-01T00:00 to 1970-05-30T23:00 UTC, 0\.41 years in 1 stretch\n/);
  const json = JSON.parse((await lab(`market ${file} --hours-to-sell 200 --json`)).out);
  assert.deepEqual(fieldPaths(json), UNLIMITED);
  assert.ok(json.outcome.badDebtUsd > 0 && json.outcome.mostUnsoldUsd > 0);
  const deep = JSON.parse((await lab(`market ${file} --hours-to-sell 2 --json`)).out);
  assert.ok(deep.outcome.badDebtUsd < json.outcome.badDebtUsd / 2, "a market that can be sold loses less");
});

test("the keeper can be in the loop, through the contract's rules", async () => {
  const json = JSON.parse((await lab(`market ${file} --rule onChain --json`)).out);
  assert.equal(json.outcome.rule, "onChain");
  assert.ok(json.from >= 85 * 86_400, "it needs three months of history");
  assert.ok(json.outcome.meanThreshold > 0.4 && json.outcome.meanThreshold < 0.95);
  assert.deepEqual(fieldPaths(json), documentedFields("scripts/lab/cli/JSON.md", "market"));
});

test("what the exposure limit lets in is shown beside what borrowers bring, and follows depth", async () => {
  const depth = (name: string, usd: number) => {
    const path = join(folder, name);
    writeFileSync(path, `t,depth_usd\n${rows(prices.map(() => usd))}\n`);
    return path;
  };
  const words = `market ${file} --rule ours --contract none`;
  const limit = async (path: string) => JSON.parse((await lab(`${words} --json --depth ${path}`)).out).limit;
  const thin = depth("thin.csv", 20_000);
  const [half, whole, ample] = [
    await limit(thin),
    await limit(depth("twice.csv", 40_000)),
    await limit(depth("ample.csv", 1e9)),
  ];
  assert.ok(half.least > 0 && half.least <= half.mean && whole.mean < 1, JSON.stringify([half, whole]));
  assert.ok(Math.abs(whole.mean / half.mean - 2) < 1e-9 && Math.abs(whole.least / half.least - 2) < 1e-9);
  assert.deepEqual(ample, { mean: 1, least: 1 });
  const { out } = await lab(`${words} --depth ${thin}`);
  assert.ok(out.includes(`of what borrowers bring; at least ${(100 * half.least).toFixed(1)} %\n`), out);
  assert.match((await lab(`market ${file}`)).out, /exposure limit +none {2}the rule has none\n/);
});

test("the contract's own rules stand between the keeper's target and the lender unless something else is asked for", async () => {
  const outcome = async (more: string) => JSON.parse((await lab(`market ${file} --rule ours --json ${more}`)).out);
  const [real, none] = [await outcome(""), await outcome("--contract none")];
  assert.deepEqual([real.contract, none.contract], ["real", "none"]);
  assert.ok(real.outcome.caused < none.outcome.caused, `${real.outcome.caused} ${none.outcome.caused}`);
  const { err } = await lab(`market ${file} --contract speeds`);
  assert.match(err, /field --contract, given "--contract speeds without --maintenance-speed", expected --maintenance-/);
});

test("several collaterals share liquidators' money and the borrowers who hold all of them", async () => {
  const calm = join(folder, "calm.csv");
  writeFileSync(calm, `t,close\n${rows(prices.map((_, hour) => 50 + 0.1 * Math.sin(hour / 9)))}\n`);
  const words = `market ${file} ${calm} --hours-to-sell 200 --json`;
  const play = async (more: string) => JSON.parse((await lab(`${words} ${more}`)).out);
  const [none, half, poor] = [await play("--several 0"), await play("--several 0.5"), await play("--capital 100000")];
  assert.deepEqual(fieldPaths(half), UNLIMITED);
  const part = (report: typeof none, name: string) =>
    report.parts.find((one: { name: string }) => one.name === name) as Record<string, number>;
  assert.equal(part(none, calm)["liquidatedUsd"], 0, "its own price does not move");
  assert.ok((part(half, "several")["liquidatedUsd"] ?? 0) > 0);
  const sold = half.parts.reduce((sum: number, one: { liquidatedUsd: number }) => sum + one.liquidatedUsd, 0);
  assert.ok(Math.abs(half.outcome.liquidatedUsd - sold) < 1e-6 * sold);
  assert.ok(poor.outcome.failedUsd > (await play("")).outcome.failedUsd, "less money, more that cannot be sold");
  const pooled = await play(`--several 0 --same-pool ${file},${calm}`);
  assert.ok(part(pooled, calm)["liquidatedUsd"] === 0 && pooled.outcome.liquidatedUsd > 0);
  const text = (await lab(words.replace(" --json", ""))).out;
  assert.match(text, /By collateral +mean debt +bad debt +liquidated +not sold at once\n {2}\S*prices\.csv /);
});

test("a timeline has one row a step, with the columns of its header", async () => {
  const path = join(folder, "timeline.csv");
  await lab(`market ${file} --timeline ${path}`);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  assert.equal(lines.length, prices.length + 1);
  assert.match(lines[0] ?? "", /^time,price,oracle_price,initial_haircut,/);
  assert.ok(lines.every((line) => line.split(",").length === lines[0]?.split(",").length));
});

test("with a depth of one's own less can be sold where it is thin", async () => {
  const depth = join(folder, "depth.csv");
  const thin = prices.map((_, hour) => (hour > 2_800 ? 1e5 : 1e7));
  writeFileSync(depth, `t,depth_usd\n${rows(thin)}\n`);
  const outcome = async (words: string) => JSON.parse((await lab(`market ${file} ${words} --json`)).out).outcome;
  const [even, own] = [await outcome("--hours-to-sell 100"), await outcome(`--hours-to-sell 100 --depth ${depth}`)];
  assert.ok(own.liquidatedUsd < even.liquidatedUsd / 2);
  assert.ok(own.meanUnsoldUsd > 2 * even.meanUnsoldUsd);
});

test("what our rule says goes with the cap that is played, as with the same size given", async () => {
  const depth = join(folder, "even.csv");
  writeFileSync(depth, `t,depth_usd\n${rows(prices.map(() => 2e6))}\n`);
  const outcome = async (words: string) => {
    const { out } = await lab(`market ${file} --rule ours --depth ${depth} --json ${words}`);
    return JSON.parse(out).outcome;
  };
  const [small, large] = [await outcome("--cap 1000"), await outcome("--cap 1000000")];
  // A million tokens are far more than sell in time at this depth, a thousand are not: the limit is the depth's, not the cap's.
  assert.equal(large.meanLtv, small.meanLtv, "depth moves no haircut");
  const [lent, most] = [large.meanDebtUsd / small.meanDebtUsd, 1_000];
  assert.ok(lent > 1 && lent < most / 10, `${large.meanDebtUsd} ${small.meanDebtUsd}`);
  const given = await outcome(`--cap 1000 --set supplyCapUsd=${(prices[0] as number) * 1e6}`);
  assert.ok(given.meanDebtUsd < small.meanDebtUsd / 5, `${given.meanDebtUsd} ${small.meanDebtUsd}`);
});

test("a recorded pool is sold into by its own ticks", async () => {
  const words = `market ${file} --cap 20000 --json`;
  const outcome = async (more: string) => JSON.parse((await lab(`${words} ${more}`)).out).outcome;
  const shallow = await outcome(`--pool ${poolFile(1n)}`);
  const deep = await outcome(`--pool ${poolFile(1_000n)}`);
  assert.ok(shallow.liquidatedUsd > 0 && deep.liquidatedUsd > 0);
  assert.ok(deep.meanUnsoldUsd < shallow.meanUnsoldUsd / 10);
});

test("maintenance that may rise by a few basis points a day makes less debt due by itself", async () => {
  const outcome = async (more: string) => {
    return JSON.parse((await lab(`market ${file} --rule ewmaNormal --json ${more}`)).out).outcome;
  };
  const [free, noticed] = [await outcome(""), await outcome("--maintenance-speed 10")];
  assert.ok(free.caused > 0 && noticed.caused < free.caused / 3, `${free.caused} ${noticed.caused}`);
});

test("what cannot be used is refused in one error with what was expected", async () => {
  const refused = async (words: string, message: RegExp) => {
    const { code, err } = await lab(`market ${words}`);
    assert.equal(code, 1);
    assert.match(err, message);
  };
  await refused(
    "DOGE",
    /UNKNOWN_MARKET: .*\n {2}field market, given "DOGE", expected a csv file of prices, - for standard/,
  );
  await refused(`${file} ${file}`, /field source, .*, expected each collateral once, by its name/);
  await refused(`${file} --same-pool BTC`, /field --same-pool, given "BTC", expected each collateral once/);
  const daily = join(folder, "daily.csv");
  writeFileSync(daily, `t,close\n${Array.from({ length: 99 }, (_, day) => `${day * 86_400},5`).join("\n")}\n`);
  await refused(`${file} ${daily}`, /field collaterals, given "3600 s and 86400 s", expected prices of the same step/);
  await refused(`${file} --rule live --contract none`, /field --contract, given "none", expected real: the live /);
  await refused(`${file} ${daily} --depth ${daily}`, /field --depth, given .*, expected one collateral/);
  await refused(`${file} --rule best`, /field --rule, given "best", expected one of static, onChain, /);
  await refused(
    `${file} --lt 0.99`,
    /field terms of .*, given "LTV 0.8, threshold 0.99", expected 0 <= LTV <= threshold < 0/,
  );
  await refused(`${file} --ltv 0.9 --lt 0.8`, /given "LTV 0.9, threshold 0.8"/);
  await refused(`${file} --from 2030-01-01`, /field --from, --to, given "2030-.* to open", expected times from 1970-/);
  const holed = join(folder, "holed.csv");
  writeFileSync(holed, "t,close\n0,1\n3600,1\n10800,1\n");
  await refused(holed, /row 4 of .*holed\.csv cannot be used\n {2}field t, given "10800", expected 3600 s after/);
  const late = join(folder, "late.csv");
  writeFileSync(late, "t,depth_usd\n7200,5\n10800,5\n");
  await refused(`${file} --depth ${late}`, /the depth begins after the prices\n {2}field first time of the depth, /);
});
