import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { aaveHours, aaveMixture, aaveParts, aaveShape, LAUNCH } from "./aave.ts";
import { dayOf } from "./hours.ts";
import type { Choice } from "./judge.ts";

/** A published figure of liquidations on all Aave v3 deployments over whole UTC days, its source, and one to hold it against. */
type Study = {
  readonly name: string;
  readonly source: string;
  readonly url: string;
  /** Liquidated, USD. */
  readonly publishedUsd: number;
  /** First and last day, both included. */
  readonly days: readonly [first: string, last: string];
};

/** April 2024, with which the others are compared: published over published, modelled over modelled. */
const BASE = {
  name: "13 April 2024",
  source: "Chaos Labs, Market Alert, High Price Volatility and Liquidations, 2024-04-13",
  url: "https://governance.aave.com/t/chaos-labs-market-alert-high-price-volatility-and-liquidations-04-13-2024/17360",
} as const;
const BASE_DAY: Study = { ...BASE, publishedUsd: 50e6, days: ["2024-04-13", "2024-04-13"] };
const BASE_TWO_DAYS: Study = {
  ...BASE,
  name: "12 and 13 April 2024",
  publishedUsd: 65e6,
  days: ["2024-04-12", "2024-04-13"],
};

/**
 * What was published of later events. "All Aave v3" is more than the market that is played, so figures are compared as
 * multiples of the same source's kind of figure for April 2024: how much was there to lend to cancels out but for its growth.
 */
const STUDIES: readonly (readonly [study: Study, base: Study])[] = [
  [
    {
      name: "5 August 2024",
      source: "The Defiant after Block Analitica, Aave v3 all-time liquidations double, 2024-08-05",
      url: "https://altcoin.observer/crypto-crash-wipes-out-defi-borrowers-as-aave-v3-all-time-liquidations-double",
      publishedUsd: 253.4e6,
      days: ["2024-08-05", "2024-08-05"],
    },
    BASE_DAY,
  ],
  [
    {
      name: "2 and 3 February 2025",
      source: "Chaos Labs, Risk Report, Insights from Recent Market Events, 2025-02-03",
      url: "https://governance.aave.com/t/chaos-labs-risk-report-insights-from-recent-market-events-02-03-25/20919",
      publishedUsd: 210e6,
      days: ["2025-02-02", "2025-02-03"],
    },
    BASE_TWO_DAYS,
  ],
  [
    {
      name: "27 January to 2 February 2026",
      source: "Chaos Labs, Risk Report, Insights from Recent Market Events, 2026-02-02",
      url: "https://governance.aave.com/t/chaos-labs-risk-report-insights-from-recent-market-events-02-02-26/23986",
      publishedUsd: 193.12e6,
      days: ["2026-01-27", "2026-02-02"],
    },
    BASE_TWO_DAYS,
  ],
];

/** A published figure as a multiple of its base, and the market's. */
export type StudyFigure = {
  readonly study: Study;
  readonly base: Study;
  readonly published: number;
  readonly modelled: number;
  /** Modelled over published. */
  readonly factor: number;
};

/**
 * The market of the recorded Aave liquidations, as chosen on their first half, played on over the recorded prices of what was
 * published later. A study whose days are not recorded is left out; after a withheld span the book is built anew.
 * @throws TonsorError BAD_FILE when the days of April 2024 are not recorded
 */
export function studyFigures(folder: string, choice: Choice): readonly StudyFigure[] {
  const shape = aaveShape(folder);
  const stretches = STRETCHES.flatMap((from) => {
    const last = STUDIES.flatMap(([study, base]) => [start(study.days[1]), start(base.days[1])]).filter(
      (time) => time > from,
    );
    try {
      const paths = aaveHours(folder, from, Math.max(...last) + DAY_SECONDS);
      const parts = aaveParts(shape, paths, choice["repaymentDays"] ?? 0, choice["topUpHours"] ?? 0);
      return [{ first: dayOf(from), usd: aaveMixture(parts, choice) }];
    } catch (error) {
      if (error instanceof TonsorError && error.code === "BAD_FILE" && from !== LAUNCH) return [];
      throw error;
    }
  });
  const modelled = ({ days: [from, to] }: Study): number | null => {
    const [first, last] = [dayOf(start(from)), dayOf(start(to))];
    const held = stretches.find((one) => one.first <= first && one.first + one.usd.length > last);
    if (held === undefined) return null;
    return held.usd.subarray(first - held.first, last - held.first + 1).reduce((sum, usd) => sum + usd, 0);
  };
  return STUDIES.flatMap(([study, base]) => {
    const [own, other] = [modelled(study), modelled(base)];
    if (own === null || other === null) return [];
    const published = study.publishedUsd / base.publishedUsd;
    return [{ study, base, published, modelled: own / other, factor: own / other / published }];
  });
}

/** Where stretches of recorded prices begin that hold a study's days: the market's own opening, and what follows October 2025. */
const STRETCHES = [LAUNCH, Date.UTC(2025, 10, 1) / 1_000];

function start(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1_000;
}
