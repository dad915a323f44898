import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { PLACES } from "./killedAt.ts";
import { journalFor } from "./submissionWorld.ts";
import { contractHands, hands, type LenderWorld, lenderWorld, openDrive } from "./syncWorld.ts";
import { handsV4, type LenderWorldV4, lenderWorldV4 } from "./syncWorldV4.ts";

const NAMED = [...PLACES, "before it is written how the lenders stand"];
/** Every third kill comes at no named place, within so many milliseconds of the cycle's begin. */
const BLIND_MS = 400;

const script = fileURLToPath(new URL("./killedDrive.ts", import.meta.url));
const run = (args: readonly string[]) =>
  new Promise<string | null>((resolve) => {
    spawn(process.execPath, [script, ...args], { stdio: "ignore" }).on("close", (_code, signal) => resolve(signal));
  });

/** How a lender is looked at while its keeper is killed. */
type Killed = {
  readonly kills: number;
  /** Whether every market has this LTV. */
  arrived(ltvBps: number): Promise<boolean>;
  /** How often something was set, and how often it should have been after so many moves. */
  synced(): Promise<number>;
  after(moves: number): number;
};

async function settlesAll(t: TestContext, world: LenderWorld | LenderWorldV4, killed: Killed): Promise<void> {
  const { kills: KILLS } = killed;
  const { batch, sent } = contractHands(world);
  const { anvil, record, keeper } = world;
  const path = join(temporaryFolder(), "journal.sqlite");
  const args = [path, anvil.url, JSON.stringify(record), keeper.privateKey];
  const deaths = new Map<string, number>();
  let [kills, rounds, moves] = [0, 0, 0];
  const arrived = () => killed.arrived(10_000 - (2_200 + 5 * moves));
  // Where the lender does not begin with the contract's numbers, that is a transaction, too.
  const begins = (await arrived()) ? 0 : 1;
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
  assert.deepEqual([...new Set(states.map(({ state }) => state))], ["AGREES"]);
  assert.ok(await arrived());
  for (const place of NAMED) assert.ok((deaths.get(place) ?? 0) >= KILLS / 20, `${place}: ${deaths.get(place)}`);
  const rows = journal.recentIntents(1_000);
  // One transaction for each move. Nothing was set twice.
  assert.equal(await sent(keeper.address), begins + moves);
  assert.equal(await killed.synced(), killed.after(moves));
  assert.deepEqual([...new Set(rows.map(({ status, kind }) => `${kind} ${status}`))], ["SYNC CONFIRMED"]);
  assert.deepEqual(
    rows.map(({ nonce }) => nonce).toReversed(),
    Array.from({ length: begins + moves }, (_, nonce) => nonce),
  );
  t.diagnostic(`${rounds} cycles, ${moves} moves, killed ${JSON.stringify(Object.fromEntries(deaths))}`);
  journal.close();
}

test("killed 100 times before, while and after it sends, it sets everything once and loses nothing", async (t) => {
  const world = await lenderWorld();
  t.after(() => world.anvil.close());
  const { configuration, synced } = hands(world);
  await settlesAll(t, world, {
    kills: 100,
    async arrived(ltvBps) {
      const [weth, wbtc] = [await configuration("WETH"), await configuration("WBTC")];
      return weth.ltv === ltvBps && wbtc.ltv === ltvBps;
    },
    synced,
    // The LTV at both markets, and with the first the supply caps.
    after: (moves) => 2 * moves + 2,
  });
});

test("killed 20 times at Aave v4, it makes one configuration for each move", async (t) => {
  const world = await lenderWorldV4();
  t.after(() => world.anvil.close());
  const { newest, factorOf } = handsV4(world);
  await settlesAll(t, world, {
    kills: 20,
    arrived: async (ltvBps) => (await factorOf(await newest())) === ltvBps,
    synced: newest,
    after: (moves) => 1 + moves,
  });
});
