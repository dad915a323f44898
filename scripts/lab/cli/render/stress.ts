import { left, type Paint, painter, right, WIDTH, wrap } from "../../../../keeper/cli/render/layout.ts";
import { bpsPercent, moment, percent, price, usd } from "../../../../keeper/domain/format.ts";
import { haircutToBpsUp } from "../../../../keeper/domain/numbers.ts";
import type { Losses } from "../../stress/cascade.ts";
import type { Reverse, StressedRow, StressReport } from "../stress.ts";

type Scenario = StressReport["scenarios"][number];

const NAME = 20;

/** Markets under scenarios as text: what becomes of the borrowers, then of each keeper's market what is decided. */
export function renderStress(report: StressReport, colour = false): string {
  const paint = painter(colour);
  const { subjects, book, evidence, assumed, scenarios } = report;
  const total = scenarios[0]?.cascade.total;
  const who = book === null ? "a made book" : `${book.source}, ${moment(book.time)}`;
  const capital = Number.isFinite(assumed.capitalUsd)
    ? `liquidators with ${usd(assumed.capitalUsd)}`
    : "liquidators never short";
  return [
    ...subjects.flatMap(({ name, time, priceUsd, source, ltv, threshold, bonus }) => [
      `${paint("heading", left(name, 9))}${price(priceUsd)} on ${moment(time)}`,
      `    LTV ${percent(ltv, 1)}, threshold ${percent(threshold, 1)}, bonus ${percent(bonus, 1)}; depth: ${source}`,
    ]),
    ...(evidence === null ? [] : wrap(`inputs of evidence ${evidence}`, WIDTH, 0)),
    ...wrap(
      `${total?.accounts ?? 0} accounts with ${usd(total?.debtUsd ?? 0)} of debt (${who}); ${capital}, ${percent(assumed.impactShare, 0)} of a pool's drop in everybody's price`,
      WIDTH,
      0,
    ),
    "",
    paint("heading", lossHead()),
    ...scenarios.flatMap((one) => losses(one, report)),
    ...(scenarios.some(({ reverse }) => reverse !== null) ? ["", ...reversed(report, paint)] : []),
    ...subjects.flatMap((subject, i) => (subject.input === null ? [] : ["", ...keeperTables(report, i, paint)])),
  ].join("\n");
}

function lossHead(): string {
  return `${left("scenario", NAME)}${left("market", 9)}${["falls", "due at once", "liquidated", "bad debt", "of debt", "deepest fall"].map((word, i) => right(word, LOSS_WIDTHS[i] as number)).join("")}`;
}

const LOSS_WIDTHS = [8, 13, 13, 13, 10, 14];

function losses({ scenario, rows, cascade }: Scenario, { subjects }: StressReport): readonly string[] {
  const line = (name: string, fall: number | null, one: Losses, deepest: number | null) => {
    const share = one.debtUsd === 0 ? 0 : one.badDebtUsd / one.debtUsd;
    const cells = [
      fall === null ? "" : percent(fall, 1),
      usd(one.dueUsd),
      usd(one.liquidatedUsd),
      usd(one.badDebtUsd),
      percent(share),
      deepest === null ? "" : percent(deepest, 1),
    ];
    return `${left(name, 9)}${cells.map((cell, i) => right(cell, LOSS_WIDTHS[i] as number)).join("")}`;
  };
  const lines = subjects.map(({ name }, i) => {
    const one = cascade.markets[i] as Scenario["cascade"]["markets"][number];
    return line(name, 1 - (rows[i]?.shock.priceFactor ?? 1), one, one.deepestFall);
  });
  if (cascade.several.accounts > 0) lines.push(line("several", null, cascade.several, null));
  if (lines.length > 1) lines.push(line("together", null, cascade.total, null));
  return [
    ...lines.map((text, i) => `${left(i === 0 ? scenario.name : "", NAME)}${text}`),
    ...wrap(scenario.summary, WIDTH, 4),
  ];
}

