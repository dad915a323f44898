import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after as afterAll, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import type { Exhibit, Museum } from "../../../scripts/lab/museum/museum.ts";
import { documentedFields, fieldPaths } from "../../cli/fieldPaths.ts";
import { launch } from "../../dashboard/chromium.ts";
import { withoutProgram } from "../../support/programs.ts";
import { lab } from "../cli/harness.ts";
import { after, FALL, toyFolder, toyIncident } from "./toy.ts";

const print = (changes: object) => [
  { at: after(100), ...changes, source: "toy" },
  { at: after(101), market: true, source: "toy" },
];
const folder = toyFolder({
  "toy-fall": toyIncident(),
  "toy-print": toyIncident({ lenderSays: print({ factor: 0.7 }) }),
  "toy-misread": toyIncident({ lenderSays: print({ factor: 0.7 }), keeperReads: "lender" }),
  "toy-blind": toyIncident({ lenderSays: [{ at: FALL, price: 100, source: "toy" }] }),
  "toy-thin": toyIncident({ depth: { hoursToSell: 100, source: "assumed" } }),
  "toy-careful": toyIncident({ static: { ...(toyIncident()["static"] as object), ltv: 0.6, threshold: 0.65 } }),
  "toy-loan": toyIncident({ loans: [{ at: after(1), tokens: 5_000, accounts: 5, source: "toy" }] }),
});

