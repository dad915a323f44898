import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { deploymentSchema, parseDeployment, readDeployment } from "../../keeper/protocols/deployment.ts";

const A = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2";
const USD = "0x0000000000000000000000000000000000000348";
const place = {
  address: A,
  transaction: `0x${"a".repeat(64)}`,
  block: 1,
  bytecodeHash: `0x${"b".repeat(64)}`,
  constructorArguments: "0x00",
};
const limits = {
  minInitialBps: 1000,
  maxInitialBps: 6000,
  minMaintenanceBps: 700,
  maxMaintenanceBps: 5000,
  minGapBps: 300,
  liquidationBonusBps: 500,
  maxLooseningStepBps: 200,
  looseningBudgetBpsPerDay: 200,
  quorumLooseningStepBps: 400,
  quorumLooseningBudgetBpsPerDay: 400,
  maxAgeSeconds: 21_600,
  probed: false,
};
const profile = {
  tightenSpeedBpsPerDay: 150,
  loosenSpeedBpsPerDay: 100,
  ttlSeconds: 86_400,
  decaySeconds: 86_400,
  staleInitialCapBps: 9500,
};
const feeds = { first: A, second: USD, maxDivergenceBps: 0, maxMoveBps: 1000, firstMaxAge: 4500, secondMaxAge: 0 };
const listed = { collateral: A, debt: USD, classId: 0, group: 0, initialBps: 2200, maintenanceBps: 1900, feeds };
const span = { hours: 1, loosenedBps: 100, maintenanceUpBps: 7, maintenanceDownBps: 5 };
const world = () => ({
  chainId: 1,
  contract: { ...place },
  module: { address: A, bytecodeHash: place.bytecodeHash },
  libraries: { LimitsCheck: { ...place } },
  timelock: { ...place, delaySeconds: 172_800, proposers: [A], executors: [A] },
  doors: {
    quorum: { ...place, threshold: 2, signers: [A, USD] },
    challenge: { ...place, dailyLimit: 3 },
    listing: { ...place },
  },
  deployer: A,
  roles: { governance: [A], keeper: [A], quorum: [A], guardian: [A], challenger: [A], lister: [A] },
  aggregate: { hotBps: 100, quorumBps: 200 },
  profiles: [profile],
  sequencer: { feed: A, graceSeconds: 3_600 },
  classes: [{ id: 0, name: "major", limits }],
  markets: [{ id: 1, name: "WETH", ...listed }],
  certificate: {
    classes: [{ id: 0, hotKey: [span], quorum: [span] }],
    allMarkets: [{ hours: 1, hotKeyBps: 100, quorumBps: 200 }],
  },
  sources: { tokens: { WETH: A }, pools: {}, feeds: {} },
  commit: null,
});

test("A complete record passes unchanged.", () => {
  assert.deepEqual(parseDeployment(world()), world());
});

test("Every problem is listed with its path.", () => {
  const bad = { ...world(), chainId: 0, deployer: A.toLowerCase().replace("c", "d") };
  bad.markets = [{ ...bad.markets[0], initialBps: 10_001 } as (typeof bad.markets)[0]];
  assert.throws(() => parseDeployment(bad), {
    name: "TonsorError",
    code: "BAD_FILE",
    message: /chainId: .*markets\.0\.initialBps: /s,
  });
});

test("An address with a wrong checksum is refused: it was mistyped.", () => {
  const wrong = A.replace("C02", "c02");
  assert.throws(() => parseDeployment({ ...world(), deployer: wrong }), { message: /deployer: an address/ });
});

test("An unknown key is refused: it would be believed to do something.", () => {
  assert.throws(() => parseDeployment({ ...world(), limit: 1 }), { message: /limit/ });
});

test("A missing key is refused, whichever it is.", () => {
  for (const key of Object.keys(world())) {
    const { [key]: _, ...rest } = world() as Record<string, unknown>;
    assert.throws(() => parseDeployment(rest), { message: new RegExp(key) }, key);
  }
});

test("A deployment may have neither a module nor a second door nor a sequencer, and a market no feeds.", () => {
  const bare = { ...world(), module: null, sequencer: null, doors: { ...world().doors, quorum: null } };
  bare.markets = [{ ...bare.markets[0], feeds: null } as never];
  assert.deepEqual(parseDeployment(bare), bare);
});

test("A missing file says that nothing is deployed, a damaged one that it is damaged.", () => {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-record-"));
  const file = join(folder, "1.json");
  assert.throws(() => readDeployment(file), { code: "NOT_DEPLOYED" });
  writeFileSync(file, "{");
  assert.throws(() => readDeployment(file), { code: "BAD_FILE", message: /not JSON/ });
  writeFileSync(file, JSON.stringify(world()));
  assert.deepEqual(readDeployment(file), world());
  rmSync(folder, { recursive: true });
});

test("deployments/README.md explains every field.", () => {
  const text = readFileSync(new URL("../../deployments/README.md", import.meta.url), "utf8");
  for (const field of Object.keys(deploymentSchema.shape)) assert.ok(text.includes(`| \`${field}\` |`), field);
});
