import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { developmentPlan, readPlan } from "../../../scripts/deploy/plan.ts";
import { parsePlan } from "../../../scripts/deploy/planSchema.ts";
import { SHIPPED } from "../../support/shipped.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const SETTINGS = { maxThresholdStepBps: 25, stepSeconds: 14_400, minGapBps: 300, maxAgeSeconds: 21_600 };
const AAVE = {
  kind: "aave-v3",
  name: "Aave",
  fromBlock: 0,
  provider: "0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e",
  markets: ["WETH", "WBTC"],
  agent: SETTINGS,
};
const plan = (more: object) => parsePlan({ ...developmentPlan(SHIPPED), ...more });

test("An agent's settings must stop with the class's time to live, follow its ramp and leave room for thirty days of it.", () => {
  const refused = (change: object, message: RegExp) => {
    const agent = { ...SETTINGS, ...change };
    assert.throws(() => plan({ lenders: [{ ...AAVE, markets: ["WETH"], agent }] }), { code: "BAD_CONFIG", message });
  };
  refused(
    { maxAgeSeconds: 90_000 },
    /Aave, WETH: agent.maxAgeSeconds is 90000, expected at most 86400, the class's time/,
  );
  refused(
    { minGapBps: 200 },
    /Aave, WETH: agent.minGapBps is 200, expected at least 300, what maintenance rises in 30/,
  );
  refused({ maxThresholdStepBps: 300 }, /maxThresholdStepBps is 300, expected less than minGapBps, 300/);
  // 25 bp in 216 000 s are 300 bp in 30 days, to the second.
  plan({ lenders: [{ ...AAVE, agent: { ...SETTINGS, stepSeconds: 216_000 } }] });
  refused({ stepSeconds: 216_001 }, /stepSeconds is 216001, expected at most 216000: /);
});

test("A plan with lenders and adapters is taken; what does not fit is named with what was expected.", () => {
  const adapters = [
    { contract: "CurrentParameters", name: "stable address" },
    { contract: "HaircutFactorFeed", name: "WETH factor", market: "WETH", side: "INITIAL" },
  ];
  assert.equal(plan({ lenders: [AAVE], adapters }).lenders.length, 1);
  assert.deepEqual(plan({}).adapters, []);
  const refused = (more: object, message: RegExp) =>
    assert.throws(() => plan(more), { code: "BAD_CONFIG", message }, String(message));
  refused({ lenders: [{ ...AAVE, markets: ["LINK"] }] }, /Aave: market is LINK, expected a market of the plan/);
  refused({ lenders: [AAVE], adapters: [{ ...adapters[0], name: "Aave" }] }, /two are named Aave/);
  refused(
    { adapters: [adapters[0], { ...adapters[0], name: "other" }] },
    /two CurrentParameters, expected one at most/,
  );
  refused({ lenders: [{ ...AAVE, agent: { ...SETTINGS, minGapBps: 200 } }] }, /Aave, WBTC: agent.minGapBps is 200/);
  refused({ lenders: [{ ...AAVE, provider: "0x0" }] }, /provider/);
});

const installed = existsSync("node_modules/@aave-dao/aave-address-book/package.json");

test("A provider may be named as Aave's address book names its market.", { skip: !installed }, () => {
  const read = (provider: string) => {
    const file = join(temporaryFolder(), "plan.json");
    const { keeper, guardian, quorum, timelock } = developmentPlan(SHIPPED);
    writeFileSync(file, JSON.stringify({ keeper, guardian, quorum, timelock, lenders: [{ ...AAVE, provider }] }));
    const [lender] = readPlan(file, SHIPPED).lenders;
    return lender?.kind === "aave-v3" ? lender.provider : null;
  };
  assert.equal(read("AaveV3Ethereum"), AAVE.provider);
  assert.equal(read("AaveV3Base"), "0xe20fCBdBfFC4Dd138cE8b2E6FBb6CB49777ad64D");
  assert.equal(read("AaveV3Arbitrum"), "0xa97684ead0e402dC232d5A977953DF7ECBaB3CDb");
  assert.throws(() => read("AaveV3Nowhere"), { code: "BAD_CONFIG", message: /one of .*AaveV3Base/ });
});

test("The plans that pages show are read: what they leave out, lenders too, is left out or the files'.", () => {
  for (const page of ["deployments/README.md", "deployments/service/REHEARSAL.md"]) {
    const [, shown = ""] = /^```json\n(\{\n {2}"keeper"[\s\S]*?)^```$/m.exec(readFileSync(page, "utf8")) ?? [];
    let count = 16;
    const plan = shown.replaceAll('"0x..."', () => `"0x${"0".repeat(38)}${(count++).toString(16)}"`);
    const file = join(temporaryFolder(), "plan.json");
    writeFileSync(file, plan);
    const { keeper, lenders, markets, sources } = readPlan(file, SHIPPED);
    assert.match(keeper, /^0x0+10$/, page);
    assert.deepEqual(
      [lenders, markets, sources],
      [[], developmentPlan(SHIPPED).markets, developmentPlan(SHIPPED).sources],
    );
  }
});