function reversed({ scenarios, subjects }: StressReport, paint: Paint): readonly string[] {
  const text = (name: string, reverse: Reverse): readonly string[] => {
    const { bps, wantedUsd, market, size, falls, loss, lossBelow, tried, isMonotone, strideBps } = reverse;
    const how = isMonotone
      ? `${tried} sizes played; none cost less than a smaller one`
      : `${tried} sizes played, every ${strideBps} bp, because some cost less than a smaller one`;
    if (bps === null) {
      const most = market === null ? "the whole of it" : `a fall of ${market} by 99.99 %`;
      return wrap(`${name}: no size up to ${most} costs ${usd(wantedUsd)}; at most ${usd(loss)} (${how})`, WIDTH, 2);
    }
    const what =
      market === null
        ? `${bpsPercent(bps)} of its size`
        : falls.map((fall, i) => `${subjects[i]?.name} -${percent(fall)}`).join(", ");
    return wrap(
      `${name}: ${what} (size ${size?.toFixed(4)}) costs ${usd(loss)}, 1 bp less ${usd(lossBelow)} (${how})`,
      WIDTH,
      2,
    );
  };
  const wanted = scenarios.find(({ reverse }) => reverse !== null)?.reverse?.wantedUsd ?? 0;
  return [
    paint("heading", `The least shock that costs ${usd(wanted)} of bad debt`),
    ...scenarios.flatMap(({ scenario, reverse }) => (reverse === null ? [] : text(scenario.name, reverse))),
  ];
}

type KeeperRow = { readonly name: string; readonly keeper: NonNullable<StressedRow["keeper"]> };

function keeperTables({ subjects, scenarios, book }: StressReport, market: number, paint: Paint): readonly string[] {
  const { name, input } = subjects[market] as StressReport["subjects"][number];
  const rows = scenarios.flatMap(({ scenario, rows: all }): KeeperRow[] => {
    const keeper = all[market]?.keeper ?? null;
    return keeper === null ? [] : [{ name: scenario.name, keeper }];
  });
  const { onChain } = input as NonNullable<typeof input>;
  const groups = `${left("", NAME)}${right("model says", 21)}${right("contract after 1 h", 21)}${right("after 24 h", 21)}`;
  return [
    `${paint("heading", name)}   on chain: initial ${bpsPercent(onChain.initialBps)}, maintenance ${bpsPercent(onChain.maintenanceBps)} towards ${bpsPercent(onChain.maintenanceTargetBps)}, ${onChain.mode}`,
    paint("heading", groups),
    `${left("scenario", NAME)}${["initial", "maint."]
      .map((word) => right(word, 11))
      .join("")
      .repeat(3)}`,
    ...rows.map(haircuts),
    "",
    paint(
      "heading",
      `${left("scenario", NAME)}${right("volatility", 11)}${right("ladder", 8)}${right("depth", 13)}  decision`,
    ),
    ...rows.flatMap(causes),
    ...(book === null ? [] : positions(rows, paint)),
  ];
}

function haircuts({ name, keeper: { assessment, outlook } }: KeeperRow): string {
  const { target } = assessment;
  const cells = [
    percent(target.initial),
    percent(target.maintenance),
    bpsPercent(outlook.afterHour.initialBps),
    bpsPercent(outlook.afterHour.maintenanceBps),
    bpsPercent(outlook.afterDay.initialBps),
    bpsPercent(outlook.afterDay.maintenanceBps),
  ];
  return `${left(name, NAME)}${cells.map((cell) => right(cell, 11)).join("")}${outlook.renewed ? "" : "  stale"}`;
}

function causes({ name, keeper: { assessment } }: KeeperRow): readonly string[] {
  const { risk, readings, decision } = assessment;
  const faults = [...readings.faults, ...risk.faults].filter(({ count }) => count === undefined);
  const named = [...new Set(faults.map(({ code, source }) => `${code} ${source}`))].join(", ");
  const head = `${left(name, NAME)}${right(percent(risk.volatility.used, 1), 11)}${right(risk.volatility.level, 8)}${right(usd(risk.depth.robustUsd), 13)}`;
  const reasons = decision.reasons.join(", ");
  const line = `${head}  ${decision.action} ${reasons}`;
  return [
    ...(line.length > WIDTH ? [`${head}  ${decision.action}`, ...wrap(reasons, WIDTH, 4)] : [line]),
    ...(named === "" ? [] : wrap(`faults: ${named}`, WIDTH, 4)),
  ];
}

