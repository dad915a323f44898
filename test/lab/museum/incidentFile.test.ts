import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readIncident } from "../../../scripts/lab/museum/incident.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";
import { after, toyIncident } from "./toy.ts";

const folder = temporaryFolder();
const file = join(folder, "toy.json");
const read = (incident: unknown) => {
  writeFileSync(file, typeof incident === "string" ? incident : JSON.stringify(incident));
  return readIncident(file);
};
const anchor = (hours: number, price = 1) => ({ at: after(hours), price, source: "toy" });

describe("the file of an incident", () => {
  it("is read with its times in seconds and its name", () => {
    const incident = read(toyIncident());
    assert.equal(incident.name, "toy");
    assert.equal(incident.to - incident.from, 20 * 86_400);
  });

  const own = toyIncident() as { static: object; feed: object };
  const wrong: readonly (readonly [what: string, changes: object, field: string, given: string, expected: string])[] = [
    [
      "a time without a zone",
      { from: "2030-04-01 00:00" },
      "from",
      "2030-04-01 00:00",
      "a UTC time as 2020-03-12T00:00:00Z",
    ],
    [
      "a window that ends before it begins",
      { to: after(-1) },
      "to",
      "2030-03-31T23:00:00.000Z",
      "a time after 2030-04-01",
    ],
    ["steps that do not divide the hour", { stepMinutes: 7 }, "stepMinutes", "7", "minutes that divide the hour"],
    ["words for a number", { debtUsd: "one" }, "debtUsd", "one", "a value of type number"],
    ["a missing field", { title: undefined }, "title", "nothing", "a value of type string"],
    ["a field that nobody knows", { ltv: 0.8 }, "(whole file)", "an object with", "no field ltv"],
    [
      "a label that is not true",
      { inputs: "reconstructed" },
      "inputs",
      "reconstructed",
      "recorded: no figure is added",
    ],
    [
      "anchors called recorded",
      { price: { anchors: [anchor(0)] } },
      "inputs",
      "recorded",
      "reconstructed: the price rests",
    ],
    [
      "anchors in disorder",
      { inputs: "reconstructed", price: { anchors: [anchor(-2), anchor(-3)] } },
      ...["price.anchors.1.at", "2030-03-31T21:00:00.000Z", "a time later than that of the one before"],
    ] as const,
    [
      "a path that begins too late",
      { inputs: "reconstructed", price: { anchors: [anchor(5)] } },
      ...["price.anchors.0.at", "2030-04-01T05:00:00.000Z", "or before: the path covers the window"],
    ] as const,
    [
      "a statement that says nothing",
      { lenderSays: [{ at: after(1), source: "toy" }] },
      "lenderSays.0",
      "an object with",
      "{ at, factor, source }",
    ],
    [
      "an LTV above the threshold",
      { static: { ...own.static, ltv: 0.9 } },
      "static.ltv",
      "0.9",
      "at most the threshold, 0.83",
    ],
    [
      "a threshold that cannot be lent at",
      { static: { ...own.static, threshold: 0.96 } },
      "static.threshold",
      "0.96",
      "less than 1 / (1 + 0.05)",
    ],
    [
      "parameters that nobody published",
      { static: { ...own.static, source: "assumed" } },
      "static.source",
      "assumed",
      "the publication of the lender's parameters",
    ],
    [
      "a source that is not there",
      { feed: { ...own.feed, source: "rumour" } },
      "feed.source",
      "rumour",
      "one of toy, assumed",
    ],
    [
      "a source that nothing cites",
      { sources: { toy: { title: "a", url: "https://a.org" }, idle: { title: "b", url: "https://b.org" } } },
      ...["sources.idle", "there", "a source that a figure cites"],
    ] as const,
    [
      "a source without an address",
      { sources: { toy: { title: "a", url: "somewhere" } } },
      "sources.toy.url",
      "somewhere",
      "URL",
    ],
  ];
  for (const [what, changes, field, given, expected] of wrong) {
    it(`is refused in one line for ${what}`, () => {
      assert.throws(
        () => read(toyIncident(changes as Record<string, unknown>)),
        ({ message }: Error) => {
          for (const part of [`${file} is not an incident`, `field ${field};`, given, expected]) {
            assert.ok(message.includes(part), `${message}\nlacks ${part}`);
          }
          return !message.includes("\n");
        },
      );
    });
  }

  it("is refused where it is no JSON", () => {
    assert.throws(() => read("{"), /toy\.json is not JSON; field file; given "\{"; expected an incident as JSON/);
  });
});
