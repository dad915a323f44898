import { zeroAddress } from "viem";
import { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import { setFeeds } from "../../../scripts/lab/replica/movePrice.ts";
import { govern } from "../../support/powers.ts";
import { WETH } from "../../support/shipped.ts";
import { atMost, type ChaosRow, type Finding, holds, type Ledger } from "../row.ts";
import { answered } from "../support/answered.ts";
import { beginAudit } from "../support/audit.ts";
import type { ChaosWorld } from "../support/chaosWorld.ts";
import { type HttpFaultProxy, httpFaultProxy } from "../support/httpFaultProxy.ts";
import { insideKeeper } from "../support/insideKeeper.ts";
import { redated } from "../support/redated.ts";
import { sumLedgers } from "../support/sumLedgers.ts";
import { worldSetBack } from "../support/worldSetBack.ts";

/** A class of what majors have, but for an initial haircut that may all but close the market, as in the long tail. */
const LONG_TAIL = 2;
const { staleInitialCapBps } = RISK_CLASSES.longTail.limits;
const LIMITS = { ...RISK_CLASSES.major.limits, staleInitialCapBps, maxInitialBps: staleInitialCapBps };

/** Governance takes wrapped ether for thin collateral. */
async function listAsLongTail(world: ChaosWorld): Promise<void> {
  await govern(world, "setLimits", [LONG_TAIL, LIMITS]);
  const [weth] = (await world.chain()).markets;
  if (weth === undefined) throw new Error("the contract lists a market");
  const { marketId, lowestLimit, highestLimit } = weth;
  await govern(world, "changeMarket", [
    marketId,
    { classId: LONG_TAIL, lowestLimit, highestLimit, probe: zeroAddress },
  ]);
}

const STEP = 300;
const HOUR = 3_600;
const DAY = 86_400;
const FACTORS = [2, 4, 8, 16, 24];
const { atOnce, perDay } = WETH.model.priceRise ?? { atOnce: Number.NaN, perDay: Number.NaN };

/** What is pumped, and for how long the price then stands there. */
type Pump = {
  readonly name: string;
  readonly pool: boolean;
  readonly feed: boolean;
  /** Everywhere that candles are made of. */
  readonly candles: boolean;
  readonly factors: readonly number[];
  readonly hours: number;
};

const PUMPS: readonly Pump[] = [
  { name: "pool alone", pool: true, feed: false, candles: false, factors: FACTORS, hours: 0 },
  { name: "pool and feed", pool: true, feed: true, candles: false, factors: FACTORS, hours: 0 },
  { name: "everything, for two days", pool: true, feed: true, candles: true, factors: FACTORS, hours: 48 },
  { name: "feed alone", pool: false, feed: true, candles: false, factors: FACTORS, hours: 0 },
  { name: "x24 in one step", pool: true, feed: true, candles: false, factors: [24], hours: 0 },
];

/**
 * The collateral's pool is bought up to a multiple of its price by real swaps; then with the feed that lenders read, then with
 * the candles of every exchange as well, and the feed alone. What can be borrowed against one token, of what it was honestly
 * worth, may rise by the market's limit and no faster, counted on chain after each look. The class is one of thin collateral:
 * where governance's highest initial is that of majors, a pump runs into it (noted). The keeper runs inside this process.
 */
export const pumped: ChaosRow = {
  fault: "thin collateral pumped x2 to x24 (XVS, MNGO, THE): pool, feed, everything",
  mark: "borrowable value rises no faster than its limit",
  gate: false,
  async run({ short, random, note }) {
    const own = await worldSetBack();
    const proxy = await httpFaultProxy(own.world.venueUrl);
    const findings: Finding[] = [];
    const ledgers: Ledger[] = [];
    try {
      for (const [n, pump] of (short ? PUMPS.slice(1, 2) : PUMPS).entries()) {
        note(pump.name);
        await own.setBack();
        await listAsLongTail(own.world);
        const seen = await play(own.world, proxy, pump, `pumped${n}`, STEP + Math.floor(random() * STEP));
        findings.push(...seen.findings);
        ledgers.push(seen.ledger);
      }
      await own.setBack();
      const major = await play(own.world, proxy, PUMPS[1] as Pump, "pumpedMajor", STEP);
      note(
        `with the highest initial of majors: ${percent(major.most)} of the honest price, which is what a guardian is for`,
      );
      ledgers.push(major.ledger);
      return { ledger: sumLedgers(ledgers), findings };
    } finally {
      await proxy.close();
      await own.close();
    }
  },
};

async function play(world: ChaosWorld, proxy: HttpFaultProxy, pump: Pump, name: string, step: number) {
  const state = world.stateOf(name);
  const trader = world.replica.accounts.trader.address;
  const usd = (currency: string) => world.source.board(currency, world.instant())?.rows[0]?.index ?? 0;
  const honest = { WETH: usd("ETH"), WBTC: usd("BTC") };
  let [time, factor] = [(await world.chain()).blockTime, 1];
  const begun = time;
  proxy.rule = ({ path }) => ({
    change: (answer) => {
      if (!path.includes("chart_data")) return redated(answer, time - 1);
      return pump.candles && path.includes("ETH-") ? scaledFrom(answer, begun, factor) : answer;
    },
  });
  const keeper = insideKeeper(world, { state, markets: [WETH], venueUrls: { deribit: proxy.url }, sends: true });
  const look = () => answered(keeper);
  const lendable = async () => 1 - ((await world.chain()).markets[0]?.initialBps ?? 0) / 1e4;
  const later = async (seconds: number) => {
    time += seconds;
    await world.passTo(time);
    if (pump.pool) await world.replica.movePrice({ ...honest, WETH: honest.WETH * factor });
    await setFeeds(world.node, trader, { ...honest, WETH: honest.WETH * (pump.feed ? factor : 1) });
  };
  try {
    await later(STEP);
    const first = await look();
    const stood = Math.max(...(first.readings.history?.candles.slice(-2).map((candle) => candle[4]) ?? []));
    const before = await lendable();
    const audit = await beginAudit(world);
    let [share, most, worst, loosening, unnamed] = [before, 0, 0, 0, 0];
    const held = Array.from({ length: pump.hours / 8 }, () => pump.factors.at(-1) ?? 1);
    for (const [n, next] of [...pump.factors, ...held].entries()) {
      factor = next;
      await later(n < pump.factors.length ? step : 8 * HOUR);
      const seen = await look();
      if (seen.decision.reasons.includes("LOOSEN")) loosening += 1;
      const named = [...seen.readings.faults, ...seen.risk.faults].some(({ code }) => NAMED.includes(code));
      if (!named) unnamed += 1;
      share = await lendable();
      const value = share * (pump.feed ? factor : 1);
      // The last honest candle may have closed an hour before the pump began.
      const days = (time - begun + HOUR) / DAY;
      const limit = (before * (1 + atOnce) * (1 + perDay) ** days * Math.max(stood, honest.WETH)) / honest.WETH;
      most = Math.max(most, value);
      worst = Math.max(worst, value / limit);
    }
    const { loosened, ...rest } = await audit.ledger([state], true);
    factor = 1;
    await later(STEP);
    const back = await look();
    const findings = [
      atMost(`${pump.name}: most borrowed against one token, of its limit`, worst, 1),
      atMost(`${pump.name}: the same, of its honest price`, most, pump.hours === 0 ? 1 : Number.POSITIVE_INFINITY),
      atMost(`${pump.name}: decisions that loosen`, loosening, 0),
      atMost(`${pump.name}: looks that name no fault`, unnamed, 0),
      holds(`${pump.name}: afterwards the price is believed again`, back.risk.priceRise === undefined),
    ].filter(({ mark }) => !mark.includes("Infinity"));
    return { ledger: { ...rest, loosened, recovered: back.decision.confidence > 0 }, findings, most };
  } finally {
    keeper.close();
  }
}

const NAMED: readonly string[] = ["DISAGREES", "RISEN"];

/** Candles that opened from `from` on, Unix seconds, at a multiple of their prices. */
function scaledFrom(answer: string, from: number, factor: number): string {
  const body = JSON.parse(answer) as { result?: Record<string, unknown> };
  const { result } = body;
  const ticks = result?.["ticks"];
  if (result === undefined || !Array.isArray(ticks)) return answer;
  for (const field of ["open", "high", "low", "close"]) {
    const prices = result[field];
    if (!Array.isArray(prices)) continue;
    result[field] = prices.map((price, i) => (Number(ticks[i]) >= from * 1_000 ? Number(price) * factor : price));
  }
  return JSON.stringify(body);
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(0)} %`;
}