describe("lab museum with a folder of its own", () => {
  const known = process.env["TONSOR_DATA"];
  let all: Museum;
  const of = (name: string) => all.incidents.find((one) => one.name === name) as Exhibit;
  const out = join(folder, "out");

  before(async () => {
    // Without the shared recordings: what rests on them is named, the rest is played.
    process.env["TONSOR_DATA"] = folder;
    const { code, out: text, err } = await lab(`museum --data ${folder} --out ${out} --json`);
    assert.equal(code, 0, err);
    all = JSON.parse(text);
  });
  afterAll(() => {
    if (known === undefined) delete process.env["TONSOR_DATA"];
    else process.env["TONSOR_DATA"] = known;
  });

  it("adds the folder's incidents without code, plays what needs no recording, and names what does", () => {
    const names = all.incidents.map(({ name }) => name);
    for (const name of ["2025-11-03-xusd", "2026-03-10-capo", "toy-blind", "toy-fall", "toy-loan", "toy-print"]) {
      assert.ok(names.includes(name), name);
    }
    const missing = all.missing.find(({ name }) => name === "2020-03-12-eth");
    assert.match(missing?.why ?? "", /recorded data not found: .*crisis_2020-03_binance_spot_ETHUSDT_5m/);
  });

  it("prints the documented fields", () => {
    assert.deepEqual(fieldPaths(all), documentedFields("scripts/lab/cli/JSON.md", "museum"));
  });

  it("counts a wrong print as wrongful and a real fall as not", () => {
    const [fall, wrong] = [of("toy-fall").outcomes, of("toy-print").outcomes];
    assert.ok(fall.static.liquidatedUsd > 100_000, "a fall of 35 % liquidates");
    assert.equal(fall.static.wrongfulByPrintUsd, 0);
    assert.ok(wrong.static.wrongfulByPrintUsd > 100_000, "so does an hour at 0.7 of the price");
    assert.ok(wrong.static.liquidatedUsd > fall.static.liquidatedUsd);
  });

  it("trips falsely where the keeper's venue is the one that is wrong, and only there", () => {
    const false_ = (name: string) => of(name).outcomes.onChain.falseTrips;
    assert.deepEqual([false_("toy-print"), false_("toy-misread") > 0], [0, true]);
    assert.ok(of("toy-misread").outcomes.onChain.wrongfulByPrintUsd > 0);
  });

  it("finds the bad debt that a lender does not see", () => {
    const [fall, blind] = [of("toy-fall").outcomes.static, of("toy-blind").outcomes.static];
    assert.equal(blind.liquidatedUsd, 0, "at a price in the code nobody is due");
    assert.ok(blind.badDebtUsd > 2 * fall.badDebtUsd && blind.badDebtUsd > 10_000);
  });

  it("opens a known loan with all that each side offers", () => {
    const table = readFileSync(join(out, "museum-toy-loan.csv"), "utf8").trimEnd().split("\n");
    const [header = [], ...rows] = table.map((line) => line.split(","));
    const cell = (row: readonly string[] | undefined, name: string) => Number(row?.[header.indexOf(name)]);
    for (const side of ["static", "onChain"]) {
      const [first, second] = rows.filter(([rule]) => rule === side);
      const offered = 5_000 * cell(first, "oracle_price") * (1 - cell(first, "initial_haircut"));
      const lent = cell(second, "debt_usd") - cell(first, "debt_usd");
      assert.ok(Math.abs(lent / offered - 1) < 0.01, `${side} lent ${lent}, ${offered} was to be had`);
    }
  });

  it("keeps static's parameters, and its closed day out of them", () => {
    const { static: fixed, onChain } = of("toy-fall").outcomes;
    assert.equal(fixed.hoursClosed, 24);
    assert.ok(Math.abs(fixed.meanLtv - 0.8 * (19 / 20)) < 1e-3 && Math.abs(fixed.meanThreshold - 0.83) < 1e-9);
    assert.deepEqual([fixed.trips.length, fixed.falseTrips], [1, 1], "five days after the fall nothing asked for it");
    // Initial goes half of the way to today's volatility: the fall raises it by less than the daily-rise limit.
    assert.deepEqual(onChain.trips, []);
  });

  it("lets the limit on chain act: where selling takes days the lender takes less than the book, and loses less", () => {
    const [thin, fall] = [of("toy-thin").outcomes, of("toy-fall").outcomes];
    assert.ok(thin.onChain.meanDebtUsd < fall.onChain.meanDebtUsd / 2, `${thin.onChain.meanDebtUsd}`);
    assert.equal(thin.onChain.meanLtv.toFixed(4), fall.onChain.meanLtv.toFixed(4), "by the limit alone");
    assert.ok(thin.static.badDebtUsd > fall.static.badDebtUsd && thin.onChain.badDebtUsd < fall.onChain.badDebtUsd);
  });

  it("writes a scoreboard and a timeline that a table program reads", () => {
    const rows = readFileSync(join(out, "museum.csv"), "utf8").trimEnd().split("\n");
    assert.equal(rows.length, 1 + 2 * all.incidents.length);
    const timeline = readFileSync(join(out, "museum-toy-fall.csv"), "utf8").trimEnd().split("\n");
    assert.equal(timeline.length, 1 + 2 * 20 * 24);
    const width = timeline[0]?.split(",").length;
    assert.ok(timeline.every((line) => line.split(",").length === width));
    assert.ok(timeline.some((line) => line.startsWith("onChain,")));
  });

  it("says in short where static wins", async () => {
    const { out: text } = await lab(`museum toy-careful --data ${folder} --out ${out}`);
    assert.match(text, /Where static wins:\ntoy-careful +bad debt\n/);
  });

  it("loses more the longer selling takes", async () => {
    const { out: text } = await lab(
      `museum toy-fall --data ${folder} --out ${join(folder, "slow")} --slower 10 --json`,
    );
    const [slow] = JSON.parse(text).incidents;
    assert.ok(slow.outcomes.static.badDebtUsd > of("toy-fall").outcomes.static.badDebtUsd);
    assert.ok(slow.outcomes.static.mostUnsoldUsd > of("toy-fall").outcomes.static.mostUnsoldUsd);
  });

  it("refuses an incident that is not there, a recording that is missing, and a name taken twice", async () => {
    const unknown = await lab(`museum nowhere --data ${folder} --out ${out}`);
    assert.match(
      unknown.err,
      /BAD_ARGUMENT: there is no such incident\n.*given "nowhere", expected some of 2020-03-12-eth/,
    );
    const missing = await lab(`museum 2020-03-12-eth --data ${folder} --out ${out}`);
    assert.match(missing.err, /BAD_FILE: recorded data not found/);
    const own = toyFolder({ "toy-bare": toyIncident({ price: { recorded: { file: "toy/none.csv" } } }) });
    const bare = await lab(`museum toy-bare --data ${own} --out ${out}`);
    const said = `recorded data not found: toy/none.csv, which ${join(own, "incidents", "toy-bare.json")} rests on\n`;
    assert.ok(bare.err.includes(said), bare.err);
    assert.ok(
      bare.err.includes(`field price.recorded, given "toy/none.csv", expected a file in ${own} or ${folder}\n`),
      bare.err,
    );
    const nowhere = await lab(`museum toy-fall --data ${folder} --data ${folder}/nope --out ${out}`);
    assert.match(nowhere.err, /field --data, given ".*\/nope", expected a folder that is there/);
    const twice = toyFolder({ "toy-fall": toyIncident() });
    const { err } = await lab(`museum toy-fall --data ${folder} --data ${twice} --out ${out}`);
    assert.match(err, /BAD_FILE: two incidents have one name/);
  });

  it("says where the reported bad debt is another than the play's, and marks its axes at round values", async () => {
    const debt = { what: "bad debt", value: "$987 million", badDebtUsd: 987e6, source: "toy" };
    const own = toyFolder({ "toy-reported": toyIncident({ published: [debt] }), "toy-fall": toyIncident() });
    const { err } = await lab(`museum toy-reported --data ${own} --out ${join(own, "out")}`);
    assert.doesNotMatch(err, /error/);
    const page = readFileSync(join(own, "out", "museum.html"), "utf8");
    assert.match(page, /Reported bad debt was \$987,000,000, the play's under static is \$[\d,]+: book, depth/);
    const ticks = Array.from(page.matchAll(/text-anchor="end">([\d.]+) %</g), ([, text]) => Number(text));
    assert.ok(ticks.length > 8 && ticks.every((tick) => tick % 5 === 0 || tick % 2 === 0), ticks.join(", "));
  });

  it("plays the example of the documents, which name every field of it", async () => {
    const words = readFileSync("scripts/lab/museum/README.md", "utf8");
    const example = JSON.parse(/```json\n(.*?)```/s.exec(words)?.[1] ?? "");
    for (const field of Object.keys(example)) assert.match(words, new RegExp(`^\\|.*\`${field}\``, "m"), field);
    const own = toyFolder({ example });
    const { code, out: text, err } = await lab(`museum example --data ${own} --out ${join(own, "out")} --json`);
    assert.equal(code, 0, err);
    assert.ok(JSON.parse(text).incidents[0].outcomes.static.liquidatedUsd > 100_000);
    const page = readFileSync(join(own, "out", "museum.html"), "utf8");
    assert.match(page, /<p>1 incident, each played twice/);
  });

  it("is no wider than the screen, in a real browser", { skip: withoutProgram("chromium") }, async () => {
    const browser = await launch();
    try {
      for (const width of [1_280, 400]) {
        const page = await browser.newPage({ viewport: { width, height: 900 } });
        await page.goto(pathToFileURL(join(out, "museum.html")).href);
        await page.evaluate(`document.querySelectorAll("details").forEach((one) => { one.open = true; })`);
        assert.equal(await page.evaluate("document.documentElement.scrollWidth"), width);
        const hidden = await page.evaluate(
          `[...document.querySelectorAll("details *")]
            .filter((one) => one.getBoundingClientRect().right > innerWidth)
            .map((one) => one.textContent)`,
        );
        assert.deepEqual(hidden, [], `inputs and sources need no scrolling aside at ${width}`);
        const cut = await page.evaluate(
          `[...document.querySelectorAll("svg")].filter((svg) => svg.clientWidth > 0).flatMap((svg) => {
            const box = svg.getBoundingClientRect();
            return [...svg.querySelectorAll("text")].filter((one) => {
              const own = one.getBoundingClientRect();
              return own.left < box.left - 1 || own.right > box.right + 1;
            }).map((one) => one.textContent);
          })`,
        );
        assert.deepEqual(cut, [], `no label of a chart is cut at ${width}`);
        const broken = await page.evaluate(
          `[...document.querySelectorAll("tbody th, tbody td")].filter((cell) => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
            return cell.textContent === "" || (lines > 1 && /^[\\d.]+\\s%$/.test(cell.textContent));
          }).map((cell) => cell.parentElement.textContent)`,
        );
        assert.deepEqual(broken, [], `every cell says something, every number on one line at ${width}`);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  });
});
