import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { DEFAULT_MODEL, DEFAULT_POLICY } from "../../../keeper/markets/defaults.ts";
import { RISK_CLASSES } from "../../../keeper/markets/limits.ts";
import { TOKEN_UNITS, USD_UNITS } from "../market/accountBook.ts";
import type { CascadeMarket } from "../market/cascadeMarket.ts";
import type { CollateralMarket, Terms } from "../market/collateralMarket.ts";
import type { Ledger } from "../market/ledger.ts";
import { unitPrice } from "../market/liquidation.ts";
import { depthOverCap, PLAY_DEFAULTS, playSettings } from "../market/play.ts";
import type { Rule } from "../market/rules.ts";
import { runMarket } from "../market/run.ts";
import { timelineRow } from "../market/timeline.ts";
import { walkedRule } from "../market/walkedRule.ts";
import { type Walk, walkForward } from "../validation/backtest/walkForward.ts";
import { worldOf } from "../validation/backtest/worlds.ts";
import type { Incident } from "./incident.ts";
import type { Paths } from "./paths.ts";
import type { Recordings } from "./recordings.ts";

/** The two that are set side by side. */
export type Side = "static" | "onChain";

/** What came of an incident under one rule. Money in USD, shares as fractions. */
export type Outcome = {
  /** Collateral seized from accounts that were healthy at the market's price, at that price. */
  readonly wrongfulByPrintUsd: number;
  /** Debt made liquidatable by the rule's own move at an unmoved price. */
  readonly wrongfulByRuleUsd: number;
  readonly liquidatedUsd: number;
  /** Booked, and what accounts owe at the end beyond their collateral at the market's price. */
  readonly badDebtUsd: number;
  readonly meanDebtUsd: number;
  readonly meanLtv: number;
  readonly meanThreshold: number;
  readonly lowestLtv: number;
  readonly mostUnsoldUsd: number;
  /** Hours without new loans. */
  readonly hoursClosed: number;
  /** Times at which new risk was stopped or cut at once, Unix seconds, and those after which the price did not fall so far. */
  readonly trips: readonly number[];
  readonly falseTrips: number;
};

/** One rule's path over the window, an entry a step: LTV and threshold offered. */
export type Offered = { readonly ltv: Float64Array; readonly threshold: Float64Array };
export type Played = { readonly outcome: Outcome; readonly offered: Offered; readonly timeline: readonly string[] };

/** The book is built at the window's first price and terms, so long before it. */
export const BUILD_DAYS = 30;
/** Days of the chain before the window: it has left its listing behind. */
const CHAIN_DAYS = 30;
/** A market that offers no more is closed to new loans: the contract's own cap of a stale market leaves 5 %. */
const CLOSED_LTV = 0.05;
/** The rest that the policy keeps after a trip. */
const TRIP_SECONDS = DEFAULT_POLICY.breakerRestSeconds;

/** Numbers of a major, and of a claim on the debt: the same but for what its class says, a gap of one point and a cheaper sale. */
const MAJOR = { model: DEFAULT_MODEL, policy: DEFAULT_POLICY, limits: RISK_CLASSES.major.limits, changes: {} };
const PEGGED = {
  ...{ ...MAJOR, limits: RISK_CLASSES.pegged.limits },
  policy: { ...DEFAULT_POLICY, maxLooseningBpsPerDay: 600 },
  changes: { minimumGap: 0.01, liquidationCost: 0.002 },
};

/** What the keeper would have had on chain hour by hour: its own reasoning, its policy and the contract's own rules. */
export function walkOf(incident: Incident, paths: Paths, recordings: Recordings): Walk {
  const { index, transferFrom, from, depth, stepMinutes, claim } = incident;
  const { ltv, threshold } = staticTerms(incident);
  const world = worldOf(
    {
      class: incident.class,
      deployed: { bonus: incident.static.bonus, ltv, lt: threshold, by: incident.static.lender },
    },
    {
      series: paths.keeper,
      index: index === null ? null : recordings.index(index),
      transfer: transferFrom === null ? null : recordings.underlying(transferFrom),
    },
    {
      ...(claim === undefined ? MAJOR : PEGGED),
      ...{ depthOverCap: depthOverCap(depth.hoursToSell, stepMinutes * 60), volumeOverCap: 2 },
    },
  );
  const ofClaim = claim === undefined ? {} : { claim: { ratio: null, depeg: claim.depeg } };
  const walk = walkForward({ ...world, ...ofClaim, limitMoves: true }, {}, () => {}, from - CHAIN_DAYS * DAY_SECONDS);
  if ((walk.time[0] ?? Number.POSITIVE_INFINITY) <= from) return walk;
  throw new TonsorError("BAD_FILE", `the keeper knows too little of ${incident.name}`, {
    ...{
      field: "history",
      given: `${paths.keeper.candles.length} hours`,
      expected: "90 days of moving prices before the window",
    },
  });
}

