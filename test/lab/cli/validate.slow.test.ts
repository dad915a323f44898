import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { documentedFields, fieldPaths, leaves } from "../../cli/fieldPaths.ts";
import { launch } from "../../dashboard/chromium.ts";
import { startLab } from "../../support/child.ts";
import { dataFolder } from "../../support/data.ts";
import { withoutProgram } from "../../support/programs.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { lab } from "./harness.ts";

/** First heads of the tables that are wider than their place. */
const WIDE_TABLES =
  "[...document.querySelectorAll('table')].filter((t) => t.scrollWidth > t.parentElement.clientWidth + 1).map((t) => t.querySelector('th').textContent)";
/** Pairs of texts of one chart that cover each other, and texts beyond their chart. */
const COLLIDING_LABELS = `[...document.querySelectorAll('svg')].filter((s) => s.getBoundingClientRect().width > 0).flatMap((s) => {
  const frame = s.getBoundingClientRect();
  const texts = [...s.querySelectorAll('text')].map((t) => ({ words: t.textContent, box: t.getBoundingClientRect() }));
  const beyond = texts.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1).map(({ words }) => words);
  const covers = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
  return [...beyond, ...texts.flatMap((a, i) => texts.slice(i + 1).filter((b) => covers(a.box, b.box)).map((b) => a.words + ' / ' + b.words))];
})`;

const SKIP = "shared data not present";

/** Refused with one error of three lines, without a stack. */
async function refuses(line: string, pattern: RegExp): Promise<void> {
  const { code, err, out } = await lab(`validate ${line}`);
  assert.equal(code, 1, line);
  assert.match(err, pattern);
  const reason = err.slice(err.indexOf("error ")).trimEnd().split("\n");
  assert.ok(reason.length <= 3 && reason.every((words) => !/ at .*\.ts:\d+/.test(words)), err);
  assert.equal(out, "");
}

/** `assets[]` and `changed[]` have the fields of `result` of backtest, and `harness` is the same. */
function documented(value: { readonly harness: object }): void {
  const of = (heading: string) => leaves(documentedFields("scripts/lab/cli/JSON.md", heading));
  const results = of("backtest").flatMap((path) => /^result\.(.+)/.exec(path)?.[1] ?? []);
  const expected = [
    ...of("validate").filter((path) => path !== "harness"),
    ...results.flatMap((path) => [`assets[].${path}`, `changed[].${path}`]),
    ...of("backtest").filter((path) => path.startsWith("harness.")),
  ];
  const shown = fieldPaths({ ...value, harness: { ...value.harness, leaks: ["none"] } });
  assert.deepEqual(shown, expected.sort());
}

describe("lab validate", () => {
  it("refuses what it cannot do in one clear error that says what was expected", async () => {
    const folder = temporaryFolder();
    const at = (words: string) => `--data ${folder} ${words}`;
    await refuses(at(""), /BAD_FILE: no recorded market data here\n.*expected a folder with ohlcv\//);
    mkdirSync(join(folder, "ohlcv"));
    await refuses(at("--assets ETH"), /BAD_FILE: recorded data not found.*binance_spot_ETHUSDT_1h\.csv\.gz/s);
    await refuses(at("--assets DOGE"), /given "DOGE", expected some of ETH, BTC/);
    await refuses(at("--set et=1"), /given "et", expected one of eta/);
    await refuses(at("--from 2026-02-30"), /given "2026-02-30", expected 2026-02-05, /);
    await refuses(at("--from 2024-01-01 --to 2023-01-01"), /a time before --to/);
    await refuses(at("--assest ETH"), /BAD_ARGUMENT: unknown option of lab validate\n.*--assest/);
  });

  it("names the columns that a file should have", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "ohlcv"));
    mkdirSync(join(folder, "depeg"));
    const { gzipSync } = await import("node:zlib");
    writeFileSync(join(folder, "depeg/binance_spot_LUNAUSDT_30m_2022.csv.gz"), gzipSync("time,price\n1,2\n"));
    await refuses(
      `--data ${folder} --assets LUNA`,
      /unexpected columns.*given "time,price", expected t,open,high,low,close,volume/s,
    );
  });

  it("says which dates there are when none of those asked for has data", async (t) => {
    if (dataFolder() === null) return t.skip(SKIP);
    await refuses(
      `--assets BETH --from 2031-01-01 --data ${dataFolder()}`,
      /dates inside the data: BETH from 2023-06-01 to 2023-10-11/,
    );
  });

  const out = temporaryFolder();

  it("writes a page and its numbers", async (t) => {
    if (dataFolder() === null) return t.skip(SKIP);
    const words = ["--assets", "BETH,LUNA", "--set", "w=0.7", "--out", out, "--data", dataFolder() ?? ""];
    const text = startLab(["validate", ...words]).ended;
    const json = startLab(["validate", ...words, "--json", "--out", temporaryFolder()]).ended;
    const { code, err, out: said } = await text;
    assert.equal(code, 0, err);
    assert.match(err, /^\[\.+\] {3}0 % {2}BETH$/m, "progress is shown");
    assert.match(said, /harness sound: .* 3 of 3 canaries caught/);
    assert.match(said, /BETH, changed: maintenance/);
    documented(JSON.parse((await json).out));
    const report = JSON.parse(readFileSync(join(out, "validation.json"), "utf8"));
    assert.deepEqual(report.made.changes, ["w=0.7"]);
    assert.equal(report.assets.length, 2);
    const page = readFileSync(join(out, "validation.html"), "utf8");
    const tables = readdirSync(join(out, "validation-tables"));
    assert.equal(tables.length, page.match(/<table/g)?.length, "csv for every table");
    const [header, row] = readFileSync(join(out, "validation-tables", "markets-1.csv"), "utf8").split("\n");
    assert.match(header ?? "", /^asset,window,bonus,maintenance bounds 1,maintenance bounds 2,/);
    assert.match(row ?? "", /^BETH,24,0\.06,/);
    assert.match(page, /Depth and volume as recorded: BETH, LUNA; /);
    assert.match(page, /left out above/, "a coin that died is found by its prices");
    assert.match(page, /never bridged, no window reaches into one, .*2022-11-01 to 2022-11-30/);
  });

  it("needs nothing but the page, which fits wide and narrow screens", {
    skip: withoutProgram("chromium"),
  }, async (t) => {
    if (dataFolder() === null) return t.skip(SKIP);
    const browser = await launch();
    t.after(() => browser.close());
    for (const width of [1280, 400]) {
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
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      assert.deepEqual(await page.evaluate(WIDE_TABLES), [], `${width}: tables wider than their place`);
      assert.deepEqual(await page.evaluate(COLLIDING_LABELS), [], `${width}: labels that collide`);
      const letters = (await page.evaluate(
        "[...document.querySelectorAll('svg')].filter((s) => s.getBoundingClientRect().width > 0).map((s) => 12 * s.getBoundingClientRect().width / s.viewBox.baseVal.width)",
      )) as number[];
      assert.ok(letters.length > 3 && letters.every((size) => size > 9.5), `letters of ${Math.min(...letters)} px`);
      await page.close();
    }
  });
});
