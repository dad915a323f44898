import assert from "node:assert/strict";
import { tokensOf } from "../../../keeper/domain/contract.ts";
import type { Assessment } from "../../../keeper/domain/decision.ts";
import type { MarketParameters } from "../../../keeper/domain/parameters.ts";
import { setFeeds, type UsdPrices } from "../../../scripts/lab/replica/movePrice.ts";
import { WETH } from "../../support/shipped.ts";
import { atMost, type ChaosRow, type Finding, holds } from "../row.ts";
import { answered } from "../support/answered.ts";
import { beginAudit } from "../support/audit.ts";
import type { ChaosWorld } from "../support/chaosWorld.ts";
import { type HttpFaultProxy, httpFaultProxy } from "../support/httpFaultProxy.ts";
import { insideKeeper } from "../support/insideKeeper.ts";
import { poolLiquidity } from "../support/poolLiquidity.ts";
import { redated } from "../support/redated.ts";

const STEP = 120;
/** Of eight parts seven leave; half a part more, for the pool's own depth is not the same everywhere. */
const PARTS = 8.5;
const HOUR = 3_600;

/**
 * Seven eighths of a pool's liquidity leave while no price moves, as of 4 000 in the ezETH pool 500 stayed; then ten times
 * what is left stands there for one look, and once for less than a block. Liquidity comes and goes by real mints and burns; the
 * keeper runs inside this process, with everything but its schedule.
 *
 * Depth acts on the exposure limit alone, of which governance sets the bounds. So the market is one that may hold just what
 * its limit on chain says at the pool's normal depth. The market as it is listed is looked at beside it.
 */
export const depthGone: ChaosRow = {
  fault: "depth 8 -> 1 with the price at peg (ezETH); 10x depth for one sample; JIT within a block",
  mark: "tightened in 2 cycles; no loosening",
  gate: true,
  async run({ world: open, short, random, note }) {
    const world = await open();
    await world.advance();
    const pool = await poolLiquidity(world);
    const state = world.stateOf("depth");
    const proxy = await httpFaultProxy(world.venueUrl);
    let time = world.instant();
    // The market stands still, so that whatever moves is the depth's doing.
    proxy.rule = standingStill(() => time);
    const prices = pricesAt(world);
    const common = { venueUrls: { deribit: proxy.url } };
    const slack = insideKeeper(world, { ...common, state: world.stateOf("slack"), markets: [WETH], sends: false });
    const later = async (seconds = STEP) => {
      time += seconds;
      await world.passTo(time);
      await setFeeds(world.node, world.replica.accounts.trader.address, prices);
    };
    const listed = async () => (await world.chain()).markets[0] ?? assert.fail("WETH is not listed");
    const depthNow = async () => {
      await later();
      return (await answered(slack)).risk.depth.nowUsd;
    };
    // As much again as is in range, and from what that adds, seven times the depth that the pool has by itself.
    const [own, unit] = [await depthNow(), await pool.inRange()];
    const probe = await pool.around(unit);
    await pool.put(probe);
    const added = (await depthNow()) - own;
    await pool.take(probe);
    const parts = Math.ceil(((PARTS - 1) * own * 1e6) / added);
    const seven = await pool.around((unit * BigInt(parts)) / 1_000_000n);
    await pool.put(seven);
    await later();
    const market = bindingMarket(await answered(slack), (await listed()).limit);
    const keeper = insideKeeper(world, { ...common, state, markets: [market], sends: true });
    const findings: Finding[] = [];
    const stored = async () => (await listed()).limit;
    const look = () => answered(keeper);
    try {
      // Loosening needs a day of depth that was seen: with less, nothing could loosen whatever came.
      for (let n = 0; n < (short ? 2 : 5); n++) {
        await look();
        await answered(slack);
        await later((short ? 15 : 6) * HOUR);
      }
      const before = await look();
      const slackBefore = await answered(slack);
      const audit = await beginAudit(world);
      const stood = await stored();
      note(`depth ${millions(before.risk.depth.nowUsd)}, limit asked for ${millions(before.target.limit.usd)}`);

      await pool.take(seven);
      let tightenedAfter = 0;
      let after = before;
      for (let cycle = 1; cycle <= 2 && tightenedAfter === 0; cycle++) {
        await later();
        after = await look();
        if ((await stored()) < stood) tightenedAfter = cycle;
      }
      const { nowUsd } = after.risk.depth;
      findings.push(atMost("depth left, % of what there was", (100 * nowUsd) / before.risk.depth.nowUsd, 12.5));
      findings.push(holds("the price stood still", after.readings.priceUsd === before.readings.priceUsd));
      findings.push(holds("limit lowered on chain within two cycles", tightenedAfter > 0, `cycle ${tightenedAfter}`));
      const tight = await stored();
      note(
        `limit asked for ${asked(before)} before, ${asked(after)} after, on chain ${inTokens(stood)} to ${inTokens(tight)}`,
      );
      const { decision, proposed, readings, risk } = after;
      const doubts = [...readings.faults, ...risk.faults].map(({ code, source }) => `${code} of ${source}`).join(", ");
      note(`${decision.action} ${decision.reasons.join(" ")}; the limit follows ${proposed.limitRule}; ${doubts}`);
      note(`as the market is listed: ${asked(slackBefore)} before, ${asked(await answered(slack))} after`);
      // Earlier rows may have left it near governance's minimum, at which every fall ends.
      const share = (limit: number) => (100 * Number(tokensOf(limit))) / Number(tokensOf(stood));
      const { lowestLimit } = await listed();
      findings.push(atMost("limit left on chain, % of what it was", share(tight), Math.max(30, share(lowestLimit))));
      findings.push(atMost("target of initial moved by, bp", Math.abs(bps(before) - bps(after)), 1));

      const tenfold = await pool.around((await pool.inRange()) * (9n + BigInt(Math.floor(random() * 3))));
      note("ten times the depth for one sample");
      await later();
      await pool.put(tenfold);
      const once = await look();
      const seen = once.risk.depth.nowUsd;
      findings.push(holds("one sample: it was seen", seen > 2 * nowUsd, millions(seen)));
      findings.push(atMost("one sample: limit asked for rose by, %", rise(after, once), 1));
      findings.push(atMost("one sample: limit on chain rose by, notches", Math.max(0, (await stored()) - tight), 0));
      await pool.take(tenfold);

      note("liquidity that is there within one block only");
      await later();
      await pool.flash(tenfold);
      const flashed = await look();
      findings.push(atMost("within a block: depth seen, times", flashed.risk.depth.nowUsd / nowUsd, 1.01));
      findings.push(atMost("within a block: limit asked for rose by, %", rise(after, flashed), 1));
      findings.push(
        atMost("within a block: limit on chain rose by, notches", Math.max(0, (await stored()) - tight), 0),
      );
      const loosening = [once, flashed].filter((one) => one.decision.reasons.includes("LOOSEN")).length;
      findings.push(atMost("decisions that loosen", loosening, 0));
      const ledger = await audit.ledger([state], (await look()).decision.confidence > 0);
      return { ledger, findings };
    } finally {
      keeper.close();
      slack.close();
      await proxy.close();
    }
  },
};

