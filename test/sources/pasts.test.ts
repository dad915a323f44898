import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fault } from "../../keeper/domain/fault.ts";
import type { Candle, Observed, PriceHistory } from "../../keeper/domain/observation.ts";
import { EMPTY_PAST, pastAfter, pastUntil } from "../../keeper/model/history/pricePast.ts";
import { openPasts, type ReadCandles } from "../../keeper/sources/pasts.ts";
import type { SeriesMemory } from "../../keeper/venues/venue.ts";
import { HOUR, walk } from "../support/candles.ts";
import { near } from "../support/near.ts";
import { WETH } from "../support/shipped.ts";

const DAY = 24 * HOUR;
/** 2017-03-01T00:00:00Z, and two and a half years of hours since. */
const LISTED = 1_488_326_400;
const ALL = walk(24 * 900, (hour) => (hour % 5000 < 50 ? 3 : 0.6), 5).map(
  ([, ...rest], i): Candle => [LISTED + i * HOUR, ...rest],
);
const NOW = LISTED + 900 * DAY + 100;
const [OWN, OTHER] = ["deribit:ETH-PERPETUAL:history", "okx:ETH-USDT:history"] as const;
const WANTED = [{ source: OWN, others: [OTHER], quality: WETH.quality }];
const signal = new AbortController().signal;

/** Venues that know these candles; what they are asked is written down. `fails`: the next answers of a source are none. */
function world(candles: Readonly<Record<string, readonly Candle[]>>) {
  const kept = new Map<string, string>();
  const asked: string[] = [];
  const fails = new Map<string, number>();
  const read: ReadCandles = async (source, end, days): Promise<Observed<PriceHistory>> => {
    asked.push(source);
    const left = fails.get(source) ?? 0;
    fails.set(source, left - 1);
    if (left > 0) return { source, observation: null, faults: [fault("UNREACHABLE", source, "no answer")] };
    const inside = (candles[source] ?? []).filter(([time]) => time >= end - days * DAY && time + HOUR <= end);
    const last = inside.at(-1);
    if (last === undefined) return { source, observation: null, faults: [fault("EMPTY", source, "no closed candle")] };
    const head = { kind: "priceHistory", source, instrument: "ETH", intervalSeconds: HOUR } as const;
    return { source, observation: { ...head, eventTime: last[0] + HOUR, candles: inside }, faults: [] };
  };
  const memory: SeriesMemory = {
    recall: async (name) => JSON.parse(kept.get(name) ?? "null"),
    keep: async (name, points) => void kept.set(name, JSON.stringify(points)),
  };
  return { kept, asked, fails, memory, open: () => openPasts(read, memory, 550) };
}

/** Steps until the past is known; how many, and what was wrong. */
async function readAll(pasts: ReturnType<ReturnType<typeof world>["open"]>, now = NOW, most = 40) {
  const faults = [];
  let steps = 0;
  for (; steps < most; steps++) faults.push(...(await pasts.step(WANTED, now, signal)));
  return { past: pasts.of(OWN, now), faults };
}

const whole = pastAfter(
  EMPTY_PAST,
  { kind: "priceHistory", source: OWN, instrument: "ETH", intervalSeconds: HOUR, eventTime: NOW - 100, candles: ALL },
  pastUntil(NOW, 550),
);

function same(past: typeof whole | undefined): void {
  assert.deepEqual([past?.until, past?.shocks, past?.worst.length], [whole.until, whole.shocks, whole.worst.length]);
  for (const [hour, [known, sum]] of whole.days.entries()) {
    assert.equal(past?.days[hour]?.[0], known);
    near((past?.days[hour]?.[1] ?? 0) / sum, 1, 1e-12);
  }
}

