import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { readIncident } from "../../../scripts/lab/museum/incident.ts";
import { type Museum, museum } from "../../../scripts/lab/museum/museum.ts";
import { sameRun, withheldIn } from "../../../scripts/lab/replay/withheld.ts";
import { dataFolder } from "../../support/data.ts";

const FOLDER = fileURLToPath(new URL("../../../scripts/lab/museum/incidents", import.meta.url));
const INCIDENTS = readdirSync(FOLDER).map((file) => readIncident(join(FOLDER, file)));
const DAYS = [
  ...["2020-03-12", "2020-11-26", "2021-05-19", "2022-05", "2022-06", "2022-11-22", "2023-03-11", "2024-08-05"],
  ...["2025-02-03", "2025-10-10", "2025-11", "2026-02", "2026-03-10", "2026-04-18"],
];
const data = dataFolder();
const needsData = { skip: data === null && "no recorded data" };
/** Quick enough to be played twice here; incidents.slow.test.ts does it for all. */
const TWICE = INCIDENTS.filter(({ stepMinutes }) => stepMinutes === 60).map(({ name }) => name);
const play = (names: readonly string[]) => museum({ names, folders: [], slower: 1, out: null, progress: () => {} });

describe("the museum", () => {
  let [all, again]: (Museum | undefined)[] = [];
  before(() => {
    if (data !== null) [all, again] = [play([]), play(TWICE)];
  });

  it("shows every incident that its design names", () => {
    const missing = DAYS.filter((day) => !INCIDENTS.some(({ name }) => name.startsWith(day)));
    assert.deepEqual(missing, []);
  });

  for (const incident of INCIDENTS) {
    const { name, inputs, from, to, price, static: fixed } = incident;

    it(`${name} is dated, labelled and cited`, () => {
      const day = Date.parse(name.slice(0, 10)) / 1_000;
      assert.ok(day >= from && day < to, "the day in its name lies in its window");
      for (const { at } of [...incident.events, ...incident.loans, ...incident.lenderSays]) {
        assert.ok(at >= from && at <= to, `${new Date(at * 1_000).toISOString()} lies in the window`);
      }
      assert.ok(Math.abs(fixed.asOf - day) < 2 * 365 * 86_400, "parameters of the day, or the last that were found");
      assert.ok(incident.notFound.length > 0, "no incident is known whole");
      assert.equal(inputs === "recorded", price.anchors === undefined && price.per === undefined);
    });

    it(`${name} rests on no recording of a withheld time`, needsData, () => {
      if (inputs === "recorded") assert.ok(sameRun(withheldIn(data as string), from, to));
    });

    it(`${name} is played, and nothing impossible comes of it`, needsData, () => {
      const one = all?.incidents.find((each) => each.name === name);
      assert.ok(one !== undefined, JSON.stringify(all?.missing));
      assert.equal(one.outcomes.static.wrongfulByRuleUsd, 0, "static never moves");
      for (const outcome of Object.values(one.outcomes)) {
        for (const [field, value] of Object.entries(outcome)) {
          if (typeof value === "number") assert.ok(value >= -1e-9 && Number.isFinite(value), `${field} ${value}`);
        }
        assert.ok(outcome.meanLtv <= outcome.meanThreshold && outcome.meanDebtUsd > 0);
        assert.ok(outcome.badDebtUsd <= outcome.meanDebtUsd * 2);
      }
      if (TWICE.includes(name)) {
        assert.deepEqual(
          again?.incidents.find((each) => each.name === name),
          one,
          "the same digest twice",
        );
      }
    });
  }

  it("finds what is known of the oracle faults", needsData, () => {
    const of = (day: string) => all?.incidents.find(({ name }) => name.startsWith(day))?.outcomes;
    for (const day of ["2020-11-26", "2025-10-10", "2026-02-15", "2026-03-10"]) {
      assert.ok(
        (of(day)?.static.wrongfulByPrintUsd ?? 0) > 100_000,
        `${day}: a wrong price seizes from healthy accounts`,
      );
    }
    for (const day of ["2025-11-03", "2026-04-18"]) {
      const fixed = of(day)?.static;
      assert.equal(fixed?.liquidatedUsd, 0, `${day}: at a price that never moved nobody was liquidated`);
      assert.ok((fixed?.badDebtUsd ?? 0) > 10e6, `${day}: and the lender is short all the same`);
    }
    const usdc = of("2023-03-11")?.static.badDebtUsd ?? 0;
    assert.ok(usdc > 100_000 && usdc < 1e6, "Aave reported $280 000 in the e-mode of Avalanche");
  });
});
