import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { DEFAULT_MODEL } from "../../../keeper/markets/defaults.ts";
import { parseAssumptions, parseChanges } from "../../../scripts/lab/validation/parameters.ts";
import { SYMBOLS } from "../../../scripts/lab/validation/symbols.ts";

const refuses = (work: () => unknown, pattern: RegExp) =>
  assert.throws(
    work,
    (error) => error instanceof TonsorError && error.code === "BAD_ARGUMENT" && pattern.test(error.message),
  );

describe("parameters by name", () => {
  it("take symbols of MODEL.md, names of fields, and rungs of the ladder", () => {
    assert.deepEqual(parseChanges(["eta=0.4", "minimumGap=0.05"], DEFAULT_MODEL), {
      depthStressElasticity: 0.4,
      minimumGap: 0.05,
    });
    const { ladderMultipliers } = parseChanges(["ladder.L4=1.3", "ladder.L2=1"], DEFAULT_MODEL);
    assert.deepEqual(ladderMultipliers, [1, 1, 1.15, 1.3, 1.35, 1]);
    assert.deepEqual(DEFAULT_MODEL.ladderMultipliers, [1, 1.05, 1.15, 1.2, 1.35, 1], "the defaults are not touched");
    for (const [symbol, field] of Object.entries(SYMBOLS)) assert.equal(typeof DEFAULT_MODEL[field], "number", symbol);
  });

  it("are refused in one line that says what was expected", () => {
    refuses(() => parseChanges(["eta"], DEFAULT_MODEL), /given "eta".*name=number, for example eta=0\.4/);
    refuses(() => parseChanges(["eta=high"], DEFAULT_MODEL), /eta=high/);
    refuses(() => parseChanges(["eta=1=2"], DEFAULT_MODEL), /name=number/);
    refuses(
      () => parseChanges(["nu=3", "degreesOfFreedom=4"], DEFAULT_MODEL),
      /"degreesOfFreedom=4"; expected .* once/,
    );
    refuses(() => parseChanges(["et=1"], DEFAULT_MODEL), /given "et"; expected one of eta, phi_min/);
    refuses(() => parseChanges(["liquidationProfile=1"], DEFAULT_MODEL), /expected one of/);
    refuses(() => parseChanges(["nu=2"], DEFAULT_MODEL), /degreesOfFreedom; given 2; expected in \(2, 1e6\]/);
    refuses(() => parseChanges(["alpha=0.5"], DEFAULT_MODEL), /field tailLevel; given 0\.5; expected in \[0\.9, 1\)/);
    refuses(() => parseChanges(["mpor=12.5"], DEFAULT_MODEL), /whole hours/);
    refuses(
      () => parseChanges(["idiosyncratic=-1"], DEFAULT_MODEL),
      /idiosyncratic; given -1; expected a fraction in \[0, 1\]/,
    );
    refuses(() => parseChanges(["ladder.L4=0"], DEFAULT_MODEL), /above 0/);
    refuses(() => parseChanges(["kappa=99"], DEFAULT_MODEL), /impliedFloor; given 99; expected a factor in \[0, 10\]/);
  });

  it("are held to the rules between them, as `config check` holds a market", () => {
    const below = /field --set; given "liquidationCost=0.2"; expected model\.liquidationCost below b\/\(1\+b\) = 0\.04/;
    refuses(() => parseChanges(["liquidationCost=0.2"], DEFAULT_MODEL), below);
    assert.deepEqual(parseChanges(["liquidationCost=0.2", "b=0.5"], DEFAULT_MODEL), {
      liquidationCost: 0.2,
      liquidationBonus: 0.5,
    });
    const large = /model\.largestBorrowerUsd at most the supply cap/;
    refuses(() => parseChanges(["largestBorrowerUsd=5e8"], DEFAULT_MODEL), large);
    refuses(() => parseChanges(["supplyCapUsd=1e6", "largestBorrowerUsd=2e6"], DEFAULT_MODEL), large);
    // A cap alone takes the largest borrower along.
    assert.deepEqual(parseChanges(["supplyCapUsd=1e6"], DEFAULT_MODEL), { supplyCapUsd: 1e6 });
    refuses(() => parseChanges(["ladder.L1=1.2"], DEFAULT_MODEL), /model\.ladderMultipliers L1 >= 1 and not falling/);
  });

  it("assume the proportions of the calm example unless told otherwise", () => {
    assert.deepEqual(parseAssumptions([]), { depthOverCap: 0.15, volumeOverCap: 2 });
    assert.deepEqual(parseAssumptions(["depthOverCap=0.01"]), { depthOverCap: 0.01, volumeOverCap: 2 });
    refuses(() => parseAssumptions(["depth=1"]), /one of depthOverCap, volumeOverCap/);
    refuses(() => parseAssumptions(["depthOverCap=0"]), /above 0/);
  });
});
