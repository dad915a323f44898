import { statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { privateKeyToAccount } from "viem/accounts";
import { openKeeper } from "../../keeper/keeper.ts";
import { monotonicClock } from "../../keeper/runtime/clock.ts";
import { KEEPER_DEFAULTS } from "../../keeper/runtime/configFile.ts";
import { runSchedule } from "../../keeper/runtime/schedule.ts";
import { chaosWorld } from "../../test/chaos/support/chaosWorld.ts";
import { randomStream } from "../lab/replay/generated/random.ts";
import { shippedMarkets } from "../markets.ts";

const HELP = `Usage: npm run soak -- [--ticks <number>] [--every <ms>] [--seed <number>]

Runs the keeper in this process through a day of one-minute ticks, compressed: real replica, venue, contract, journal
and schedule; the clocks move a minute each tick. Reports memory, handles, journal and missed ticks as it goes; Ctrl-C
ends it early with what was measured until then.

  --ticks  ticks to run (default 1440, a day)
  --every  milliseconds from one tick to the next (default 250)
  --seed   which ticks find their venue or node silent for a moment (default 1)`;

const { values } = parseArgs({
  options: {
    ticks: { type: "string", default: "1440" },
    every: { type: "string", default: "250" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const [ticks, everyMs] = [Number(values.ticks), Number(values.every)];
const { uniform } = randomStream(Number(values.seed), "soak");
const world = await chaosWorld();
const clock = { now: world.instant() + 10 };
const keeper = openKeeper({
  ...KEEPER_DEFAULTS,
  nodes: world.replica.url,
  chainId: world.replica.chainId,
  deployment: world.deployment,
  marketFiles: shippedMarkets(),
  venueUrls: { deribit: world.venueUrl },
  state: world.stateOf("soak"),
  account: privateKeyToAccount(world.key),
  // The replica mines at once.
  transactions: { ...KEEPER_DEFAULTS.transactions, pollMilliseconds: 50 },
  now: () => clock.now,
});

type Sample = { readonly tick: number; readonly heap: number; readonly rss: number; readonly handles: number };
const samples: Sample[] = [];
const counts = { done: 0, missed: 0, slow: 0, failed: 0, sent: 0 };
const reasons = new Map<string, number>();
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
const journal = join(world.stateOf("soak"), "journal.sqlite");

function sample(tick: number): void {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const one = { tick, heap: heapUsed / 2 ** 20, rss: rss / 2 ** 20, handles: process.getActiveResourcesInfo().length };
  samples.push(one);
  const size = (statSync(journal).size / 2 ** 20).toFixed(1);
  console.log(
    `tick ${String(tick).padStart(6)}  heap ${one.heap.toFixed(0).padStart(4)} MB  rss ${one.rss.toFixed(0).padStart(4)} MB  ` +
      `handles ${String(one.handles).padStart(3)}  journal ${size.padStart(6)} MB  missed ${counts.missed}  failed ${counts.failed}  sent ${counts.sent}`,
  );
}

async function tick(signal: AbortSignal, number: number): Promise<void> {
  clock.now += 60;
  const next = world.instantAfter(world.instant() + 1);
  if (next > world.instant() && clock.now >= next) {
    await world.goTo(next);
    clock.now = next + 10;
  } else await world.passTo(clock.now - 5);
  // Now and then a cycle is cut short, as by a node that is slow to answer.
  const cut = uniform() < 0.02 ? AbortSignal.any([signal, AbortSignal.timeout(5)]) : signal;
  const report = await keeper.cycle({ dryRun: false, signal: cut });
  counts.done += 1;
  if (report.batch?.status === "CONFIRMED") counts.sent += 1;
  if (number % Math.max(1, Math.floor(ticks / 10)) === 0) sample(number);
}

try {
  await runSchedule(tick, {
    everyMs,
    softTimeoutMs: 20_000,
    hardTimeoutMs: 40_000,
    clock: monotonicClock,
    signal: stop.signal,
    ticks,
    onEvent(event) {
      if (event.kind === "tick") counts.missed += event.skipped;
      if (event.kind === "failed") {
        counts.failed += 1;
        const why = String(event.error).split("\n")[0]?.slice(0, 160) ?? "";
        reasons.set(why, (reasons.get(why) ?? 0) + 1);
      }
      if (event.kind === "softTimeout") counts.slow += 1;
    },
  });
  sample(counts.done);
} finally {
  keeper.close();
  await world.close();
}

// The first tenth warms up: code is compiled and the depth history fills.
const [, first] = samples;
const last = samples.at(-1);
if (first === undefined || last === undefined) throw new Error("too few ticks");
const verdicts = [
  ["ticks that came to their end", `${counts.done} of ${ticks}`, "reported", true],
  ["heap grew by", `${(last.heap - first.heap).toFixed(1)} MB`, "<= 20 MB", last.heap - first.heap <= 20],
  ["handles grew by", String(last.handles - first.handles), "<= 2", last.handles - first.handles <= 2],
  ["slow ticks", String(counts.slow), "0", counts.slow === 0],
  ["missed ticks (the grid is faster than this machine)", String(counts.missed), "reported", true],
] as const;
for (const [why, times] of [...reasons].slice(0, 10)) console.log(`failed ${times} times: ${why}`);
for (const [what, value, mark, met] of verdicts) {
  console.log(`${what.padEnd(54)}${value.padStart(10)}   mark ${mark}   ${met ? "met" : "missed"}`);
}
process.exit(verdicts.every(([, , , met]) => met) ? 0 : 1);
