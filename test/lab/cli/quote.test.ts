import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { target } from "../../../keeper/model/target.ts";
import { quoteCommand, quoteSchema } from "../../../scripts/lab/cli/quote.ts";
import { quoteInputSchema } from "../../../scripts/lab/cli/quoteInput.ts";
import { quote } from "../../../scripts/lab/cli/quoteReport.ts";
import { calmEth } from "../../support/modelRisk.ts";
import { near } from "../../support/near.ts";

const eth = { volatility: 0.6, depthUsd: 60e6, largestBorrowerUsd: 20e6 };

/** The message of the refusal of an input. */
function refusal(content: unknown): string {
  try {
    quote(content, "risk.json");
  } catch (error) {
    assert.ok(error instanceof TonsorError && error.code === "BAD_FILE");
    return error.message;
  }
  return assert.fail("accepted");
}

describe("a quote", () => {
  it("of calm ETH is 19.19 % and 16.19 %, the model's own numbers with default parameters", () => {
    const report = quote(eth);
    const { initial, maintenance } = target(calmEth(), DEFAULT_MODEL);
    assert.equal(report.initialHaircutBps, Math.ceil(initial * 10_000));
    assert.equal(report.maintenanceHaircutBps, Math.ceil(maintenance * 10_000));
    assert.deepEqual([report.initialHaircutBps, report.maintenanceHaircutBps], [1919, 1619]);
    assert.deepEqual([report.loanToValue, report.liquidationThreshold], [0.8081, 0.8381]);
    assert.equal(report.initialBinding, "gap");
    near(report.maxSlippage, 0.05 / 1.05 - 0.005, 1e-15);
  });

  it("limits the exposure to what sells in four hours over what falls due at 150 % a year", () => {
    const { limit } = quote(eth);
    // Eight slices of 0.3 x 60 million; a loss of 1 - exp(-3.6915 x 1.5 x root of a day) lies between the points 20 and 30 %.
    const fall = 1 - Math.exp(-3.69151049 * 1.5 * Math.sqrt(24 / 8_760));
    near(limit.fall, fall, 1e-8);
    near(limit.dueShare, (20e6 + (fall - 0.2) * 250e6) / 400e6, 1e-7);
    near(limit.sellableUsd, 144e6, 1e-6);
    near(limit.usd / 1e9, 1.7506, 1e-4);
    near(quote({ ...eth, depthUsd: 30e6 }).limit.usd / limit.usd, 0.5, 1e-12);
    assert.equal(quote({ ...eth, depthUsd: 0 }).limit.usd, 0);
  });

  it("takes the daily volume of an older input file, shows it and is moved by it nowhere", () => {
    const { inputs, ...moved } = quote({ ...eth, dailyVolumeUsd: 800e6 });
    const { inputs: without, ...base } = quote(eth);
    assert.deepEqual(moved, base);
    assert.deepEqual(inputs, { ...without, dailyVolumeUsd: 800e6 });
    assert.equal(without.dailyVolumeUsd, 0);
  });

  it("has waterfalls that sum to the haircuts", () => {
    const { maintenance, initial } = quote(eth);
    for (const { waterfall, haircutBps } of [maintenance, initial]) {
      assert.equal(
        waterfall.reduce((sum, { bps }) => sum + bps, 0),
        haircutBps,
      );
    }
  });

  it("fills in every default and shows it", () => {
    const { inputs } = quote(eth);
    assert.deepEqual(Object.keys(inputs).sort(), Object.keys(quoteInputSchema.shape).sort());
    assert.equal(inputs.longRunVolatility, 0.6);
    assert.equal(inputs.supplyCapUsd, 400e6);
    assert.deepEqual(inputs.liquidationProfile, DEFAULT_MODEL.liquidationProfile);
    const small = quote({ ...eth, largestBorrowerUsd: 1e6 }).inputs;
    assert.equal(small.supplyCapUsd, 20e6);
    assert.deepEqual(small.liquidationProfile[0], [0.1, 200_000]);
  });

  it("quoted again from the inputs it shows is the same", () => {
    const report = quote({ ...eth, liquidationBonus: 0.08, historicalLoss: 0.2 });
    assert.deepEqual(quote(report.inputs), report);
  });

  it("rises with volatility, bonus and oracle error, and depth, size and volume move no haircut", () => {
    const base = quote(eth);
    const moved = [{ longRunVolatility: 0.7 }, { liquidationBonus: 0.06 }, { oracleDeviation: 0.02 }] as const;
    for (const change of moved) {
      const two = quote({ ...eth, ...change });
      assert.ok(two.maintenanceHaircutBps > base.maintenanceHaircutBps, JSON.stringify(change));
      assert.ok(two.initialHaircutBps > base.initialHaircutBps, JSON.stringify(change));
    }
    for (const change of [{ volatility: 1.2, longRunVolatility: 0.6 }, { currentOracleDeviation: 0.08 }]) {
      const today = quote({ ...eth, ...change });
      assert.equal(today.maintenanceHaircutBps, base.maintenanceHaircutBps, "maintenance knows nothing of today");
      assert.ok(today.initialHaircutBps > base.initialHaircutBps, JSON.stringify(change));
      assert.equal(today.initialBinding, "market");
    }
    for (const change of [{ depthUsd: 0 }, { dailyVolumeUsd: 800e6 }, { largestBorrowerUsd: 40e6 }]) {
      const report = quote({ ...eth, ...change });
      assert.deepEqual(report.maintenance, base.maintenance);
      assert.deepEqual(report.initial, base.initial);
      assert.doesNotMatch(JSON.stringify(report), /NaN|Infinity/);
    }
  });
});

