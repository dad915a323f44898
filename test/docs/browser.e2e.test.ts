import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildSite } from "../../scripts/docs/site.ts";
import { launch, seen } from "../dashboard/chromium.ts";
import { withoutProgram } from "../support/programs.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

test("the website opens from disk on a phone, fits it, and is searched by keyboard, asking nobody", {
  skip: withoutProgram("chromium"),
}, async () => {
  const folder = temporaryFolder();
  for (const [place, page] of buildSite(fileURLToPath(new URL("../..", import.meta.url)))) {
    mkdirSync(dirname(join(folder, place)), { recursive: true });
    writeFileSync(join(folder, place), page);
  }
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 }, colorScheme: "dark" });
    const asked: string[] = [];
    page.on("request", (request) => request.url().startsWith("data:") || asked.push(request.url()));
    const faults: string[] = [];
    page.on("console", (message) => faults.push(message.text()));
    page.on("pageerror", (error) => faults.push(error.message));
    await page.goto(`${pathToFileURL(join(folder, "CONCEPTS.html"))}`);
    assert.equal(asked.length, 1, "a page is one file");
    assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
    assert.equal(await page.evaluate("[...document.images].filter((one) => one.naturalWidth > 0).length"), 3);
    assert.equal(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(20, 23, 26)");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Skip to content");
    await page.focus("input");
    await page.keyboard.type("thirty days' notice");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#found a");
    assert.match(await seen(page, "#count"), /^\d+ sections with "thirty days' notice"/);
    assert.match(await seen(page, "#found"), /What it promises/);
    assert.match((await page.getAttribute("#found a", "href")) ?? "", /^[\w./]+\.html#[\w-]+$/);
    await page.focus("#found a");
    await page.keyboard.press("Enter");
    await page.waitForSelector("h1:not(:text('Search'))");
    assert.ok(
      asked.every((url) => url.startsWith("file://")),
      asked.join(),
    );
    const heads = async (words: string) => {
      await page.goto(`${pathToFileURL(join(folder, "search.html"))}?q=${words}`);
      return page.$$eval("#found a", (all) => all.map(({ textContent }) => textContent ?? ""));
    };
    const [first = "", ...more] = await heads("market");
    assert.match(first, /market/i, "headings come first");
    assert.equal(more.length, 49, "of many fifty");
    await page.goto(`${pathToFileURL(join(folder, "search.html"))}?q=haircut+%3Cimg%20src%3Dx%3E`);
    assert.match(await seen(page, "#count"), /^0 sections with "haircut <img src=x>"/);
    assert.deepEqual(faults, []);
  } finally {
    await browser.close();
  }
});
