import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import type { Observed, OptionBoard } from "../../keeper/domain/observation.ts";
import { fitSurface, impliedVolatility } from "../../keeper/model/options/surface.ts";
import { assess } from "../../keeper/pipeline.ts";
import { parseDeribitBoard } from "../../keeper/venues/deribit/parse.ts";
import { dataFile } from "../support/data.ts";
import { calmFeed, calmHistory, calmIndex, calmPool, seen } from "../support/observations.ts";
import { calmMarket, NO_HISTORY } from "../support/onChain.ts";
import { WETH } from "../support/shipped.ts";
import { mutatedBody } from "./mutatedBody.ts";

/** 830 instruments as Deribit sent them; MUTATION_RUNS raises the number of damaged copies. */
const RAW = "options/raw/deribit_get_book_summary_by_currency_ETH_2025-11-22.json.gz";
const RUNS = Number(process.env["MUTATION_RUNS"] ?? 250);
const SLACK = 5;
const SOURCE = "deribit:ETH:options";

test("damaged copies of a recorded board loosen nothing that the whole one would not", (t) => {
  const path = dataFile(RAW);
  if (path === null) return t.skip(`shared data not present: ${RAW}`);
  const whole: { result: { instrument_name: string }[] } = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8"));
  // The four expiries that a day's horizon and the month of the checks look at.
  const wanted = /-(28NOV25|5DEC25|26DEC25|30JAN26)-/;
  const result = whole.result.filter((one) => wanted.test(one.instrument_name));
  assert.ok(result.length > 100, `${result.length} records`);
  const body = JSON.stringify({ ...whole, result });
  const clean = parseDeribitBoard(body, SOURCE, "ETH");
  const board = clean.observation ?? assert.fail(JSON.stringify(clean.faults));
  const now = board.eventTime + 2;
  const vol = impliedVolatility(fitSurface(board, now, WETH.quality), 30 / 365) ?? assert.fail("no volatility");
  const others = [
    seen(calmIndex("ETH", now, vol)),
    seen(calmHistory("ETH-PERPETUAL", now, board.indexUsd, vol)),
    seen(calmPool(now - 2, board.indexUsd)),
    seen(calmFeed(now - 600, board.indexUsd)),
  ];
  const history = {
    ...NO_HISTORY,
    depth: Array.from({ length: 48 }, (_, i) => [now - (48 - i) * 3_600, 60e6] as const),
    lastImplied: { time: now - 60, vol },
    lastDepth: { time: now - 3_600, usd: 60e6 },
  };
  const onChain = calmMarket(now, { storedInitialBps: 5_000, initialBps: 5_000 });
  const written = (one: Observed<OptionBoard>): number => {
    const { decision } = assess({ now, market: WETH, observed: [one, ...others], history, onChain });
    return decision.action === "hold" ? onChain.storedInitialBps : decision.initialBps;
  };
  const healthy = written(clean);
  assert.ok(healthy < 5_000, `the whole board loosens nothing: ${healthy}`);

  const property = fc.property(mutatedBody(body), (damaged) => {
    const observed = parseDeribitBoard(damaged, SOURCE, "ETH");
    const wrote = written(observed);
    assert.ok(wrote >= healthy - SLACK, `${wrote} against ${healthy}, ${JSON.stringify(observed.faults)}`);
  });
  fc.assert(property, { numRuns: RUNS, seed: 20_261_121 });
});
