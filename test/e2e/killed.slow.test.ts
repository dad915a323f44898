import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { shortHash } from "../../keeper/domain/format.ts";
import { developmentPlan } from "../../scripts/deploy/plan.ts";
import { onChainMarket } from "../../scripts/lab/contractModel/read.ts";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { SHIPPED } from "../support/shipped.ts";
import { killedStory, type Story } from "./killedStory.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
const TO = Date.UTC(2026, 1, 12) / 1000;
/** Points below what the model asks of WETH on any data: at ten basis points a day the ramp ends long after the story. */
const LISTED_MAINTENANCE_BPS = 1_000;

/** The story is lived once; every test below asks a question about it. */
describe("a keeper killed half-way through the crash", () => {
  let world: KeeperWorld;
  let story: Story;

  before(async () => {
    const instants = openReplaySource().source.instants(FROM, TO);
    const plan = developmentPlan(SHIPPED);
    const markets = plan.markets.map((market) =>
      market.name === "WETH" ? { ...market, maintenanceBps: LISTED_MAINTENANCE_BPS } : market,
    );
    world = await keeperWorld(instants[0] ?? 0, { ...plan, markets });
    story = await killedStory(world, instants);
  });
  after(() => world?.close());

  const atHours = (hours: number) => {
    const look = story.looks.find((one) => one.hours === hours);
    assert.ok(look !== undefined);
    return look.weth;
  };

  it("dies with its transaction on chain and not settled in its journal", () => {
    assert.equal(story.killed.ended.code, null);
    assert.deepEqual(
      story.killed.open.map((intent) => intent.batch.sequence),
      [BigInt(story.killed.sequence)],
    );
  });

  it("dies with a ramp under way that the ttl cuts short", () => {
    const { maintenanceBps, maintenanceTargetBps, limits } = atHours(0);
    const beyond = maintenanceTargetBps - maintenanceBps - limits.tightenSpeedBpsPer30Days / 30;
    assert.ok(beyond > 50, `${maintenanceBps} bp on the way to ${maintenanceTargetBps} bp`);
  });

  it("lets maintenance finish its way to the ttl, and stand still from there on", () => {
    const { ttlHours, tightenSpeedBpsPer30Days } = atHours(0).limits;
    assert.equal(ttlHours, 24);
    const moved = atHours(24).maintenanceBps - atHours(0).maintenanceBps;
    assert.ok(moved > 0 && moved <= tightenSpeedBpsPer30Days / 30 + 1, `${moved} bp in the first 24 h`);
    for (const { hours, weth } of story.looks.filter((one) => one.hours >= 24)) {
      assert.equal(weth.maintenanceBps, atHours(24).maintenanceBps, `after ${hours} h`);
    }
  });

  it("tightens initial in a straight line from the ttl to its cap, and keeps it there", () => {
    const { storedInitialBps: stored, limits } = atHours(0);
    const rise = limits.staleInitialCapBps - stored;
    const expected: readonly (readonly [number, number])[] = [
      [6, stored],
      [24, stored],
      [30, stored + Math.ceil(rise / 4)],
      [36, stored + Math.ceil(rise / 2)],
      [48, limits.staleInitialCapBps],
      [72, limits.staleInitialCapBps],
    ];
    for (const [hours, bps] of expected) assert.equal(atHours(hours).initialBps, bps, `after ${hours} h`);
  });

  it("makes no position liquidatable, at the edge of initial or right before the end of the ramp", () => {
    for (const { hours, liquidatable } of story.looks) {
      assert.deepEqual(liquidatable, [false, false, false, false], `after ${hours} h`);
    }
  });

  it("has positions that would show a ramp going further: two basis points nearer, and the running ramp takes it", () => {
    assert.deepEqual(story.inTheRampsWay, [false, true]);
  });

  it("sends exactly one catch-up after the restart, and holds from there on", () => {
    const { before, after } = story.back;
    assert.equal(after.writer.sequence, before.writer.sequence + 1);
    const [first, ...rest] = story.cycles;
    for (const { market, action, reasons, transaction } of first?.decisions ?? []) {
      assert.equal(action, "submit", market);
      assert.ok(reasons.includes("CATCH_UP"), `${market}: ${reasons}`);
      assert.equal(transaction?.status, "CONFIRMED");
    }
    assert.ok(rest.length >= 3);
    const later = rest.flatMap((cycle) => cycle.decisions);
    assert.deepEqual([...new Set(later.map((decision) => decision.action))], ["hold"]);
    const caughtUp = story.ticks.filter((tick) =>
      tick.markets.some((market) => market.assessment?.decision.reasons.includes("CATCH_UP") === true),
    );
    assert.equal(caughtUp.length, 1, "one tick of the journal gives CATCH_UP as a reason");
  });

  it("reopens the market with that one transaction and makes nobody liquidatable by it", () => {
    const [market] = story.back.after.markets;
    assert.ok(market !== undefined && market.initialBps < market.limits.staleInitialCapBps);
    assert.equal(market.initialBps, market.storedInitialBps);
    assert.deepEqual(story.liquidatable.after, story.liquidatable.before);
  });

  it("settles what it left unclear: every transaction of the journal is confirmed", () => {
    assert.ok(story.intents.length >= 4, `${story.intents.length} transactions`);
    assert.deepEqual([...new Set(story.intents.map((intent) => intent.status))], ["CONFIRMED"]);
  });

  it("keeps journal, events and state in agreement", () => {
    const { intents, applied, rebuilt, back } = story;
    assert.deepEqual(
      applied.map((batch) => [batch.sequence, batch.transactionHash, batch.evidence, batch.entries]),
      intents.map(({ batch, transactionHash }) => [batch.sequence, transactionHash, batch.evidence, batch.entries]),
    );
    for (const market of back.after.markets) {
      assert.deepEqual(onChainMarket(rebuilt, market.marketId, back.after.blockTime, market.writer.account), market);
    }
  });

  it("ends the second keeper on Ctrl-C with exit code 0", () => {
    assert.equal(story.back.ended.code, 0, story.back.ended.err);
  });

  it("verifies every transaction from the command line", async () => {
    for (const { transactionHash } of story.intents) {
      const { code, out } = await world.tonsor(`verify ${transactionHash}`);
      assert.equal(code, 0, out);
      assert.match(out, /^verified: the stored evidence gives the same basis points/);
    }
  });

  const withEvidence = async (change: (file: string, bytes: Buffer) => void): ReturnType<KeeperWorld["tonsor"]> => {
    const intent = story.intents.at(-1);
    assert.ok(intent !== undefined);
    const file = join(world.state, "evidence", `${intent.batch.evidence}.json.gz`);
    const bytes = readFileSync(file);
    try {
      change(file, bytes);
      return await world.tonsor(`verify ${shortHash(intent.transactionHash)}`);
    } finally {
      writeFileSync(file, bytes);
    }
  };

  it("does not verify when one byte of the evidence differs, and says what does", async () => {
    const { code, out } = await withEvidence((file, bytes) => {
      const text = gunzipSync(bytes).toString("utf8");
      const at = text.search(/"initialBps":\d/) + '"initialBps":'.length;
      const other = text[at] === "1" ? "2" : "1";
      writeFileSync(file, gzipSync(text.slice(0, at) + other + text.slice(at + 1)));
    });
    assert.equal(code, 1);
    assert.match(
      out,
      /NOT verified\n\s+the evidence was changed: it hashes to\s+0x[0-9a-f]{64}, the event on\s+chain says\s+0x[0-9a-f]{64}\n/,
    );
  });

  it("does not verify when one byte of the file itself differs", async () => {
    const { code, out } = await withEvidence((file, bytes) => {
      const half = bytes.length >> 1;
      writeFileSync(
        file,
        Buffer.concat([bytes.subarray(0, half), Buffer.of((bytes[half] ?? 0) ^ 1), bytes.subarray(half + 1)]),
      );
    });
    assert.equal(code, 1);
    assert.match(out, /NOT verified\n\s+(the evidence was changed|evidence 0x[0-9a-f]{64} cannot be unpacked)/);
  });

  it("says EVIDENCE_MISSING and where to fetch it when the file is gone", async () => {
    const { code, out, err } = await withEvidence((file) => renameSync(file, `${file}.away`));
    assert.equal(code, 1);
    assert.equal(out, "");
    assert.match(err, /^error EVIDENCE_MISSING: no evidence 0x[0-9a-f]{64}\n/);
    assert.match(err, /Name a keeper that has it: `tonsor verify <tx> --evidence/);
  });
});
