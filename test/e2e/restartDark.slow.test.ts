import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { deadAddress } from "../support/loopback.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;
const TO = Date.UTC(2026, 1, 8) / 1000;

/** Each command is a process of its own: what it knows of before, it finds in the keeper's folder. */
describe("a keeper that is started anew while its venue is silent", () => {
  let world: KeeperWorld;
  let dead = "";
  before(async () => {
    dead = await deadAddress();
    const [first = 0] = openReplaySource().source.instants(FROM, TO);
    world = await keeperWorld(first);
  });
  after(() => world?.close());

  const initials = async () => (await world.chain()).markets.map(({ initialBps }) => initialBps);
  const restart = () => world.tonsor("once --json", { VENUE_URLS: `deribit=${dead}` });

  it("goes on from the candles that it had, and tightens only by what the loss of the options costs", async () => {
    assert.equal((await world.tonsor("once --json")).code, 0);
    const stood = await initials();
    await world.passTo((await world.chain()).blockTime + 600);
    const { code, out, err } = await restart();
    assert.equal(code, 0, err);
    const { decisions } = JSON.parse(out) as { decisions: readonly { confidence: number }[] };
    for (const { confidence } of decisions) assert.ok(confidence < 0.8, "the venue is silent");
    for (const [i, bps] of (await initials()).entries()) {
      const before = stood[i] ?? 0;
      assert.ok(bps >= before && bps < before + 500, `${before} -> ${bps}`);
    }
  });

  it("knows nothing without them, and raises both to what an unknown volatility asks for", async () => {
    const stood = await initials();
    rmSync(join(world.state, "series"), { recursive: true });
    await world.passTo((await world.chain()).blockTime + 600);
    assert.equal((await restart()).code, 0);
    for (const [i, bps] of (await initials()).entries())
      assert.ok(bps > (stood[i] ?? 0) + 300, `${stood[i]} -> ${bps}`);
  });
});
