import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { type EncodeFunctionDataParameters, encodeFunctionData } from "viem";
import { HOUR_SECONDS, minuteOf, timeOf, windowOf } from "../../keeper/domain/calendar.ts";
import {
  type ContractLimits,
  type Entry,
  type Hex,
  limitOf,
  NEVER_LAPSES,
  POWERS,
} from "../../keeper/domain/contract.ts";
import { limitsProblem, lowestMaintenance } from "../../keeper/policy/limitsCheck.ts";
import { COLLATERAL_PARAMETERS_ABI as abi } from "../../keeper/protocols/abi.ts";
import { encodeBatch } from "../../keeper/protocols/collateralParameters.ts";
import { onChain } from "../../keeper/protocols/onChain.ts";
import { storedAccountOf, storedClassOf, storedMarketOf } from "../../keeper/protocols/words.ts";
import { CALM_LIMIT } from "../support/entries.ts";
import { accountSetting, createOwn, creator } from "../support/parameters.ts";
import { batchFor, type ContractWorld, call, contractWorld, LIMITS, pass, setBudget } from "./contractWorld.ts";

let world: ContractWorld;
before(async () => {
  world = await contractWorld();
});
after(() => world.anvil.close());

type Call = EncodeFunctionDataParameters<typeof abi>;
const as = async (by: "governance" | "guardian" | "trader", request: Omit<Call, "abi">): Promise<number> => {
  await call(world, world.accounts[by].address, encodeFunctionData({ abi, ...request } as Call));
  return now();
};
const now = async () => Number((await world.client.getBlock()).timestamp);
const publish = async (changes: readonly Partial<Entry>[]): Promise<number> => {
  await call(world, world.accounts.keeper.address, encodeBatch(await batchFor(world, changes)));
  return now();
};
const at = () => ({ address: world.contract, abi }) as const;
const market = async (id: number) => {
  const [word] = await world.client.readContract({ ...at(), functionName: "storedMarket", args: [id] });
  return storedMarketOf(word);
};
const account = async (of: Hex) =>
  storedAccountOf(await world.client.readContract({ ...at(), functionName: "storedWriter", args: [of] }));
const riskClass = async (id: number) =>
  storedClassOf(await world.client.readContract({ ...at(), functionName: "storedClass", args: [id] }));
const minute = (time: number) => timeOf(minuteOf(time));
/** The end of the hours that a guardian's or a challenge's act lasts, counted in whole hours. */
const lapse = (time: number, hours: number) => timeOf((Math.floor(minuteOf(time) / 60) + hours) * 60);

/** Any limits that the contract takes, every field with a value of its own. */
const legal: fc.Arbitrary<ContractLimits> = fc
  .record({
    minGapBps: fc.integer({ min: 1, max: 1_500 }),
    liquidationBonusBps: fc.integer({ min: 0, max: 3_000 }),
    spare: fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 12, maxLength: 12 }),
    ttlHours: fc.integer({ min: 1, max: 63 }),
    decayHours: fc.integer({ min: 1, max: 63 }),
  })
  .map(({ spare, ...fixed }) => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0] = spare;
    const minMaintenanceBps = lowestMaintenance(fixed.liquidationBonusBps) + a;
    const maxMaintenanceBps = minMaintenanceBps + 10 * b;
    const maxInitialBps = Math.min(10_000, maxMaintenanceBps + fixed.minGapBps + c);
    return {
      ...fixed,
      ...{ minInitialBps: Math.max(1, maxInitialBps - 4 * d), maxInitialBps },
      ...{ minMaintenanceBps, maxMaintenanceBps: Math.min(maxMaintenanceBps, maxInitialBps - fixed.minGapBps) },
      tightenSpeedBpsPer30Days: Math.min(fixed.minGapBps, 3 * e),
      loosenSpeedBpsPer30Days: 8 * f,
      staleInitialCapBps: Math.min(10_000, maxInitialBps + g),
      maxAgeMinutes: Math.min(fixed.ttlHours * 60, 1 + 7 * h),
      ...{ hotStepBps: 4 * i, quorumStepBps: 4 * i + j, hotBudgetBps: i >> 2, quorumBudgetBps: (i >> 2) + (j >> 2) },
      ...{ hotRaiseStep: 3 * k, quorumRaiseStep: 3 * k + l, hotRaiseBudget: 2 * l, quorumRaiseBudget: 2 * l + k },
    };
  });

