import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const LAB = fileURLToPath(new URL("../main.ts", import.meta.url));
const HOURS = 150 * 24;
const CRASH = 120 * 24;
const START = Date.UTC(2024, 0, 1);

/** Runs one command of the laboratory and returns its JSON. */
function lab(folder: string, ...words: readonly string[]) {
  console.log(`lab ${words.join(" ")}`);
  const out = execFileSync(process.execPath, [LAB, ...words, "--json"], {
    ...{ cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
  });
  return JSON.parse(out);
}

/** Hours of a coin about 40 USD that trembles by a per cent and loses a third within six hours. */
function writeFiles(folder: string): void {
  const iso = (hour: number) => new Date(START + hour * 3_600_000).toISOString();
  let [price, seed] = [40, 11];
  const prices = ["time,close,volume"];
  const depth = ["time,depth_usd"];
  for (let hour = 0; hour < HOURS; hour += 1) {
    // A generator that gives everybody the same file (Park and Miller 1988).
    seed = (seed * 16_807) % 2_147_483_647;
    const inCrash = hour >= CRASH && hour < CRASH + 6;
    price *= Math.exp((seed / 2_147_483_647 - 0.5) * 0.03 - (inCrash ? 0.07 : 0));
    prices.push(`${iso(hour)},${price.toFixed(6)},100000`);
    if (hour % 4 === 0) depth.push(`${iso(hour)},${hour < CRASH ? 4_000_000 : 400_000}`);
  }
  for (const [name, rows] of [["prices.csv", prices] as const, ["depth.csv", depth] as const]) {
    const path = join(folder, name);
    if (!existsSync(path)) writeFileSync(path, `${rows.join("\n")}\n`);
  }
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
const dollars = (usd: number) => `$${Math.round(usd).toLocaleString("en-US")}`;

/** From files to figures; see README.md beside. */
function main(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFiles(folder);
  const terms = ["--ltv", "0.6", "--lt", "0.7", "--bonus", "0.08"];
  const size = ["--set", "supplyCapUsd=5e6,largestBorrowerUsd=5e5"];
  const files = ["--prices", "prices.csv", "--depth", "depth.csv"];

  const walked = lab(folder, "backtest", "PEBBLE", ...files, ...terms, ...size, "--csv", "hours.csv");
  console.log(
    `  ${walked.result.from.slice(0, 10)} to ${walked.result.to.slice(0, 10)}, harness sound: ${walked.harness.sound}`,
  );
  for (const name of ["onChain", "static", "ewmaNormal"]) {
    const rule = walked.result.rules.find((one: { readonly rule: string }) => one.rule === name);
    const cost = `mean maintenance haircut ${percent(rule.meanMaintenance)}`;
    console.log(`  ${name}: ${rule.breaches} windows beyond its haircut, largest ${percent(rule.largest)}; ${cost}`);
  }

  for (const rule of ["static", "onChain"]) {
    const from = new Date(START + 100 * 86_400_000).toISOString().slice(0, 10);
    const sizes = ["--cap", "100000", "--hours-to-sell", "60", "--depth", "depth.csv", "--from", from];
    const { outcome } = lab(folder, "market", "prices.csv", "--rule", rule, ...terms, ...sizes, ...size);
    const debt = `${dollars(outcome.badDebtUsd)} bad debt, ${dollars(outcome.liquidatedUsd)} liquidated`;
    console.log(
      `  ${debt}, ${dollars(outcome.meanDebtUsd)} lent on average at a mean LTV of ${percent(outcome.meanLtv)}`,
    );
  }

  const decided = lab(folder, "assess", "PEBBLE", ...files, ...size, "--on-chain", "4000,3000");
  const { target, exposureLimit, decision } = decided;
  console.log(
    `  initial haircut ${percent(target.initialBps / 10_000)}, maintenance ${percent(target.maintenanceBps / 10_000)}, ` +
      `exposure limit ${exposureLimit.targetTokens} tokens; written now: initial ${percent(decision.initialBps / 10_000)}`,
  );
  for (const { label, bps } of decided.waterfalls.initial.steps) if (bps !== 0) console.log(`    ${label} ${bps} bp`);
}

main(resolve(process.argv[2] ?? "example"));
