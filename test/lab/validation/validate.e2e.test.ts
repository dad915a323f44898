import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { chromiumPath, launch } from "../../dashboard/chromium.ts";
import { dataFolder } from "../../support/data.ts";
import { runScript } from "../../support/runScript.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const SKIP = "shared data not present";

/** One line of reason and one of advice, no stack. */
async function refuses(words: readonly string[], pattern: RegExp): Promise<void> {
  const { code, err, out } = await runScript("validate.ts", words);
  assert.equal(code, 1, words.join(" "));
  assert.match(err, pattern);
  assert.equal(
    err
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("[")).length <= 3,
    true,
    err,
  );
  assert.ok(!/ at .*\.ts:\d+/.test(err), "no stack");
  assert.equal(out, "");
}

describe("npm run validate", () => {
  it("refuses what it cannot do in one clear line that says what was expected", async () => {
    const folder = temporaryFolder();
    await refuses(["--data", folder], /BAD_FILE: no recorded market data here; .*expected a folder with ohlcv\//);
    mkdirSync(join(folder, "ohlcv"));
    await refuses(
      ["--data", folder, "--assets", "ETH"],
      /BAD_FILE: recorded data not found.*binance_spot_ETHUSDT_1h\.csv\.gz/,
    );
    await refuses(["--data", folder, "--assets", "DOGE"], /given "DOGE"; expected some of ETH, BTC/);
    await refuses(["--data", folder, "--set", "et=1"], /given "et"; expected one of eta/);
    await refuses(["--data", folder, "--from", "2026-02-30"], /given "2026-02-30"; expected a date such as 2022-01-01/);
    await refuses(["--data", folder, "--from", "2024-01-01", "--to", "2023-01-01"], /a date before --to/);
    await refuses(["--data", folder, "--assest", "ETH"], /BAD_ARGUMENT: .*--assest/);
  });

  it("names the columns that a file should have", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "ohlcv"));
    mkdirSync(join(folder, "depeg"));
    const { gzipSync } = await import("node:zlib");
    writeFileSync(join(folder, "depeg/binance_spot_LUNAUSDT_30m_2022.csv.gz"), gzipSync("time,price\n1,2\n"));
    await refuses(
      ["--data", folder, "--assets", "LUNA"],
      /unexpected columns.*given "time,price"; expected t,open,high,low,close,volume/,
    );
  });

  it("says which dates there are when none of those asked for has data", async (t) => {
    if (dataFolder() === null) return t.skip(SKIP);
    await refuses(
      ["--assets", "BETH", "--from", "2031-01-01", "--out", temporaryFolder()],
      /dates inside the data: BETH from 2023-06-01 to 2023-10-11/,
    );
  });

  it("writes one page that needs nothing else and fits wide and narrow screens, and its numbers", async (t) => {
    if (dataFolder() === null) return t.skip(SKIP);
    const out = temporaryFolder();
    const words = ["--assets", "BETH,LUNA", "--set", "w=0.7", "--out", out];
    const { code, err, out: said } = await runScript("validate.ts", words);
    assert.equal(code, 0, err);
    assert.match(err, /\[ 0\/5\].*BETH/, "progress is shown");
    assert.match(said, /harness sound: .* 3 of 3 canaries caught/);
    assert.match(said, /BETH, changed: maintenance/);
    const report = JSON.parse(readFileSync(join(out, "validation.json"), "utf8"));
    assert.deepEqual(report.made.changes, ["w=0.7"]);
    assert.equal(report.assets.length, 2);
    assert.ok(existsSync(join(out, "validation.html")));

    const path = chromiumPath();
    if (path === null) return t.skip("no Chromium here");
    const browser = await launch(path);
    t.after(() => browser.close());
    for (const width of [1280, 390]) {
      const page = await browser.newPage({ viewport: { width, height: 900 } });
      const wrong: string[] = [];
      page.on("pageerror", (error) => wrong.push(String(error)));
      page.on("request", (request) => {
        if (!request.url().startsWith("file:")) wrong.push(request.url());
      });
      await page.goto(pathToFileURL(join(out, "validation.html")).href);
      const [scroll, inner] = (await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")) as [
        number,
        number,
      ];
      assert.ok(scroll <= inner, `${width}: the page is ${scroll} wide`);
      assert.deepEqual(wrong, []);
      const letters = (await page.evaluate(
        "[...document.querySelectorAll('svg')].filter((s) => s.getBoundingClientRect().width > 0).map((s) => 12 * s.getBoundingClientRect().width / s.viewBox.baseVal.width)",
      )) as number[];
      assert.ok(letters.length > 3 && letters.every((size) => size > 9.5), `letters of ${Math.min(...letters)} px`);
      await page.close();
    }
  });
});