test("every limit of a class is read back as governance set it, and the end of a guardian's hold", async () => {
  const sets = fc.sample(legal, { numRuns: 24, seed: 7 });
  for (const [n, limits] of sets.entries()) {
    assert.equal(limitsProblem(limits), null, JSON.stringify(limits));
    const args = [40 + n, struct(limits)] as const;
    await as("governance", { functionName: "setLimits", args });
    assert.deepEqual(await riskClass(40 + n), { limits, heldUntil: 0 });
  }
  const time = await as("guardian", { functionName: "holdClass", args: [40] });
  assert.deepEqual(await riskClass(40), { limits: sets[0], heldUntil: lapse(time, 72) });
});

test("what the keeper says that the contract would refuse of limits is what it refuses, with field and values", async () => {
  const field = fc.constantFrom(...(Object.keys(LIMITS) as (keyof ContractLimits)[]));
  const value = fc.oneof(
    fc.integer({ min: 0, max: 64 }),
    fc.integer({ min: 0, max: 10_001 }),
    fc.constantFrom(255, 256, 4_095, 4_096, 8_191, 8_192),
  );
  const illegal = fc.tuple(legal, field, value).map(([limits, name, wrong]) => ({ ...limits, [name]: wrong }));
  // Each field by itself below and above everything that it could be, too.
  const [calm] = fc.sample(legal, { numRuns: 1, seed: 7 });
  const ends = (Object.keys(LIMITS) as (keyof ContractLimits)[]).flatMap((name) =>
    [0, 10_001].map((wrong) => ({ ...(calm as ContractLimits), [name]: wrong })),
  );
  let refused = 0;
  for (const limits of [...fc.sample(illegal, { numRuns: 120, seed: 11 }), ...ends]) {
    const args = [63, struct(limits)] as const;
    const call = { ...at(), functionName: "setLimits", args, account: world.accounts.governance.address } as const;
    const said = await onChain(world.client, () => world.client.simulateContract(call)).then(
      () => null,
      (error: Error) => error.message,
    );
    const problem = limitsProblem(limits);
    const expected = problem && `BadLimits(${problem.what}, ${problem.given}, ${problem.allowed})`;
    assert.equal(said, expected, JSON.stringify(limits));
    refused += Number(said !== null);
  }
  assert.ok(refused > 60 && refused < 150, `${refused} of ${120 + ends.length} were refused`);
});

test("every field of an account is read back: power and budgets as admitted, numbers and sums as written", async () => {
  const { trader, keeper } = world.accounts;
  for (const [n, power] of POWERS.entries()) {
    const [aggregateBps, tripBps] = [0xff_ffff - n, 0x10_0000 + n];
    const args = [accountSetting(trader.address, power, aggregateBps, tripBps)] as const;
    await as("governance", { functionName: "admit", args });
    assert.deepEqual(await account(trader.address), {
      ...{ power, sequence: 0, window: 0, spentBps: 0, refusedBps: 0, aggregateBps, tripBps },
      ...{ tightenOnly: false, haltedUntil: 0 },
    });
  }
  await setBudget(world, 40, 70);
  await publish([{ initialBps: 2_300 }, { initialBps: 2_300 }]);
  await pass(world, 600);
  // Of 30 and 25 the second is more than what is left: refused, and counted as asked for, of numbers that stood for ten minutes.
  const time = await publish([{ initialBps: 2_270 }, { initialBps: 2_275 }]);
  const spent = { window: windowOf(time), spentBps: 30, refusedBps: 25, aggregateBps: 40, tripBps: 70 };
  const sent = { power: "HOT", sequence: 2, ...spent };
  assert.deepEqual(await account(keeper.address), { ...sent, tightenOnly: false, haltedUntil: 0 });
  await pass(world, 60);
  await publish([{ initialBps: 2_300 }, { initialBps: 2_280 }]);
  const tripped = { ...sent, sequence: 3, refusedBps: 45, tightenOnly: true, haltedUntil: 0 };
  assert.deepEqual(await account(keeper.address), tripped);
  const halt = await as("guardian", { functionName: "haltWriter", args: [keeper.address] });
  assert.deepEqual(await account(keeper.address), { ...tripped, haltedUntil: lapse(halt, 72) });
  // Admitting it anew ends both; its number stays.
  await setBudget(world, 500);
  const { sequence, haltedUntil, tightenOnly } = await account(keeper.address);
  assert.deepEqual([sequence, haltedUntil, tightenOnly], [3, 0, false]);
});