/** Parameters of the day; a lender with one number gets an LTV of the model's least gap below it, as `walkedRule` does. */
export function staticTerms({ static: { ltv, threshold } }: Incident): Terms {
  return { ltv: ltv ?? threshold - DEFAULT_MODEL.minimumGap, threshold, limit: Number.POSITIVE_INFINITY };
}

/** Plays an incident under one side. */
export function play(incident: Incident, paths: Paths, walk: Walk, side: Side, recordings: Recordings): Played {
  const { from, stepMinutes, static: fixed, book, depth, feed } = incident;
  const stepSeconds = stepMinutes * 60;
  const built = (BUILD_DAYS * DAY_SECONDS) / stepSeconds;
  const before = (value: number, path: Float64Array) =>
    Float64Array.from([...new Float64Array(built).fill(value), ...path]);
  const times = before(from, paths.times);
  const prices = { times, values: before(paths.market[0] as number, paths.market), stepSeconds };
  const settings = playSettings(
    {
      ...{
        ...PLAY_DEFAULTS,
        name: side,
        prices,
        depth: depth.recorded === undefined ? null : recordings.depth(depth.recorded),
        pool: null,
        ltv: 0,
        threshold: 0,
        bonus: fixed.bonus,
      },
      ...{ cap: book.tokens, hoursToSell: depth.hoursToSell, oracleDeviation: feed.deviation },
    },
    side === "static" ? staticOf(incident, times) : oursOf(walk, times, incident),
  );
  const [collateral] = settings.collaterals as [(typeof settings.collaterals)[0]];
  const oracle = {
    deviation: feed.deviation,
    heartbeatSteps: Math.max(1, Math.round(feed.heartbeatMinutes / stepMinutes)),
    latencySteps: Math.round(feed.latencyMinutes / stepMinutes),
  };
  const watched = new Watched(incident, paths, side, built);
  runMarket(
    { ...settings, collaterals: [{ ...collateral, settings: { ...collateral.settings, oracle } }] },
    (lender) => {
      watched.step(lender);
    },
  );
  const trips = side === "static" ? fixed.closed.map((one) => one.from) : walk.trips.filter((time) => time > from);
  return watched.played(trips);
}

function staticOf(incident: Incident, times: Float64Array): Rule {
  const { closed } = incident.static;
  const open = staticTerms(incident);
  const shut = { ...open, ltv: 0 };
  return {
    name: "static",
    target({ step }) {
      const time = times[step] as number;
      return closed.some(({ from, to }) => time >= from && time < to) ? shut : open;
    },
  };
}

/** Governance's bound on the exposure limit is the whole book. */
function oursOf(walk: Walk, times: Float64Array, incident: Incident): Rule {
  const { claim, book, static: fixed } = incident;
  const gap = claim === undefined ? DEFAULT_MODEL.minimumGap : PEGGED.changes.minimumGap;
  const haircuts = { time: walk.time, initial: walk.initial.onChain, maintenance: walk.maintenance.onChain };
  const limit = walk.chainLimitOverCap.map((share) => (share < 1 ? share * book.tokens : Number.POSITIVE_INFINITY));
  return walkedRule("onChain", { ...haircuts, limit }, times, gap, 1 / (1 + fixed.bonus) - 0.005);
}

/** Looks at a market as it is played: tells the lender what its oracle says, opens the known loans, and counts. */
class Watched {
  readonly #incident: Incident;
  readonly #paths: Paths;
  readonly #side: Side;
  readonly #built: number;
  readonly #ltv: number[] = [];
  readonly #threshold: number[] = [];
  readonly #rows: string[] = [];
  #start: Ledger | null = null;
  #end: Ledger | null = null;
  #debt = 0;
  #unsold = 0;
  #shortfall = [0, 0];