describe("a quote's input", () => {
  it("names every problem at once, with path, given value and expectation", () => {
    const message = refusal({ volatility: 60, depthUsd: -1, dailyVolumeUsd: -1, liquidationBonus: 5 });
    assert.match(message, /^risk\.json has 5 problems: /);
    assert.match(message, /volatility: given 60, expected a fraction a year in \[0, 10\]: 0\.6 means 60 %, never 60/);
    assert.match(message, /depthUsd: given -1, expected US dollars/);
    assert.match(message, /largestBorrowerUsd: given nothing, expected US dollars/);
    assert.match(message, /dailyVolumeUsd: given -1, expected US dollars/);
    assert.match(refusal({ ...eth, depthUsd: "60e6" }), /depthUsd: given "60e6", expected US dollars/);
    assert.match(message, /liquidationBonus: given 5, expected a fraction in \[0, 1\] \(0\.05 means 5 %\)/);
  });

  it("has the ranges of a keeper's parameters for what a keeper has", () => {
    for (const [change, expected] of [
      [{ tailLevel: 0.8 }, /tailLevel: given 0\.8, expected in \[0\.9, 1\)$/],
      [{ tailLevel: 1 }, /tailLevel: given 1, expected in \[0\.9, 1\)$/],
      [{ degreesOfFreedom: 2 }, /degreesOfFreedom: given 2, expected in \(2, 1e6\]$/],
      [{ minimumHorizonHours: 24.5 }, /minimumHorizonHours: given 24\.5, expected whole hours in \[24, 168\]$/],
      [{ liquidationWindowHours: 169 }, /liquidationWindowHours: given 169, expected hours in \(0, 168\]$/],
    ] as const) {
      assert.match(refusal({ ...eth, ...change }), expected);
    }
  });

  it("refuses an unknown field and says which one was meant", () => {
    assert.match(
      refusal({ ...eth, horizonHours: 24 }),
      /horizonHours: unknown field, did you mean minimumHorizonHours\?/,
    );
    assert.match(refusal({ ...eth, degreesOfFredom: 4 }), /did you mean degreesOfFreedom\?/);
    assert.match(refusal({ ...eth, impliedWeight: 0.5 }), /impliedWeight: has no effect on a quote/);
    assert.match(refusal({ ...eth, zzz: 1 }), /zzz: unknown field, see `quote --schema`/);
  });

  it("refuses a liquidation profile that falls, and a value that is not an object", () => {
    assert.match(
      refusal({
        ...eth,
        liquidationProfile: [
          [0.2, 5],
          [0.1, 9],
        ],
      }),
      /liquidationProfile/,
    );
    assert.match(refusal({ ...eth, liquidationProfile: [[20, 5]] }), /liquidationProfile\.0\.0: given 20/);
    for (const content of [null, 7, [], "x"]) assert.match(refusal(content), /the whole input: given .*quote --schema/);
  });

  it("is described by a JSON schema with a unit and a default for every field", () => {
    const schema = quoteSchema() as {
      properties: Record<string, { description?: string; anyOf?: { description?: string }[]; default?: unknown }>;
      required: string[];
      additionalProperties: boolean;
    };
    assert.deepEqual(schema.required, ["volatility", "depthUsd", "largestBorrowerUsd"]);
    assert.equal(schema.additionalProperties, false);
    for (const [name, field] of Object.entries(schema.properties)) {
      const text = field.description ?? field.anyOf?.[0]?.description ?? "";
      assert.ok(text.length > 10, `${name} has no description`);
      if (!schema.required.includes(name))
        assert.ok("default" in field || /left out/.test(text), `${name} has no default`);
    }
  });

  it("never escapes as anything but a refusal or a quote, whatever JSON it is", () => {
    const field = fc.constantFrom(...Object.keys(quoteInputSchema.shape), "other");
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue()), (change) => {
        try {
          const report = quote({ ...eth, ...change });
          assert.ok(report.initialHaircutBps >= report.maintenanceHaircutBps);
        } catch (error) {
          assert.ok(error instanceof TonsorError, String(error));
        }
      }),
    );
  });
});

describe("the quote command", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "quote-"));
  });
  after(() => rm(folder, { recursive: true }));
  const file = async (text: string) => {
    const path = join(folder, "risk.json");
    await writeFile(path, text);
    return path;
  };

  it("reads a file and explains both haircuts in plain words within 100 columns", async () => {
    const { json, text } = await quoteCommand(await file(JSON.stringify(eth)));
    assert.deepEqual(json, quote(eth));
    assert.match(text, /Initial haircut {6}19\.19 % {3}loan-to-value {9}80\.81 %/);
    assert.match(text, /expected shortfall 3\.692 x volatility 60 % a year x root of 24 h/);
    assert.match(text, /Exposure limit {7}\$1\.75 B {3}\$144\.00 M sell in 4 h; a fall of 25\.16 % makes 8\.23 % due/);
    for (const line of text.split("\n")) assert.ok(line.length <= 100, line);
  });

  it("says what is wrong with a file that is missing or not JSON", async () => {
    await assert.rejects(quoteCommand(join(folder, "none.json")), /none\.json cannot be read/);
    await assert.rejects(quoteCommand(await file("{volatility: 1}")), /is not JSON/);
  });
});
