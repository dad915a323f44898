import { readFileSync } from "node:fs";
import fc from "fast-check";
import { assess } from "../../../keeper/pipeline.ts";
import { mutatedBody } from "../../conformance/mutatedBody.ts";
import { VENUE_BODIES } from "../../conformance/venueBodies.ts";
import { calmObserved } from "../../support/observations.ts";
import { CALM_LIMITS, calmMarket, NO_HISTORY } from "../../support/onChain.ts";
import { WETH } from "../../support/shipped.ts";
import { TAKEN } from "../../venues/sampleSmile.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { beginAudit } from "../support/audit.ts";
import type { ChaosWorld } from "../support/chaosWorld.ts";
import { httpFaultProxy } from "../support/httpFaultProxy.ts";
import { lookOnce } from "../support/lookOnce.ts";
import { cyclesMore, cyclesOf, stopped } from "../support/running.ts";

const MIB = 1_048_576;
const NOW = TAKEN + 2;

/**
 * Damaged answers of four venues through their own parsers, and what is left of each through the pipeline; then a keeper as a
 * process whose venue damages every answer that it passes on, sends pages of HTML, or 50 MB.
 */
export const mutatedPayloads: ChaosRow = {
  fault: "mutated payloads, 10 000 (NaN, zero, 1e9, percent for fraction, crossed, truncated, HTML, 50 MB)",
  mark: "no out-of-bounds update, bounded memory",
  gate: false,
  async run({ world: open, short, seed, random, note }) {
    const world = await open();
    const findings: Finding[] = parsed(seed, short ? 1_000 : 10_000);
    note("a keeper whose venue lies");
    await world.advance();
    const state = world.stateOf("mutated");
    const first = await lookOnce(world, { TONSOR_STATE: state });
    const audit = await beginAudit(world);
    const proxy = await httpFaultProxy(world.venueUrl);
    let [lies, next] = [0, Math.floor(random() * 1e9)];
    proxy.rule = () => ({
      change(answer) {
        lies += 1;
        next += 1;
        if (lies % 9 === 0) return "<!doctype html><title>502</title>".repeat(50);
        if (lies % 7 === 0) return Buffer.alloc(50_000_000, '{"a":[');
        return fc.sample(mutatedBody(answer), { numRuns: 1, seed: next })[0] ?? "";
      },
    });
    let peakMib = 0;
    try {
      const run = world.start("run --json", { TONSOR_STATE: state, VENUE_URLS: `deribit=${proxy.url}` });
      await run.until(() => cyclesOf(run).length >= 1, "a first cycle");
      for (let step = 0; step < (short ? 1 : 3); step++) {
        await world.advance();
        await cyclesMore(run, 4);
        peakMib = Math.max(peakMib, peakOf(run.pid));
      }
      const ended = await stopped(run);
      const { loosened } = await audit.ledger([state], true);
      findings.push(atMost("process: most memory it ever held, MiB", peakMib, 400));
      findings.push(holds(`process: lived through ${lies} answers`, ended.code === 0, String(ended.code)));
      findings.push(atMost("process: haircuts on chain out of bounds", await outside(world), 0));
      await world.advance();
      const back = await lookOnce(world, { TONSOR_STATE: state });
      const ledger = await audit.ledger([state], first.code === 0 && back.code === 0);
      return { ledger: { ...ledger, loosened }, findings };
    } finally {
      await proxy.close();
    }
  },
};

/** Everything through the parsers; every board that one of them lets pass goes through the whole reasoning. */
function parsed(seed: number, total: number): Finding[] {
  const venues = Object.values(VENUE_BODIES);
  const others = calmObserved(NOW, 3_005).filter(({ observation }) => observation?.kind !== "optionBoard");
  let [thrown, silent, outOfBounds, loosened, thought] = [0, 0, 0, 0, 0];
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (const [n, { bodies, parse }] of venues.entries()) {
    const each = Math.floor(total / venues.length / Object.keys(bodies).length);
    for (const [name, body] of Object.entries(bodies)) {
      for (const damaged of fc.sample(mutatedBody(body), { numRuns: each, seed: seed * 100 + n })) {
        try {
          const observed = parse({ ...bodies, [name]: damaged });
          if (observed.observation === null && observed.faults.length === 0) silent += 1;
          // The market reads the preferred venue's name, whichever spelling the board came in.
          const source = "deribit:ETH:options";
          const board = observed.observation === null ? null : { ...observed.observation, source };
          const onChain = calmMarket(NOW, { storedInitialBps: 5_999, initialBps: 5_999 });
          const input = { now: NOW, market: WETH, history: NO_HISTORY, onChain };
          const { decision } = assess({ ...input, observed: [{ ...observed, source, observation: board }, ...others] });
          thought += 1;
          const { minInitialBps, maxInitialBps, minMaintenanceBps, maxMaintenanceBps } = CALM_LIMITS;
          const inside =
            decision.initialBps >= minInitialBps &&
            decision.initialBps <= maxInitialBps &&
            decision.maintenanceTargetBps >= minMaintenanceBps &&
            decision.maintenanceTargetBps <= maxMaintenanceBps;
          if (!inside) outOfBounds += 1;
          // Nothing was seen for a day before: a first look never loosens, on whatever it rests.
          if (decision.action === "submit" && decision.initialBps < 5_999) loosened += 1;
        } catch {
          thrown += 1;
        }
      }
    }
  }
  globalThis.gc?.();
  const grewMib = (process.memoryUsage().heapUsed - before) / MIB;
  return [
    atMost(`parsers: exceptions in ${thought} payloads`, thrown, 0),
    atMost("parsers: nothing seen and no fault named", silent, 0),
    atMost("pipeline: decisions out of bounds", outOfBounds, 0),
    atMost("pipeline: decisions that lower initial", loosened, 0),
    atMost("heap grew, MiB", grewMib, 50),
  ];
}

async function outside(world: ChaosWorld): Promise<number> {
  const { markets } = await world.chain();
  return markets.filter(
    ({ storedInitialBps: initial, maintenanceTargetBps: maintenance, limits }) =>
      initial < limits.minInitialBps ||
      initial > limits.maxInitialBps ||
      maintenance < limits.minMaintenanceBps ||
      maintenance > limits.maxMaintenanceBps,
  ).length;
}

/** Most resident memory that a process ever had, MiB, as the kernel keeps it. */
function peakOf(pid: number): number {
  const kib = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) / 1_024;
}