  constructor(incident: Incident, paths: Paths, side: Side, built: number) {
    this.#incident = incident;
    this.#paths = paths;
    this.#side = side;
    this.#built = built;
  }

  step(lender: CascadeMarket): void {
    const market = lender.markets[0] as CollateralMarket;
    const at = lender.step - this.#built;
    const { times, said } = this.#paths;
    const next = said[at] ?? Number.NaN;
    market.oracle.said = Number.isNaN(next) ? null : next;
    if (at === 0) {
      this.#start = { ...market.ledger };
      this.#shortfall[0] = lender.shortfall(market);
    }
    if (at <= 0) return;
    const [time, unsold] = [times[at - 1] as number, lender.unsold(market)];
    this.#ltv.push(market.terms.ltv);
    this.#threshold.push(market.terms.threshold);
    this.#debt += market.accounts.totalDebt;
    this.#unsold = Math.max(this.#unsold, unsold);
    this.#rows.push(`${this.#side},${timelineRow(market, time, unsold)}`);
    if (at === times.length) this.#finish(lender, market);
    else this.#lend(lender, market, time);
  }

  /** Known loans of this step, with all that the lender offers. */
  #lend(lender: CascadeMarket, market: CollateralMarket, time: number): void {
    const earlier = time - this.#incident.stepMinutes * 60;
    for (const { at, tokens, accounts } of this.#incident.loans) {
      if (!(at > earlier && at <= time)) continue;
      const each = Math.floor((tokens * TOKEN_UNITS) / accounts);
      const debt = Math.floor(each * unitPrice(market.oracle.price) * market.terms.ltv);
      for (let n = 0; n < accounts && debt > 0; n += 1) lender.open(market, each, debt);
    }
  }

  #finish(lender: CascadeMarket, market: CollateralMarket): void {
    this.#end = { ...market.ledger };
    this.#shortfall[1] = lender.shortfall(market);
  }

  played(trips: readonly number[]): Played {
    const [start, end] = [this.#start, this.#end];
    if (start === null || end === null) throw new RangeError("the incident was not played to its end");
    const usd = (pick: (ledger: Ledger) => number) => (pick(end) - pick(start)) / USD_UNITS;
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [first = 0, last = 0] = this.#shortfall;
    const { stepMinutes } = this.#incident;
    return {
      outcome: {
        wrongfulByPrintUsd: usd((ledger) => ledger.misjudged),
        wrongfulByRuleUsd: usd((ledger) => ledger.caused),
        liquidatedUsd: usd((ledger) => ledger.liquidated),
        badDebtUsd: usd((ledger) => ledger.badDebt) + (last - first) / USD_UNITS,
        meanDebtUsd: this.#debt / this.#ltv.length / USD_UNITS,
        meanLtv: mean(this.#ltv),
        meanThreshold: mean(this.#threshold),
        lowestLtv: Math.min(...this.#ltv),
        mostUnsoldUsd: this.#unsold / USD_UNITS,
        hoursClosed: (this.#ltv.filter((ltv) => ltv < CLOSED_LTV + 1e-9).length * stepMinutes) / 60,
        trips,
        falseTrips: trips.filter((time) => this.#wasFalse(time)).length,
      },
      offered: { ltv: Float64Array.from(this.#ltv), threshold: Float64Array.from(this.#threshold) },
      timeline: this.#rows,
    };
  }

  /**
   * Whether the market's price did not fall by static's room (1 - LTV / threshold) from the highest of the day before to the
   * lowest of the rest after. People who close a market whose oracle says a wrong price are right.
   */
  #wasFalse(time: number): boolean {
    const { times, market, said } = this.#paths;
    const { ltv, threshold } = staticTerms(this.#incident);
    const within = (from: number, to: number) =>
      market.filter((_, i) => (times[i] as number) >= from && (times[i] as number) <= to);
    const highest = Math.max(...within(time - DAY_SECONDS, time));
    const lowest = Math.min(...within(time, time + TRIP_SECONDS));
    const isTold = !Number.isNaN(said[times.findLastIndex((at) => at <= time)] ?? Number.NaN);
    return lowest >= (highest * ltv) / threshold && !(this.#side === "static" && isTold);
  }
}
