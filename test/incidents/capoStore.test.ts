import assert from "node:assert/strict";
import { before, test } from "node:test";
import { Contract } from "ethers";
import { countLiquidatable } from "./support/book.ts";
import { CAPO, capoAccounts, ERRONEOUS_VALUES } from "./support/capo.ts";
import { type IncidentWorld, incidentWorld } from "./support/incidentWorld.ts";
import { EPOCH, PAIRS } from "./support/terms.ts";

const START = Date.parse(CAPO.incidentDay) / 1000;
const HOUR = 3_600;
const ACCOUNTS = capoAccounts();
const field = (at: number, bits: number) => ({ at: BigInt(at), mask: (1n << BigInt(bits)) - 1n });
const MAINTENANCE = field(0, 13);
const SETTLED = field(205, 25);
const AGE = field(230, 12);
type Field = ReturnType<typeof field>;

const read = (word: bigint, { at, mask }: Field): bigint => (word >> at) & mask;
const put = (word: bigint, { at, mask }: Field, value: bigint): bigint =>
  (word & ~(mask << at)) | ((value & mask) << at);

let world: IncidentWorld;
let broken: Contract;
let genuineCode: string;
let brokenCode: string;

/** A real contract with real state, one hour after its last update, whose code is then the one with the bug. */
before(async () => {
  world = await incidentWorld(START, PAIRS.slice(0, 1));
  await world.send(START + HOUR, [{ group: 0, asOf: START + HOUR, lanes: [ERRONEOUS_VALUES] }]);
  const code = (at: string) => world.provider.request({ method: "eth_getCode", params: [at, "latest"] });
  const packed = 150n | (50n << 12n) | (360n << 24n) | (1_440n << 36n) | (10_000n << 48n);
  const profiles = packed | (packed << 64n) | (packed << 128n) | (packed << 192n);
  const twin = await world.own("IncidentStore", profiles);
  genuineCode = (await code(world.address)) as string;
  brokenCode = (await code(await twin.getAddress())) as string;
  const errors = world.core.interface.fragments.filter((one) => one.type === "error");
  const [signer] = await world.ethers.getSigners();
  broken = new Contract(world.address, [...twin.interface.fragments, ...errors], signer as never);
  await setCode(brokenCode);
  await world.haircuts(START + 2 * HOUR);
});

const setCode = (code: string) => world.provider.request({ method: "hardhat_setCode", params: [world.address, code] });

const wordNow = (): Promise<bigint> => broken.getFunction("word").staticCall(0);

/** A group as a right write of this block would leave it, with these fields changed. */
async function rightWord(...changes: readonly (readonly [Field, bigint])[]): Promise<bigint> {
  const word = await wordNow();
  const minute = BigInt(Math.floor((world.now() - EPOCH) / 60));
  const right = put(put(word, AGE, read(word, AGE) + minute - read(word, SETTLED)), SETTLED, minute);
  return changes.reduce((next, [at, value]) => put(next, at, value), right);
}

/** "stored", or the post-condition's words. */
async function outcomeOf(word: bigint): Promise<string> {
  try {
    await broken.getFunction("storeUnchecked").staticCall(0, word);
    return "stored";
  } catch (error) {
    const data = (error as { data?: string }).data ?? "0x";
    const parsed = data === "0x" ? null : broken.interface.parseError(data);
    return parsed ? `${parsed.name}: ${parsed.args[1]}` : String(error);
  }
}

test("a write past every check may carry maintenance as far as its speed did, and not a basis point further", async () => {
  assert.equal(await outcomeOf(await rightWord([MAINTENANCE, 506n])), "stored");
  const faster = "PostconditionFailed: maintenance rose faster than its speed";
  assert.equal(await outcomeOf(await rightWord([MAINTENANCE, 507n])), faster);
});

test("a limited value stored with an unlimited time is stopped by the post-condition: the incident itself", async () => {
  // Maintenance after the whole way to its target, as if the seven days of CAPO's anchor had passed and not an hour.
  const target = BigInt(ERRONEOUS_VALUES.maintenanceTargetBps);
  const faster = "PostconditionFailed: maintenance rose faster than its speed";
  assert.equal(await outcomeOf(await rightWord([MAINTENANCE, target])), faster);
  // A legal maintenance under a time seven days back: the next read would add seven days of speed to it.
  const week = BigInt(CAPO.anchorAgeDays * 1_440);
  const settled = read(await rightWord(), SETTLED);
  const elsewhen = "PostconditionFailed: not settled to this minute";
  assert.equal(await outcomeOf(await rightWord([SETTLED, settled - week])), elsewhen);
  assert.equal(await outcomeOf(await rightWord([SETTLED, settled + week])), elsewhen);
  const age = read(await rightWord(), AGE);
  assert.equal(await outcomeOf(await rightWord([AGE, age + 1n])), "PostconditionFailed: asOf went back");
});

test("the same word, put into storage from outside, would have liquidated all 34 accounts in that block", async () => {
  const word = await wordNow();
  const changed = await rightWord([MAINTENANCE, BigInt(ERRONEOUS_VALUES.maintenanceTargetBps)]);
  const hex = (value: bigint) => `0x${value.toString(16).padStart(64, "0")}`;
  let slot = 0;
  while (BigInt(await world.ethers.provider.getStorage(world.address, slot)) !== word) slot += 1;
  const store = (value: bigint) =>
    world.provider.request({
      method: "hardhat_setStorageAt",
      params: [world.address, `0x${slot.toString(16)}`, hex(value)],
    });
  await setCode(genuineCode);
  const lost = async () => {
    const [now] = await world.haircuts(world.now() + 1);
    return countLiquidatable(ACCOUNTS, now?.maintenanceBps ?? 0);
  };
  assert.equal(await lost(), 0);
  await store(changed);
  assert.equal(await lost(), 34);
  await store(word);
  await setCode(brokenCode);
});

test("after two days of silence a write past every check may carry maintenance to where silence stopped it, no further", async () => {
  const now = world.now();
  const [silent] = await world.haircuts(now + 2 * 24 * HOUR);
  // 500 bp, then 150 bp a day for the six hours of the ttl: 37.5.
  assert.equal(silent?.maintenanceBps, 537);
  assert.equal(await outcomeOf(await rightWord([MAINTENANCE, 537n])), "stored");
  const faster = "PostconditionFailed: maintenance rose faster than its speed";
  assert.equal(await outcomeOf(await rightWord([MAINTENANCE, 538n])), faster);
});
