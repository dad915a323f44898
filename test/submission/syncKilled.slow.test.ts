import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { PLACES } from "./killedAt.ts";
import { journalFor } from "./submissionWorld.ts";
import { hands, type LenderWorld, lenderWorld, openDrive } from "./syncWorld.ts";

const KILLS = 100;
const NAMED = [...PLACES, "before it is written how the lenders stand"];
/** Every third kill comes at no named place, within so many milliseconds of the cycle's begin. */
const BLIND_MS = 400;

let world: LenderWorld;
before(async () => {
  world = await lenderWorld();
});
after(() => world.anvil.close());

const script = fileURLToPath(new URL("./killedDrive.ts", import.meta.url));
const run = (args: readonly string[]) =>
  new Promise<string | null>((resolve) => {
    spawn(process.execPath, [script, ...args], { stdio: "ignore" }).on("close", (_code, signal) => resolve(signal));
  });

test(`killed ${KILLS} times before, while and after it sends, it sets everything once and loses nothing`, async (t) => {
  const { batch, configuration, sent, synced } = hands(world);
  const { anvil, record, keeper } = world;
  const path = join(temporaryFolder(), "journal.sqlite");
  const args = [path, anvil.url, JSON.stringify(record), keeper.privateKey];
  const deaths = new Map<string, number>();
  let [kills, rounds, moves] = [0, 0, 0];
  const ltv = () => 10_000 - (2_200 + 5 * moves);
  const arrived = async () => {
    const [weth, wbtc] = [await configuration("WETH"), await configuration("WBTC")];
    return weth.ltv === ltv() && wbtc.ltv === ltv();
  };
  while (kills < KILLS) {
    // The numbers move once all is there, so that each cycle has something to do, or to settle.
    if (await arrived()) {
      moves += 1;
      await batch(2_200 + 5 * moves, 1_900);
    }
    const place = rounds % 3 === 2 ? String((rounds * 37) % BLIND_MS) : (NAMED[kills % NAMED.length] ?? "");
    if ((await run([...args, place])) === "SIGKILL") {
      kills += 1;
      const kind = rounds % 3 === 2 ? "anywhere" : place;
      deaths.set(kind, (deaths.get(kind) ?? 0) + 1);
    }
    rounds += 1;
    assert.ok(rounds < 2 * KILLS, "most cycles are killed");
  }
  const journal = journalFor(record.contract.address, path);
  const last = openDrive(world, journal);
  await last.tick();
  const states = await last.tick();
  assert.deepEqual(
    states.map(({ state }) => state),
    ["AGREES", "AGREES"],
  );
  assert.ok(await arrived());
  for (const place of NAMED) assert.ok((deaths.get(place) ?? 0) >= KILLS / 20, `${place}: ${deaths.get(place)}`);
  // One transaction for each move: it set the LTV at both markets, the first the supply caps too. Nothing was set twice.
  assert.equal(await sent(keeper.address), moves);
  assert.equal(await synced(), 2 * moves + 2);
  const rows = journal.recentIntents(1_000);
  assert.deepEqual([...new Set(rows.map(({ status, kind }) => `${kind} ${status}`))], ["SYNC CONFIRMED"]);
  assert.deepEqual(
    rows.map(({ nonce }) => nonce).toReversed(),
    Array.from({ length: moves }, (_, nonce) => nonce),
  );
  t.diagnostic(`${rounds} cycles, ${moves} moves, killed ${JSON.stringify(Object.fromEntries(deaths))}`);
  journal.close();
});
