import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { surfaceCommand } from "../../../scripts/lab/cli/surface.ts";
import { surfaceReport } from "../../../scripts/lab/cli/surfaceReport.ts";
import { near } from "../../support/near.ts";
import { EVENT_TIME, smileBoard, withQuotes } from "../../support/smileBoard.ts";

const board = smileBoard({ days: [2.1666666667, 30.1666666667] });
let folder = "";
let path = "";

/** The board as the table a recorder would write. */
function asTable(): string {
  const rows = board.quotes.map((quote) => {
    const side = quote.kind === "call" ? "C" : "P";
    const day = quote.expiry - EVENT_TIME < 10 * 86_400 ? "30JAN26" : "27FEB26";
    const cells = [quote.bidCoin, quote.askCoin, quote.markCoin, quote.markIv];
    return `2026-01-28T04:00:00Z,ETH-${day}-${Math.round(quote.strike)}-${side},3000,2990,${cells.join(",")},5`;
  });
  return ["ts,instrument,forward,index,bid,ask,mark,iv,oi", ...rows].join("\n");
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "surface-"));
  path = join(folder, "chain.csv");
  await writeFile(path, asTable());
});
after(async () => {
  await rm(folder, { recursive: true });
});

test("a recorded file gives each expiry with smile, error, arbitrage, ATM and tail, units in the names", async () => {
  const { json } = await surfaceCommand(path);
  const [only] = json.boards;
  assert.equal(json.boards.length, 1);
  assert.deepEqual([only?.currency, only?.eventTime, only?.indexUsd], ["ETH", "2026-01-28T04:00:00Z", 2990]);
  assert.deepEqual(
    only?.expiries.map((each) => each.expiry),
    ["2026-01-30T08:00:00Z", "2026-02-27T08:00:00Z"],
  );
  const month = only?.expiries[1];
  assert.ok(month !== undefined);
  assert.deepEqual(Object.keys(month), [
    "expiry",
    "yearsToExpiry",
    "forwardUsd",
    "points",
    "svi",
    "rmseVolPoints",
    "insideSpreadShare",
    "butterflyMinimumBefore",
    "butterflyMinimumAfter",
    "repaired",
    "atmVolatility",
    "modelFreeVolatility",
    "quantile1PercentLoss",
    "expectedShortfall1PercentLoss",
  ]);
  near(month.yearsToExpiry, 30.1666667 / 365, 1e-6, "years");
  near(month.atmVolatility, 0.55, 0.05, "ATM");
  assert.ok((month.modelFreeVolatility ?? 0) > 0.5);
  const [var1, es1] = [month.quantile1PercentLoss ?? 0, month.expectedShortfall1PercentLoss ?? 0];
  assert.ok(var1 > 0.2 && es1 > var1 && es1 < 1);
  assert.deepEqual(Object.keys(only?.atmVolatilityByDays ?? {}), ["1", "7", "30", "90"]);
});

test("the text keeps to a hundred columns and names every expiry", async () => {
  const { text } = await surfaceCommand(path, { currency: "ETH", at: "2026-01-28T05:00:00Z" });
  for (const line of text.split("\n")) assert.ok(line.length <= 100, `${line.length} columns: ${line}`);
  assert.match(text, /ETH options at 2026-01-28T04:00:00Z, index 2990.00 USD, confidence 1.00/);
  assert.match(text, /2026-01-30 .*none/);
  assert.match(text, /2026-02-27 .*none/);
  assert.match(text, /SVI {2}w\(k\) = a \+ b/);
});

test("what was left out is in the report, with code and count", () => {
  const spoiled = withQuotes(board, (quote) =>
    quote.expiry > EVENT_TIME + 10 * 86_400 ? { ...quote, markIv: 62 } : quote,
  );
  const [only] = surfaceReport(spoiled).boards;
  assert.equal(only?.expiries.length, 1);
  assert.ok(only?.faults.some(({ code, count }) => code === "UNIT_SUSPECT" && (count ?? 0) > 5));
  assert.ok(only?.faults.some(({ code, detail }) => code === "TOO_FEW" && /0 usable strikes/.test(detail)));
});

test("several boards are reported side by side, and an empty one says so", () => {
  const report = surfaceReport([board, { ...board, currency: "BTC", quotes: [] }]);
  assert.deepEqual(
    report.boards.map(({ currency, expiries }) => [currency, expiries.length]),
    [
      ["ETH", 2],
      ["BTC", 0],
    ],
  );
  assert.deepEqual(report.boards[1]?.atmVolatilityByDays, { 1: null, 7: null, 30: null, 90: null });
});

test("the report is plain data: JSON keeps all of it", async () => {
  const { json } = await surfaceCommand(path);
  assert.deepEqual(JSON.parse(JSON.stringify(json)), json);
});

test("Unix seconds are a time too, and a word is not", async () => {
  const { json } = await surfaceCommand(path, { at: String(EVENT_TIME) });
  assert.equal(json.boards.length, 1);
  await assert.rejects(
    surfaceCommand(path, { at: "noon" }),
    (error) =>
      error instanceof TonsorError && error.code === "BAD_ARGUMENT" && /--at; given "noon"/.test(error.message),
  );
});