test("every field of a market is read back, through updates, a move to another class, a probe and a challenge", async () => {
  const { trader } = world.accounts;
  await as("governance", { functionName: "admit", args: [accountSetting(trader.address, "CHALLENGER")] });
  const limits = { ...LIMITS, tightenSpeedBpsPer30Days: 288, loosenSpeedBpsPer30Days: 2_880, ttlHours: 2 };
  await as("governance", { functionName: "setLimits", args: [33, struct(limits)] });
  const probe = await createOwn(creator(world.node, trader.address), "test/mocks/MockERC20", ["Probe", "P", 18]);
  const [lowestLimit, highestLimit] = [limitOf(700), limitOf(70_000)];
  const setting = { classId: 33, lowestLimit, highestLimit, probe };
  await as("governance", { functionName: "changeMarket", args: [1, setting] });

  await pass(world, 60);
  const values = {
    generation: 17,
    initialBps: 2_400,
    maintenanceTargetBps: 2_000,
    confidence: 21,
    sources: 0b10000110001,
  };
  const first = await publish([{ ...values, limit: CALM_LIMIT - 100 }]);
  const started = await market(1);
  // At 288 bp in 30 days maintenance ticks every 150 minutes.
  await pass(world, 110 * 60);
  const asOf = minute(await now()) - 7 * 60;
  const second = await publish([{ ...values, limit: CALM_LIMIT - 70, asOf }]);
  await pass(world, 5 * 60);
  const third = await publish([{ ...values, limit: CALM_LIMIT - 70, asOf: asOf + 60 }]);
  assert.equal(windowOf(second), windowOf(third), "the budgets are those of one window");
  const ticks = Math.floor((288 * minuteOf(third)) / 43_200) - Math.floor((288 * minuteOf(first)) / 43_200);
  assert.equal(ticks, 1, "maintenance has moved");
  const challenge = await as("trader", { functionName: "setMode", args: [1, 1] });
  const settled = minute(third) === minute(challenge) ? third : challenge;
  assert.deepEqual(await market(1), {
    ...{ maintenanceTargetBps: 2_000, initialBps: 2_400, limit: CALM_LIMIT - 70, challenged: true, probed: true },
    ...{ confidence: 21, sources: 0b10000110001, maintenanceBps: started.maintenanceBps + 1 },
    // What the test before has loosened, in the same window.
    ...{ settled: minute(settled), asOf: asOf + 60, spentBps: 30, raised: 30 },
    unchangedMinutes: minuteOf(settled) - minuteOf(second),
    ...{ tightenSpeedBpsPer30Days: 288, loosenSpeedBpsPer30Days: 2_880, ttlHours: 2, lowestLimit, highestLimit },
    ...{ heldUntil: 0, mode: "NO_NEW_RISK", modeUntil: lapse(challenge, 6), classId: 33, generation: 17 },
  });
});

test("a market's loosening, governance's hold and modes that do not lapse are read back, and its end", async () => {
  await pass(world, 8 * HOUR_SECONDS);
  await publish([{}, { initialBps: 2_300 }]);
  await pass(world, 60);
  await publish([{}, { initialBps: 2_277, limit: CALM_LIMIT + 12 }]);
  const { spentBps, raised, challenged, probed, heldUntil } = await market(2);
  assert.deepEqual([spentBps, raised, challenged, probed, heldUntil], [23, 12, false, false, 0]);

  const until = (await now()) + 5 * HOUR_SECONDS;
  const values = { marketId: 2, initialBps: 2_600, maintenanceTargetBps: 2_100, limit: limitOf(5_000), until };
  await as("governance", { functionName: "setManually", args: [[values]] });
  const held = await market(2);
  assert.deepEqual([held.initialBps, held.maintenanceTargetBps, held.limit], [2_600, 2_100, limitOf(5_000)]);
  assert.equal(held.heldUntil, lapse(until, 1), "to the end of that hour");
  await as("governance", { functionName: "setMode", args: [2, 2] });
  const frozen = await market(2);
  assert.deepEqual([frozen.mode, frozen.modeUntil], ["FROZEN", NEVER_LAPSES]);
  assert.equal(frozen.generation, 16);
  await as("governance", { functionName: "delistMarket", args: [2] });
  const ended = await market(2);
  assert.deepEqual([ended.generation, ended.mode, ended.modeUntil], [0, "NO_NEW_RISK", NEVER_LAPSES]);
});

test("an id never listed, a class never defined and an account never admitted are nothing", async () => {
  assert.equal((await market(3)).initialBps, 0);
  assert.equal((await riskClass(39)).limits.minInitialBps, 0);
  assert.equal((await account(`0x${"12".repeat(20)}`)).power, "NONE");
});

/** Limits as the ABI takes them. */
function struct(limits: ContractLimits) {
  const entries = Object.entries(limits).map(([name, value]) => [name, BigInt(value)]);
  return Object.fromEntries(entries) as Record<keyof ContractLimits, bigint>;
}
