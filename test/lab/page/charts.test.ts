import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { percent } from "../../../keeper/domain/format.ts";
import { frontierChart, intervalChart, timeChart } from "../../../scripts/lab/page/charts.ts";
import { count, day, escaped, points, pValue } from "../../../scripts/lab/page/format.ts";
import { table } from "../../../scripts/lab/page/html.ts";
import { niceTicks, ticksBetween } from "../../../scripts/lab/page/niceTicks.ts";

const DAY = 86_400;

describe("numbers for reading", () => {
  it("have units and say when there is none", () => {
    assert.deepEqual([percent(0.1234, 1), percent(0.1234, 0), percent(Number.NaN)], ["12.3 %", "12 %", "-"]);
    assert.deepEqual([points(-0.012), points(0.012)], ["-1.20 points", "+1.20 points"]);
    assert.deepEqual([pValue(0.00001), pValue(0.25), pValue(Number.NaN)], ["<0.001", "0.250", "-"]);
    assert.equal(count(71122), "71\u00a0122");
    assert.deepEqual([day(0), day(Number.NaN)], ["1970-01-01", "-"]);
    assert.equal(escaped('<a href="x">&'), "&lt;a href=&quot;x&quot;&gt;&amp;");
  });
});

describe("charts", () => {
  const time = [0, 1, 2, 30, 31].map((n) => n * DAY);
  const line = { name: "ours", colour: "ours", values: [0.1, 0.2, 0.3, 0.2, 0.1] } as const;

  it("break a line over a span without data, and never interpolate it", () => {
    const path = /<path d="([^"]*)" class="line ours"/.exec(timeChart(1000, time, [line], null))?.[1] ?? "";
    assert.equal(path.split("M").length - 1, 2);
  });

  it("have round ticks from zero", () => {
    assert.deepEqual(
      niceTicks(0.5).map((tick) => Number(tick.toFixed(6))),
      [0, 0.1, 0.2, 0.3, 0.4, 0.5],
    );
    assert.deepEqual(
      ticksBetween(0.83, 1.02).map((tick) => Number(tick.toFixed(6))),
      [0.85, 0.9, 0.95, 1],
    );
    assert.deepEqual(
      niceTicks(0.93).map((tick) => Number(tick.toFixed(6))),
      [0, 0.2, 0.4, 0.6, 0.8],
    );
  });

  it("say what they show to a reader who cannot see them, and hold no text that is not escaped", () => {
    const rows = [{ name: "<b>", value: 0.01, low: 0, high: 0.02, other: 0.03 }];
    const drawn = intervalChart(350, rows, 0.01, (value) => percent(value, 1));
    assert.match(drawn, /role="img" aria-label="&lt;b&gt;"/);
    assert.ok(!drawn.includes("<b>"));
    const dots = [
      { name: "first rule", colour: "ours", x: 0.3, y: 0.01 },
      { name: "second rule", colour: "other", x: 0.301, y: 0.0101 },
    ] as const;
    const frontier = frontierChart(1000, dots, { x: "cost", y: "damage" }, { x: String, y: String });
    const labels = [...frontier.matchAll(/<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">(first|second) rule/g)];
    assert.equal(labels.length, 2);
    assert.notDeepEqual(labels[0]?.slice(1, 4), labels[1]?.slice(1, 4), "labels of close points stand apart");
  });

  it("hold no number that is not one", () => {
    const empty = intervalChart(1000, [{ name: "x", value: 0, low: 0, high: 0 }], 0.01, String);
    assert.ok(
      !/NaN|Infinity|undefined/.test(
        empty + timeChart(350, time, [line], { name: "falls", values: [0, 0.1, 0, 0, 0] }),
      ),
    );
  });
});

describe("tables", () => {
  it("escape their cells, mark what is marked, and head rows and columns for readers of the screen", () => {
    const made = table(["a", "b"], [["x<y", { text: "1", mark: "bad" }]]);
    assert.match(made, /<th scope="row">x&lt;y<\/th><td class="bad">1<\/td>/);
    assert.match(made, /<th scope="col">a<\/th>/);
  });
});
