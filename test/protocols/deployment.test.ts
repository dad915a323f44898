import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { limitOf } from "../../keeper/domain/contract.ts";
import { USD } from "../../keeper/markets/limits.ts";
import { deploymentSchema, parseDeployment } from "../../keeper/protocols/deployment.ts";
import { readDeployment } from "../../keeper/protocols/readDeployment.ts";
import { addressesOf } from "../../scripts/packages/client/addresses.ts";
import { DEPLOYED } from "../../scripts/packages/client/deployed.ts";
import { CALM_LIMITS } from "../support/onChain.ts";

const A = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2";
const place = {
  address: A,
  transaction: `0x${"a".repeat(64)}`,
  block: 1,
  bytecodeHash: `0x${"b".repeat(64)}`,
  constructorArguments: "0x00",
};
const feeds = { first: A, second: USD, maxDivergenceBps: 0, maxMoveBps: 1000, firstMaxAge: 4500, secondMaxAge: 0 };
const bounds = { limit: limitOf(12_000), lowestLimit: limitOf(1_200), highestLimit: limitOf(36_000) };
const listed = { collateral: A, debt: USD, classId: 0, initialBps: 2200, maintenanceBps: 1900, feeds, ...bounds };
const span = { hours: 1, loosenedBps: 100, raisedNotches: 144, maintenanceUpBps: 7, maintenanceDownBps: 5 };
const world = () => ({
  chainId: 1,
  contract: { ...place },
  timelock: { ...place, delaySeconds: 172_800, proposers: [A], executors: [A] },
  gateways: {
    quorum: { ...place, threshold: 2, signers: [A, USD] },
    challenge: { ...place, dailyLimit: 3 },
    listing: { ...place },
  },
  deployer: A,
  accounts: [
    { account: A, power: "HOT", aggregateBps: 100, tripBps: 200 },
    { account: USD, power: "GUARDIAN", aggregateBps: 0, tripBps: 0 },
  ],
  classes: [{ id: 0, name: "major", limits: CALM_LIMITS }],
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

test("The client's package takes from it the addresses and markets, and ships those of every public chain.", () => {
  const found = addressesOf({ ...world(), gateways: { ...world().gateways, quorum: null } });
  assert.deepEqual(found.markets, [{ id: 1, name: "WETH", collateral: A, debt: USD }]);
  assert.deepEqual([found.chainId, found.parameters, found.quorum, found.challenge], [1, A, null, A]);
  assert.throws(() => addressesOf({ ...world(), markets: [] }), { code: "BAD_FILE", message: /markets: / });
  const folder = new URL("../../deployments/", import.meta.url);
  const names = readdirSync(folder).filter((name) => /^\d+\.json$/.test(name) && name !== "31337.json");
  const records = names.map((name) => addressesOf(JSON.parse(readFileSync(new URL(name, folder), "utf8"))));
  assert.deepEqual(DEPLOYED, Object.fromEntries(records.map((one) => [one.chainId, one])), "npm run generate");
});

test("A record may name lenders: an Aave pool with its agent or without, a Morpho market; nothing else.", () => {
  const aave = {
    kind: "aave-v3",
    name: "Aave",
    fromBlock: 1,
    provider: A,
    pool: USD,
    markets: [1],
    agent: { ...place },
  };
  const morpho = {
    kind: "morpho-blue",
    name: "Morpho",
    fromBlock: 0,
    morpho: A,
    marketId: place.transaction,
    market: 1,
  };
  const record = { ...world(), lenders: [aave, { ...aave, agent: null }, morpho] };
  assert.deepEqual(parseDeployment(record), record);
  for (const wrong of [
    { ...aave, markets: [] },
    { ...aave, agent: A },
    { ...morpho, pool: A },
    { ...aave, kind: "euler" },
  ]) {
    assert.throws(() => parseDeployment({ ...world(), lenders: [wrong] }), { message: /lenders\.0/ });
  }
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

test("A problem names path, what was expected and what is there, or that nothing is.", () => {
  const [one] = world().classes;
  const { ttlHours: _, ...rest } = CALM_LIMITS;
  const text = (change: object) => {
    try {
      return String(parseDeployment({ ...world(), ...change }).chainId);
    } catch (error) {
      return (error as Error).message;
    }
  };
  const hours = "classes.0.limits.ttlHours: ";
  const limits = (of: object) => text({ classes: [{ ...one, limits: of }] });
  assert.match(limits({ ...rest, ttlHours: 64 }), new RegExp(`${hours}Too big: expected number to be <=63, given 64$`));
  assert.match(limits(rest), new RegExp(`${hours}Invalid input: expected number, received undefined, given nothing$`));
  assert.match(text({ deployer: "0xabc" }), /deployer: an address with its checksum, given "0xabc"$/);
  assert.match(text({ classes: [null] }), /classes\.0: .*, given null$/);
  assert.match(text({ limit: 1 }), /file: Unrecognized key: "limit"$/);
});

test("An address with a wrong checksum is refused: it was mistyped.", () => {
  const wrong = A.replace("C02", "c02");
  assert.throws(() => parseDeployment({ ...world(), deployer: wrong }), { message: /deployer: an address/ });
});

test("What the contract's words cannot hold is refused, and an account without a power is none.", () => {
  const [market] = world().markets;
  const [one] = world().classes;
  for (const [change, path] of [
    [{ markets: [{ ...market, id: 4_096 }] }, "markets.0.id"],
    [{ markets: [{ ...market, limit: 65_536 }] }, "markets.0.limit"],
    [{ classes: [{ ...one, id: 64 }] }, "classes.0.id"],
    [{ classes: [{ ...one, limits: { ...CALM_LIMITS, ttlHours: 64 } }] }, "classes.0.limits.ttlHours"],
    [{ accounts: [{ account: A, power: "NONE", aggregateBps: 0, tripBps: 0 }] }, "accounts.0.power"],
    [{ accounts: [] }, "accounts"],
  ] as const) {
    assert.throws(() => parseDeployment({ ...world(), ...change }), { message: new RegExp(`${path}: `) }, path);
  }
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

test("A deployment may have no signer quorum, and a market no feeds.", () => {
  const bare = { ...world(), gateways: { ...world().gateways, quorum: null } };
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
