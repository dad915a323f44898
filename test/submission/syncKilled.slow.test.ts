import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { journalFor } from "./submissionWorld.ts";
import { hands, type LenderWorld, lenderWorld, openDrive } from "./syncWorld.ts";

const KILLS = 100;

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

test(`killed ${KILLS} times while it brings lenders up, it never sets anything twice and loses nothing`, async (t) => {
  const { batch, configuration, sent, synced } = hands(world);
  const { anvil, record, keeper } = world;
  const path = join(temporaryFolder(), "journal.sqlite");
  const args = [path, anvil.url, JSON.stringify(record), keeper.privateKey];
  let [kills, round, midway] = [0, 0, 0];
  while (kills < KILLS) {
    // Every tenth time the numbers move: what is due is killed in its middle again and again.
    if (round % 10 === 0) await batch(2_210 + round, 1_900);
    const before = await sent(keeper.address);
    if ((await run([...args, String((round * 370) % 2_500)])) === "SIGKILL") kills += 1;
    if ((await sent(keeper.address)) > before) midway += 1;
    round += 1;
    assert.ok(round < 4 * KILLS, "most cycles are killed");
  }
  const journal = journalFor(record.contract.address, path);
  const last = openDrive(world, journal);
  const states = await last.tick();
  assert.deepEqual(
    states.map(({ state }) => state),
    ["AGREES", "AGREES"],
  );
  await last.tick();
  const moves = Math.ceil(round / 10);
  assert.equal((await configuration("WETH")).ltv, 10_000 - (2_210 + 10 * (moves - 1)));
  // One event for each LTV and market at most, and one for each supply cap: nothing was set twice.
  const transactions = await sent(keeper.address);
  assert.ok(transactions <= moves, `${transactions} transactions for ${moves} moves`);
  assert.equal(
    await synced(),
    2 * transactions + 2,
    "each of them set something at both markets, the first the caps too",
  );
  const rows = journal.recentIntents(1_000);
  assert.deepEqual([...new Set(rows.map(({ status, kind }) => `${kind} ${status}`))], ["SYNC CONFIRMED"]);
  assert.deepEqual(
    rows.map(({ nonce }) => nonce).toReversed(),
    Array.from({ length: transactions }, (_, nonce) => nonce),
  );
  t.diagnostic(
    `${round} cycles, ${kills} killed, ${midway} of them after they had sent, ${transactions} transactions for ${moves} moves`,
  );
  journal.close();
});
