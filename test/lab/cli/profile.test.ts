import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { documentedFields, fieldPaths } from "../../cli/fieldPaths.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { lab } from "./harness.ts";

const file = join(temporaryFolder(), "book.csv");
writeFileSync(file, "collateral,debt,threshold\n200,100,0.8\n100,90,0.8\n50,0,0.8\n");

test("the profile of a book is printed as a market's file wants it, and as JSON", async () => {
  const { out } = await lab(`profile ${file} --unit 1000`);
  assert.match(out, /2 borrowers, collateral 300_000, debt 190_000 USD/);
  assert.match(out, /^liquidationProfile: \[\n {2}\[0\.0001, \d+_\d+\],/m);
  const json = JSON.parse((await lab(`profile ${file} --json`)).out);
  assert.deepEqual(fieldPaths(json), documentedFields("scripts/lab/cli/JSON.md", "profile"));
  assert.equal(json.largestBorrowerUsd, 200);
  // The second is due already: 94.5 to repay it and the bonus. The first falls due at 37.5 %.
  assert.equal(json.liquidationProfile[0][1], 95);
  const before = json.liquidationProfile.filter(([fall]: [number]) => fall < 0.375).at(-1);
  assert.ok(before[0] > 0.374 && before[1] <= 101, JSON.stringify(before));
  assert.equal(json.liquidationProfile.at(-1)[1], 300);
});

test("what cannot be used is refused in one error with what was expected", async () => {
  const refused = async (words: string, message: RegExp) => {
    const { code, err } = await lab(`profile ${words}`);
    assert.equal(code, 1);
    assert.match(err, message);
  };
  await refused("", /missing argument of lab profile\n {2}field file, /);
  await refused(`${file} --bonus 5`, /field --bonus, given "5", expected a number in \[0, 0\.25\]/);
  await refused(`${file} --unit x`, /field --unit, given "x", expected a number in /);
  await refused(`${file} --unit 0`, /field --unit, given "0"/);
  await refused("/nowhere.csv", /BAD_FILE: \/nowhere\.csv cannot be read/);
  await refused(`${file} --strange`, /unknown option of lab profile/);
});