/** Wrapped ether at a lender that counts on just as much of the depth there is now as the limit on chain needs. */
function bindingMarket({ risk, target, readings }: Assessment, limit: number): MarketParameters {
  const { nowUsd, shockedUsd, shockedNowUsd = shockedUsd ?? 0 } = risk.depth;
  const { depthFactor, dueShare } = target.limit;
  const { liquidationWindowHours, refillMinutes } = WETH.model;
  const sales = (60 * liquidationWindowHours) / refillMinutes;
  const dueUsd = Number(tokensOf(limit)) * (readings.priceUsd ?? 0) * dueShare;
  const depthShare = Math.min(1, dueUsd / sales / Math.min(depthFactor * nowUsd, shockedNowUsd));
  return { ...WETH, model: { ...WETH.model, depthShare } };
}

/** By how much more is asked for, percent. */
function rise(from: Assessment, to: Assessment): number {
  return Math.max(0, 100 * (to.target.limit.usd / from.target.limit.usd - 1));
}

function bps({ target }: Assessment): number {
  return 1e4 * target.initial;
}

function asked({ target }: Assessment): string {
  return millions(target.limit.usd);
}

function inTokens(limit: number): string {
  return `${tokensOf(limit)} tokens`;
}

/** A venue that answers with the boards it showed first, written now; its candles go on where they stood, hardly moving. */
function standingStill(now: () => number): HttpFaultProxy["rule"] {
  const boards = new Map<string, string>();
  const closes = new Map<string, number>();
  const from = now();
  return ({ path }) => ({
    change(answer) {
      const instrument = /tradingview.*instrument_name=([^&]+)/.exec(path)?.[1];
      if (instrument !== undefined) return stoodStill(answer, from * 1_000, closes, instrument);
      if (!path.includes("book_summary")) return answer;
      if (!boards.has(path)) boards.set(path, answer);
      return redated(boards.get(path) ?? answer, now() - 1);
    },
  });
}

const PRICES = ["open", "high", "low", "close"] as const;
type Chart = { ticks: number[] } & Record<(typeof PRICES)[number], number[]>;

/** Candles whose moves since `from`, Unix milliseconds, are a fiftieth of what they were; `closes` keeps where each stood. */
function stoodStill(answer: string, from: number, closes: Map<string, number>, instrument: string): string {
  const parsed = JSON.parse(answer) as { result?: Chart };
  const { result } = parsed;
  if (result === undefined) return answer;
  const { ticks } = result;
  const last = ticks.findLastIndex((time) => time < from);
  const stood = closes.get(instrument) ?? result.close[last];
  if (stood === undefined) return answer;
  closes.set(instrument, stood);
  for (const name of PRICES) {
    const moved = (price: number) => stood * (price / stood) ** 0.02;
    result[name] = result[name].map((price, i) => ((ticks[i] as number) < from ? price : moved(price)));
  }
  return JSON.stringify(parsed);
}

/** What the market stands at, USD. */
function pricesAt({ source, instant }: ChaosWorld): UsdPrices {
  const usd = (currency: string) => source.board(currency, instant())?.rows[0]?.index ?? 0;
  return { WETH: usd("ETH"), WBTC: usd("BTC") };
}

function millions(usd: number): string {
  return `${(usd / 1e6).toFixed(2)} million USD`;
}
