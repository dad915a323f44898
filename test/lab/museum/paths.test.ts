import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Incident, readIncident } from "../../../scripts/lab/museum/incident.ts";
import { pathsOf } from "../../../scripts/lab/museum/paths.ts";
import { Recordings } from "../../../scripts/lab/museum/recordings.ts";
import { after, toyFolder, toyIncident } from "./toy.ts";

const HOUR = 3_600;
const anchor = (hours: number, price: number) => ({ at: after(hours), price, source: "toy" });

function pathOf(changes: Record<string, unknown>, files: Readonly<Record<string, string>> = {}) {
  const folder = toyFolder({ toy: toyIncident(changes) });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const incident: Incident = readIncident(join(folder, "incidents", "toy.json"));
  const paths = pathsOf(incident, new Recordings([folder]));
  const at = (hours: number) => paths.times.indexOf(incident.from + hours * HOUR);
  return { incident, ...paths, at };
}

const reconstructed = (price: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  pathOf({ inputs: "reconstructed", price, ...more });

describe("the path of an incident", () => {
  it("moves in straight lines between anchors and stays after the last", () => {
    const { market, at } = reconstructed({ anchors: [anchor(-10, 1), anchor(10, 2), anchor(20, 1)] }, { debtUsd: 3 });
    for (const [hours, price] of [
      [1, 1.55],
      [10, 2],
      [15, 1.5],
      [20, 1],
      [400, 1],
    ] as const) {
      assert.ok(Math.abs((market[at(hours)] as number) - 3 * price) < 1e-12, `${hours} h`);
    }
  });

  it("divides by the anchors of the debt asset", () => {
    const { market, at } = reconstructed({ anchors: [anchor(0, 10)], per: [anchor(0, 0.5), anchor(10, 1)] });
    assert.deepEqual([market[at(5)], market[at(10)]], [10 / 0.75, 10]);
  });

  it("holds a recorded close until the next, whatever the step", () => {
    const { market, keeper, at, incident } = pathOf({ stepMinutes: 15 });
    const close = (hour: number) => keeper.closes[keeper.closeTimes.indexOf(incident.from + hour * HOUR)];
    assert.equal(market[at(7)], close(7));
    assert.equal(market[at(7.75)], close(7));
    assert.equal(market[at(8)], close(8));
  });

  it("says what the lender's oracle said: a price, a part of the market's, then the market again", () => {
    const lenderSays = [
      { at: after(2), price: 7, source: "toy" },
      { at: after(4), factor: 0.5, source: "toy" },
      { at: after(6), market: true, source: "toy" },
    ];
    const { said, market, at } = reconstructed({ anchors: [anchor(0, 10)] }, { lenderSays, debtUsd: 2 });
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((hours) => said[at(hours)]),
      [Number.NaN, 14, 14, 10, 10],
    );
    assert.ok(Number.isNaN(said[at(6)]) && market[at(6)] === 20);
  });

  it("shows the keeper the market, or what its oracle said, and no later hour", () => {
    const lenderSays = [
      { at: after(2), price: 7, source: "toy" },
      { at: after(4), market: true, source: "toy" },
    ];
    const lows = (keeperReads: string) => {
      const { keeper, incident } = reconstructed({ anchors: [anchor(-48, 10)] }, { lenderSays, keeperReads });
      assert.equal(keeper.closeTimes.at(-1), incident.to);
      return [...keeper.lows].filter((low) => low < 9).length;
    };
    assert.equal(lows("market"), 0);
    assert.equal(lows("lender"), 3, "the hours that end at 2, 3 and 4 saw it");
  });

  it("reads an inverted history as it is, with the hole between it and the path left open", () => {
    const start = Date.parse(after(-100)) / 1_000;
    const rows = Array.from({ length: 10 }, (_, i) => [start + i * HOUR, 4, 5, 2, 4, 1].join(","));
    const { keeper, incident } = pathOf(
      {
        inputs: "reconstructed",
        price: { per: [anchor(-3, 4)] },
        history: { recorded: { file: "old.csv" }, inverted: true },
      },
      { "old.csv": `t,open,high,low,close,volume\n${rows.join("\n")}\n` },
    );
    const before = keeper.candles.filter(([time]) => time < incident.from);
    assert.equal(before.length, 10 + 3);
    assert.deepEqual(before[0], [start, 0.25, 0.5, 0.2, 0.25, 4]);
    assert.equal(before.at(-1)?.[4], 0.25);
  });

  it("is refused where the recording has a hole in the window", () => {
    const start = Date.parse(after(-100)) / 1_000;
    const rows = Array.from({ length: 200 }, (_, i) => [start + i * HOUR, 100].join(","));
    assert.throws(
      () => pathOf({ price: { recorded: { file: "short.csv" } } }, { "short.csv": `t,close\n${rows.join("\n")}\n` }),
      /the recording of toy has no price; field time; given "2030-04-0\dT\d\d:00:00.000Z"; expected a close within the two days/,
    );
  });
});
