import { parseArgs } from "node:util";
import { chaosWorld } from "../test/chaos/support/chaosWorld.ts";
import { withoutRedis } from "../test/support/redisServer.ts";
import { keeperFigures, tickJitter } from "./keeperBench/keeperFigures.ts";
import { redisFaults } from "./keeperBench/redisFaults.ts";

const HELP = `Usage: npm run bench:keeper -- [--full] [--skip-redis]

Measures a keeper as a process against replica and venue on loopback, and what it needs after each fault of Redis beside
plain BullMQ in the same run. Figures depend on the machine; marks are those of the design.

  --full        outages of 45 and 120 s as well
  --skip-redis  the keeper alone`;

/** Heartbeats of six hours and one move a day on top. */
const UPDATES_A_DAY = 5;
const GWEI = 20;

const { values } = parseArgs({
  options: {
    full: { type: "boolean", default: false },
    "skip-redis": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const note = (text: string) => console.error(`  ${text}`);
const row = (what: string, value: string, mark: string, met: boolean | null) =>
  console.log(
    `${what.padEnd(46)}${value.padStart(14)}   ${mark.padEnd(12)}${met === null ? "" : met ? "met" : "missed"}`,
  );

note("tick jitter");
const jitter = await tickJitter(400);
note("a keeper against the replica");
const world = await chaosWorld();
const figures = await keeperFigures(world).finally(() => world.close());
console.log(`\n${"figure".padEnd(46)}${"measured".padStart(14)}   mark`);
row(
  "decision after data, one market, median",
  `${figures.decision.median.toFixed(1)} ms`,
  "<= 50 ms",
  figures.decision.median <= 50,
);
row(
  "decision after data, one market, worst of 200",
  `${figures.decision.worst.toFixed(1)} ms`,
  "<= 50 ms",
  figures.decision.worst <= 50,
);
row(
  "trigger (tick begins) to sent",
  `${figures.triggerToSent.toFixed(0)} ms`,
  "< 1000 ms",
  figures.triggerToSent < 1_000,
);
row("tick jitter, median", `${jitter.median.toFixed(1)} ms`, "< 20 ms", jitter.median < 20);
row("tick jitter, 99th percentile", `${jitter.p99.toFixed(1)} ms`, "< 20 ms", jitter.p99 < 20);
row("memory of the process (RSS)", `${figures.rssMegabytes.toFixed(0)} MB`, "< 150 MB", figures.rssMegabytes < 150);
row("gas of one update of both markets", String(figures.gas), "", null);
const ether = (figures.gas * UPDATES_A_DAY * GWEI) / 1e9;
row(`cost a day, ${UPDATES_A_DAY} updates at ${GWEI} gwei`, `${ether.toFixed(5)} ETH`, "", null);

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