function positions(rows: readonly KeeperRow[], paint: Paint): readonly string[] {
  const cell = ({ positions: count, debtUsd }: { positions: number; debtUsd: number }) =>
    right(`${count} ${usd(debtUsd)}`, 18);
  return [
    "",
    paint("heading", "Positions liquidatable at the scenario's price, each by itself"),
    `${left("scenario", NAME)}${["by the price", "after 1 h", "after 24 h", "at the target"].map((word) => right(word, 18)).join("")}`,
    ...rows.flatMap(({ name, keeper: { liquidatable: all } }) =>
      all === null
        ? []
        : [`${left(name, NAME)}${[all.byPrice, all.afterHour, all.afterDay, all.atTarget].map(cell).join("")}`],
    ),
  ];
}

const CSV_COLUMNS = [
  ...[
    "scenario",
    "market",
    "price_usd",
    "price_fall",
    "accounts",
    "debt_usd",
    "due_usd",
    "liquidated_usd",
    "bad_debt_usd",
  ],
  ...["caused_usd", "deepest_fall", "reverse_fall", "reverse_size"],
];

/** One row for each scenario and market; accounts with several collaterals and everything together as markets of that name. */
export function stressCsv({ scenarios, subjects }: StressReport): string {
  const money = (one: Losses) =>
    [one.debtUsd, one.dueUsd, one.liquidatedUsd, one.badDebtUsd, one.causedUsd].map((value) => value.toFixed(2));
  const share = (value: number | undefined) => (value === undefined ? "" : value.toFixed(6));
  const rows = scenarios.flatMap(({ scenario, rows: all, cascade, reverse }) => {
    const size = share(reverse?.size ?? undefined);
    return [
      ...subjects.map(({ name, priceUsd }, i) => {
        const one = cascade.markets[i] as Scenario["cascade"]["markets"][number];
        const fall = 1 - (all[i]?.shock.priceFactor ?? 1);
        return [
          scenario.name,
          name,
          priceUsd,
          share(fall),
          one.accounts,
          ...money(one),
          share(one.deepestFall),
          share(reverse?.falls[i]),
          size,
        ];
      }),
      ...(
        [
          ["several", cascade.several],
          ["together", cascade.total],
        ] as const
      ).map(([name, one]) => {
        return [scenario.name, name, "", "", one.accounts, ...money(one), "", "", size];
      }),
    ];
  });
  return `${[CSV_COLUMNS, ...rows].map((row) => row.join(",")).join("\n")}\n`;
}

/** Markets under scenarios as JSON; fields in JSON.md. */
export function stressJson({ subjects, evidence, book, assumed, scenarios }: StressReport) {
  return {
    evidence,
    markets: subjects.map(({ name, time, priceUsd, source, ltv, threshold, bonus, input }) => {
      const { initialBps, maintenanceBps, maintenanceTargetBps, mode } = input?.onChain ?? {};
      const onChain = input === null ? null : { initialBps, maintenanceBps, maintenanceTargetBps, mode };
      return { market: name, time, priceUsd, source, ltv, threshold, bonus, onChain };
    }),
    book: book === null ? null : { source: book.source, time: book.time, positions: book.positions.length },
    assumed: { ...assumed, capitalUsd: Number.isFinite(assumed.capitalUsd) ? assumed.capitalUsd : null },
    scenarios: scenarios.map(({ scenario, rows, cascade, reverse }) => ({
      ...{ scenario: scenario.name, summary: scenario.summary },
      markets: rows.map(({ shock, keeper }, i) => ({
        ...{ market: subjects[i]?.name, priceFactor: shock.priceFactor, losses: cascade.markets[i] },
        keeper: keeper === null ? null : keeperJson(keeper),
      })),
      ...{ several: cascade.several, total: cascade.total, reverse },
    })),
  };
}

function keeperJson({ assessment, outlook, liquidatable }: KeeperRow["keeper"]) {
  const { risk, readings, target, decision } = assessment;
  const { action, reasons, initialBps, maintenanceTargetBps } = decision;
  return {
    volatility: risk.volatility.used,
    ladder: risk.volatility.level,
    depthUsd: risk.depth.robustUsd,
    confidence: risk.confidence,
    model: { initialBps: haircutToBpsUp(target.initial), maintenanceBps: haircutToBpsUp(target.maintenance) },
    decision: { action, reasons, initialBps, maintenanceTargetBps },
    contract: outlook,
    faults: [...readings.faults, ...risk.faults].map(({ code, source, detail }) => ({ code, source, detail })),
    liquidatable,
  };
}
