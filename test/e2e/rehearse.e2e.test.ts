import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { compiled } from "../support/compiled.ts";
import { runScript } from "../support/runScript.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const LINK = "deployments/examples/LINK.jsonc";
const text = readFileSync(LINK, "utf8");

before(() => compiled());

/** Rehearses LINK with a text of its file changed. */
async function changed(old: string, now: string) {
  const file = join(temporaryFolder(), "LINK.jsonc");
  assert.ok(text.includes(old));
  writeFileSync(file, text.replace(old, now));
  return await runScript("rehearse", [file]);
}

test("From a file to a limit that a real Aave pool holds: a loan above it, and a deposit above the cap, are refused for that reason.", async () => {
  const { code, out, err } = await runScript("rehearse", [LINK, "--json"]);
  assert.equal(code, 0, err);
  const outcome = JSON.parse(out);
  assert.ok(outcome.initialBps > 3_400, "the keeper has tightened LINK, of which it knows no history");
  assert.equal(outcome.ltvBps, 10_000 - outcome.initialBps, "the pool's LTV is 1 - initial after one cycle");
  assert.equal(outcome.limitUsd, 1.5 * outcome.ltvBps, "of 15 000 dollars");
  assert.ok(outcome.supplyCap > 1_000 && outcome.supplyCap <= 200_000, "the exposure limit");
  assert.deepEqual(
    [outcome.market, outcome.holds, outcome.loanAbove, outcome.loanBelow, outcome.depositAbove],
    ["LINK", true, "CollateralCannotCoverNewBorrow", null, "SupplyCapExceeded"],
  );
  const commands = err.split("\n").filter((line) => line.startsWith("$"));
  assert.deepEqual(
    commands.map((line) => line.split(" ")[3]),
    ["tonsor", "deploy", "propose-lender", "tonsor", "check-deployment"],
  );
});

test("A market with options, of another's price, is rehearsed at what its feed answers.", async () => {
  const { code, out, err } = await runScript("rehearse", ["deployments/examples/cbBTC.jsonc"]);
  assert.equal(code, 0, err);
  assert.match(err, /cbBTC at 88698.* USD/);
  assert.match(
    out,
    /cbBTC: initial haircut 27 % by its file[\s\S]*refused, Coll[\s\S]*below: given[\s\S]*The limit is enforced, \d+ s/,
  );
});

test("A file that is wrong, or cannot be laid on loopback, is refused by the field, before anything is deployed.", async () => {
  const cases = [
    [await runScript("rehearse", ["nowhere.jsonc"]), /cannot be read.*nowhere\.jsonc/],
    [await runScript("rehearse", ["package-lock.json.md"]), /no market's file.*expected <name>\.jsonc/],
    [await changed('"initialBps": 3400', '"initialBps": 2000'), /\/tonsor-test-\w+\/LINK\.jsonc: .*initialBps/, 78],
    [await changed('"supplyCapUsd"', '"supplyCapUsdd"'), /LINK\.jsonc: model\.supplyCapUsdd.*supplyCapUsd\?/, 78],
    [
      await changed("0xa6Cc3C2531FdaA6Ae1A3CA84c2855806728693e8", "0x5aB53EE1d50eeF2C1DD3d5402789cd27bB52c1bB"),
      /addresses\.pools\.LINK\/WETH-0\.3%.*expected 0xa6Cc.*, where the factory puts it/,
    ],
    [await runScript("rehearse", ["deployments/examples/wstETH.jsonc"]), /claim\.rate.*expected a market without one/],
    [await runScript("rehearse", ["deployments/examples/USDC.jsonc"]), /sources\.route.*USDT.*expected pools of USDC/],
    [await runScript("rehearse", [LINK, "--price", "0"]), /--price; given "0"/],
    [await runScript("rehearse", [LINK, "--price=-5"]), /--price; given "-5"/],
    [await runScript("rehearse", [LINK, "--price", "2e9"]), /--price; given "2e9"/],
    [await runScript("rehearse", [LINK, "--price", "0.14"]), /--price; given 0\.14; expected at least 0\.15/],
    [
      await runScript("rehearse", ["deployments/examples/cbBTC.jsonc", "--price", "1"]),
      /--price; given 1; expected none: the feed of WBTC answers 88698/,
    ],
  ] as const;
  for (const [{ code, out, err }, expected, exit = 1] of cases) {
    assert.deepEqual([code, out], [exit, ""], err);
    assert.match(err, expected);
    assert.doesNotMatch(err, /\$ npm run deploy/);
  }
  assert.equal((await runScript("rehearse", [])).code, 1);
  assert.match((await runScript("rehearse", ["--help"])).out, /^Usage: npm run rehearse/);
});

test("Ctrl-C, even to the program alone, ends it with all that it started and leaves nothing behind.", async () => {
  const TMPDIR = temporaryFolder();
  const stdio: ["ignore", "ignore", "pipe"] = ["ignore", "ignore", "pipe"];
  const child = spawn(process.execPath, ["scripts/govern.ts", "rehearse", LINK], {
    env: { ...process.env, TMPDIR },
    stdio,
  });
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => {
    if (!err.includes("$ npm run deploy") && `${err}${chunk}`.includes("$ npm run deploy")) child.kill("SIGINT");
    err += String(chunk);
  });
  assert.deepEqual(await once(child, "close"), [130, null], err);
  assert.match(err, /stopped by SIGINT\n$/);
  assert.doesNotMatch(err, /\$ npm run propose-lender/);
  assert.deepEqual(readdirSync(TMPDIR), []);
  assert.ok(!execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).includes(TMPDIR), "no command goes on");
  const url = /A chain at (http:\S+),/.exec(err)?.[1] ?? assert.fail(err);
  await assert.rejects(fetch(url), /fetch failed/);
});
