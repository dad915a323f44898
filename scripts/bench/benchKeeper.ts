import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { type ChaosWorld, chaosWorld } from "../../test/chaos/support/chaosWorld.ts";
import { withoutRedis } from "../../test/support/redisServer.ts";
import { bookRows } from "./keeper/bookFigures.ts";
import { type KeeperFigures, keeperFigures } from "./keeper/keeperFigures.ts";
import { keeperRows, renderRows } from "./keeper/keeperRows.ts";
import { manyFigures } from "./keeper/manyFigures.ts";
import { manyRows } from "./keeper/manyRows.ts";
import { redisFaults } from "./keeper/redisFaults.ts";

const HELP = `Usage: npm run bench:keeper -- [--runs <number>] [--ticks <number>] [--gwei <number>] [--full] [--skip-redis]
       npm run bench:keeper -- --markets <number>
       npm run bench:keeper -- --book <number>

Measures a keeper as the service starts it, as a process against replica and venue on loopback, and what it needs after
each fault of Redis beside plain BullMQ in the same run. Beside each figure is what bounds it, measured at the same
time. Figures depend on the machine and on what else it does: the load is printed. Marks are those of the design.

  --runs        runs of the keeper; each figure is their median (default 1)
  --ticks       ticks of one second in each run (default 200)
  --gwei        price of gas for the cost of a day (default 20)
  --full        outages of Redis of 45 and 120 s as well
  --skip-redis  the keeper alone
  --markets     instead of all that, one keeper of so many markets: WETH and WBTC against one token after the other, which
                share boards, candles, pools and feeds. One contract holds 512: more, 1024 at most, are spread over two
                chains, which one process runs and for which it reads the venue once
  --book        instead of all that, how a keeper reads the book of a real Aave v3.6 with so many borrowers, on anvil`;

/** What one contract holds (Store.sol). */
const MOST_MARKETS = 512;
/** The chains on which a key may be in the environment, by their ids; undefined: the usual one. */
const CHAINS = [undefined, 1_337] as const;
/** Ticks that send nothing, of a keeper of many markets. */
const QUIET_TICKS = 5;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1" },
    ticks: { type: "string", default: "200" },
    gwei: { type: "string", default: "20" },
    full: { type: "boolean", default: false },
    "skip-redis": { type: "boolean", default: false },
    markets: { type: "string" },
    book: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const [runs, ticks, gwei] = [Number(values.runs), Number(values.ticks), Number(values.gwei)];
const asked = values.markets === undefined ? null : Number(values.markets);
const isCount = asked === null || (Number.isInteger(asked) && asked >= 2 && asked <= CHAINS.length * MOST_MARKETS);
const borrowers = values.book === undefined ? null : Number(values.book);
const isBook = borrowers === null || (Number.isInteger(borrowers) && borrowers >= 1);
const usable =
  isCount && isBook && Number.isInteger(runs) && runs > 0 && Number.isInteger(ticks) && ticks > 0 && gwei >= 0;
if (values.help || !usable) {
  console.log(HELP);
  process.exit(values.help ? 0 : 1);
}
const note = (text: string) => console.error(`  ${text}`);
const load = () =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(" ");

console.log(`node ${process.version}, ${cpus().length} processors, load average before ${load()}`);
if (borrowers !== null) {
  const rows = await bookRows(borrowers, note);
  console.log(`load average after ${load()}\n`);
  for (const line of renderRows(rows)) console.log(line);
  process.exit(0);
}
if (asked !== null) {
  const chains = CHAINS.slice(0, Math.ceil(asked / MOST_MARKETS));
  const worlds: ChaosWorld[] = [];
  for (const chainId of chains) worlds.push(await chaosWorld(chainId));
  const measured = await manyFigures(worlds, asked, QUIET_TICKS).finally(() =>
    Promise.all(worlds.map((one) => one.close())),
  );
  console.log(
    `${asked} markets on ${chains.length} ${chains.length === 1 ? "chain" : "chains"}, load average after ${load()}\n`,
  );
  for (const line of renderRows(manyRows(measured))) console.log(line);
  process.exit(0);
}
const figures: KeeperFigures[] = [];
const world = await chaosWorld();
try {
  for (let run = 1; run <= runs; run++) {
    note(`run ${run} of ${runs}: a keeper of ${ticks} ticks`);
    figures.push(await keeperFigures(world, `bench-${run}`, ticks));
  }
} finally {
  await world.close();
}
console.log(`load average after ${load()}\n`);
for (const line of renderRows(keeperRows(figures, gwei))) console.log(line);
for (const { decision, late, triggerToSent, rss } of figures) {
  const counts = `${decision.count + 1} decisions, ${late.count} ticks timed, ${triggerToSent.count} sends, ${rss.count} samples of its memory`;
  console.log(`  of a run: ${counts}`);
}

const without = values["skip-redis"] ? "asked to" : withoutRedis();
if (without !== false) console.log(`\nRedis faults skipped: ${without}`);
else {
  const seconds = (value: number | null) => (value === null ? "never (20 s)" : `${value.toFixed(1)} s`);
  const results = await redisFaults(values.full, note);
  console.log(
    `\n${"after Redis (no file on disk) is back".padEnd(36)}${"our tick".padStart(14)}${"our job".padStart(14)}${"plain BullMQ".padStart(16)}   mark`,
  );
  for (const { fault, oursTick, oursJob, plain } of results) {
    const met = oursTick !== null && oursTick <= 5 ? "met" : "missed";
    console.log(
      `${fault.padEnd(36)}${seconds(oursTick).padStart(14)}${seconds(oursJob).padStart(14)}${seconds(plain).padStart(16)}   <= 5 s ${met}`,
    );
  }
}
process.exit(0);
