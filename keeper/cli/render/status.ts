import { underWay } from "../../dashboard/arrivals.ts";
import type { ListedMarket, StatusSnapshot } from "../../dashboard/status.ts";
import { DATA_STATES } from "../../domain/decision.ts";
import { bpsPercent, limitTokens, moment, percent, price, shortHash, span, usd } from "../../domain/format.ts";
import { lenderNumbers } from "../../domain/lender.ts";
import { left, type Paint, painter, right, WIDTH, wrap } from "./layout.ts";
import { positionLines } from "./positions.ts";

/** By severity. */
const TONES = { good: "good", warning: "warning", critical: "bad" } as const;

const SHOWN_TRANSACTIONS = 5;

/** The keeper's state as text: what it does, every market, its sick sources, the last transactions. */
export function renderStatus(snapshot: StatusSnapshot, colour = false): string {
  const paint = painter(colour);
  const { keeper, data, replay, chain } = snapshot;
  const last =
    keeper.lastCycle === null
      ? "no cycle yet"
      : `last cycle ${span(Math.max(0, snapshot.time - keeper.lastCycle))} ago`;
  return [
    `${paint(TONES[keeper.severity], `keeper ${keeper.state}`)}   ${moment(snapshot.time)}   ${keeper.cycles} ${keeper.cycles === 1 ? "cycle" : "cycles"}, ${last}`,
    ...wrap(keeper.message, WIDTH, 2),
    `  data: ${data.kind}, ${data.label}`,
    ...(replay === null ? [] : [`  replay: ${moment(replay.clock)} of ${moment(replay.from)} .. ${moment(replay.to)}`]),
    ...(chain === null ? [] : [`  contract ${chain.contract} on chain ${chain.chainId}`]),
    "",
    ...(snapshot.markets.length === 0 ? ["no market has been assessed yet"] : marketLines(snapshot, paint)),
    ...lenderLines(snapshot),
    "",
    ...transactionLines(snapshot),
  ].join("\n");
}

function marketLines({ markets, time }: StatusSnapshot, paint: Paint): string[] {
  const header = row("market", "price", "volatility", "depth", "initial / maint.", "limit", "mode", "value age");
  return [paint("heading", header), ...markets.flatMap((market) => marketRows(market, time))];
}

/** What each lender has beside what the contract says, and why it differs. */
function lenderLines({ lenders, time }: StatusSnapshot): string[] {
  if (lenders.length === 0) return [];
  const lines = lenders.flatMap(({ lender, market, state, has, says, since, nextAt, words }) => {
    const age = since === null ? "" : `, for ${span(Math.max(0, time - since))}`;
    const next = nextAt === null ? "" : `, next ${moment(nextAt)}`;
    const numbers =
      has === null || says === null ? [] : [`has ${lenderNumbers(has)}; the contract says ${lenderNumbers(says)}`];
    const head = `  ${left(market, 8)}${lender} ${state}${age}${next}: ${words}`;
    return [...wrap(head.trimStart(), WIDTH, 2), ...numbers.flatMap((text) => wrap(text, WIDTH, 4))];
  });
  return ["", "lenders", ...lines];
}

function marketRows(market: ListedMarket, time: number): string[] {
  const { onChain } = market;
  const value =
    onChain === null ? "not listed" : `${bpsPercent(onChain.initialBps)} / ${bpsPercent(onChain.maintenanceBps)}`;
  const age = onChain === null ? "-" : `${span(Math.max(0, time - onChain.asOf))}${onChain.stale ? " STALE" : ""}`;
  const volatility = percent(market.volatility.used, 1);
  const line = row(
    market.market,
    price(market.priceUsd),
    volatility,
    usd(market.depthUsd),
    value,
    onChain === null ? "-" : limitTokens(onChain.exposureLimitTokens),
    onChain?.mode ?? "-",
    age,
  );
  const sick = market.sources.filter(({ state }) => state === "degraded" || state === "down");
  // A source with two roles is sick once.
  const lines = sick.map(
    ({ source, state, faults }) => `${source} ${state}: ${faults.map(({ code }) => code).join(", ")}`,
  );
  if (market.dataState !== "NORMAL") lines.unshift(`data ${market.dataState}: ${DATA_STATES[market.dataState]}`);
  const ways = underWay(market.arrivals).flatMap((words) => wrap(words, WIDTH, 4));
  const books = market.positions.time === null ? [] : positionLines(market.positions, 4);
  return [line, ...ways, ...books, ...new Set(lines.map((text) => `    ${text}`))];
}

function row(
  market: string,
  cost: string,
  volatility: string,
  depth: string,
  value: string,
  limit: string,
  mode: string,
  age: string,
): string {
  const numbers = `${right(cost, 12)}${right(volatility, 11)}${right(depth, 11)}${right(value, 19)}${right(limit, 9)}`;
  return `  ${left(market, 8)}${numbers}   ${left(mode, 12)}${right(age, 12)}`.trimEnd();
}

function transactionLines({ transactions, time }: StatusSnapshot): string[] {
  if (transactions.length === 0) return ["no transaction yet"];
  return transactions.slice(0, SHOWN_TRANSACTIONS).map(({ sequence, hash, status, markets, time: sent }) => {
    return `  #${left(String(sequence), 6)}${left(shortHash(hash), 16)}${left(status, 12)}${right(span(Math.max(0, time - sent)), 9)} ago   ${markets.join(", ")}`;
  });
}
