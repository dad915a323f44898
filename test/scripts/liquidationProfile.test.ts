import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runScript } from "../support/runScript.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const file = join(temporaryFolder(), "book.csv");
writeFileSync(file, "collateral,debt,threshold\n200,100,0.8\n100,90,0.8\n50,0,0.8\n");

test("the profile of a book is printed as a market's file wants it, and as JSON", async () => {
  const { out } = await runScript("liquidationProfile.ts", [file, "--unit", "1000"]);
  assert.match(out, /2 borrowers, collateral 300_000, debt 190_000 USD/);
  assert.match(out, /^liquidationProfile: \[\n {2}\[0\.0001, \d+_\d+\],/m);
  const json = JSON.parse((await runScript("liquidationProfile.ts", [file, "--json"])).out);
  assert.equal(json.largestBorrowerUsd, 200);
  // The second is due already: 94.5 to repay it and the bonus. The first falls due at 37.5 %.
  assert.equal(json.liquidationProfile[0][1], 95);
  const before = json.liquidationProfile.filter(([fall]: [number]) => fall < 0.375).at(-1);
  assert.ok(before[0] > 0.374 && before[1] <= 101, JSON.stringify(before));
  assert.equal(json.liquidationProfile.at(-1)[1], 300);
});

test("what cannot be used is refused in one line with what was expected", async () => {
  const refused = async (args: readonly string[], message: RegExp) => {
    const { code, err } = await runScript("liquidationProfile.ts", args);
    assert.equal(code, 1);
    assert.match(err, message);
  };
  await refused([], /BAD_ARGUMENT.*one csv file/);
  await refused([file, "--bonus", "5"], /--bonus.*5.*a fraction in \[0, 0\.25\]/);
  await refused([file, "--unit", "x"], /--unit.*x.*dollars above 0/);
  await refused(["/nowhere.csv"], /BAD_FILE.*nowhere/);
  await refused([file, "--strange"], /BAD_ARGUMENT.*--help/);
});