describe("pasts of histories", () => {
  it("are read step by step, and known once all is read: what one pass over every candle leaves", async () => {
    const { asked, open } = world({ [OWN]: ALL, [OTHER]: ALL });
    const pasts = open();
    await pasts.step(WANTED, NOW, signal);
    assert.deepEqual(
      [asked, pasts.of(OWN, NOW)],
      [[OWN, OTHER], undefined],
      "one step a cycle, and nothing said before the last",
    );
    const { past, faults } = await readAll(pasts);
    same(past);
    assert.deepEqual(faults, []);
    const calls = asked.length;
    await pasts.step(WANTED, NOW + HOUR, signal);
    assert.equal(asked.length, calls, "nobody is asked again on the same day");
    await pasts.step(WANTED, NOW + DAY, signal);
    assert.equal(pasts.of(OWN, NOW + DAY)?.until, pastUntil(NOW + DAY, 550), "and on the next for a day more");
  });

  it("go on where the process before ended, and begin anew where what it kept cannot be", async () => {
    const { asked, kept, memory, open } = world({ [OWN]: ALL, [OTHER]: ALL });
    await readAll(open(), NOW, 3);
    const before = asked.length;
    const first = kept.get(`${OWN} before`) ?? "";
    same((await readAll(open())).past);
    const calls = asked.length - before;
    for (const damaged of [
      "[]",
      "7",
      first.replace("[[", "[[0.5,"),
      JSON.stringify([...JSON.parse(first).slice(0, 25), [-1]]),
    ]) {
      kept.set(`${OWN} before`, damaged);
      asked.length = 0;
      same((await readAll(open())).past);
      assert.equal(asked.length, calls + 6, damaged.slice(0, 20));
    }
    assert.ok(memory !== undefined);
  });

  it("wait for a venue that does not answer, name it, and say nothing meanwhile", async () => {
    const { fails, open } = world({ [OWN]: ALL, [OTHER]: ALL });
    fails.set(OTHER, 39);
    const pasts = open();
    const waiting = await readAll(pasts, NOW, 39);
    assert.equal(waiting.past, undefined);
    assert.deepEqual(
      [...new Set(waiting.faults.map(({ code, source, count }) => `${code} ${source} ${count}`))],
      [`GAP ${OTHER} 1`],
      "a fault with a count holds nothing",
    );
    same((await readAll(pasts)).past);
  });

  it("are those of an asset that is younger than the candles kept: nothing but these", async () => {
    const young = ALL.slice(24 * 380);
    const { open } = world({ [OWN]: young });
    const { past, faults } = await readAll(open());
    assert.deepEqual([past?.until, past?.shocks, faults], [pastUntil(NOW, 550), 0, []]);
  });

  it("are not milder for a spike or a calm that one venue alone shows", async () => {
    const at = ALL.findIndex(([time]) => time >= LISTED + 200 * DAY);
    const spiked = ALL.map((candle, i): Candle => {
      const [time, open, high, , close, volume] = candle;
      return i === at ? [time, open, high, 0.5 * open, 0.5 * close, volume] : candle;
    });
    const spike = await readAll(world({ [OWN]: spiked, [OTHER]: ALL }).open());
    same(spike.past);
    assert.deepEqual(
      spike.faults.map(({ code, source, count }) => [code, source, count]),
      [["REVERTED", OWN, 1]],
    );

    // A straight line with a tenth of what happened about it, for 130 days.
    const [from, length] = [at, 130 * 24];
    const [first, last] = [from, from + length].map((i) => Math.log(ALL[i]?.[1] ?? 1)) as [number, number];
    const line = (i: number) => first + ((last - first) * (i - from)) / length;
    const mild = (i: number, price: number) => Math.exp(0.9 * line(i) + 0.1 * Math.log(price));
    const calm = ALL.map((candle, i): Candle => {
      if (i < from || i >= from + length) return candle;
      const [open, close] = [mild(i, candle[1]), mild(i + 1, candle[4])];
      return [candle[0], open, Math.max(open, close), Math.min(open, close), close, candle[5]];
    });
    const lied = await readAll(world({ [OWN]: calm, [OTHER]: ALL }).open());
    const alone = await readAll(world({ [OWN]: calm }).open());
    const sum = (past: typeof whole | undefined) => (past?.days ?? []).reduce((total, [, one]) => total + one, 0);
    assert.ok(sum(alone.past) < 0.9 * sum(whole), "one venue's word counts where there is no other");
    assert.ok(
      sum(lied.past) > 0.93 * sum(whole),
      "but for days at its edges, within a step that is not half as wild again",
    );
    assert.ok(lied.faults.some(({ code, source, count }) => code === "DISAGREES" && source === OTHER && count === 1));
  });

  it("take nothing from a venue that shows another asset, however wild, and hold nothing for it", async () => {
    const stranger = walk(24 * 900, () => 2, 9).map(([, open, high, low, close, volume], i): Candle => {
      return [LISTED + i * HOUR, 20 * open, 20 * high, 20 * low, 20 * close, volume];
    });
    const { past, faults } = await readAll(world({ [OWN]: ALL, [OTHER]: stranger }).open());
    assert.deepEqual(past, (await readAll(world({ [OWN]: ALL }).open())).past);
    assert.ok(faults.some(({ code, source }) => code === "DISAGREES" && source === OTHER));
    assert.ok(faults.every(({ count }) => (count ?? 0) > 0));
  });

  it("hold no cycle: a venue that never ends, or breaks on its answer, is left behind", async () => {
    const { memory } = world({});
    const stop = AbortSignal.timeout(50);
    for (const read of [() => new Promise<never>(() => undefined), () => Promise.reject(new RangeError("too long"))]) {
      const faults = await openPasts(read, memory, 550).step(WANTED, NOW, stop);
      assert.deepEqual(
        faults.map(({ source }) => source),
        stop.aborted && faults.length === 0 ? [] : [OWN, OTHER],
      );
    }
  });
});
