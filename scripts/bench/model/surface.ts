import { join } from "node:path";
import { upperMedian } from "../../../keeper/domain/numbers.ts";
import type { OptionBoard } from "../../../keeper/domain/observation.ts";
import { DEFAULT_QUALITY } from "../../../keeper/markets/defaults.ts";
import { fitSurface } from "../../../keeper/model/options/surface.ts";
import { readChainFile } from "../../lab/files/chainFile.ts";
import { type Bench, best, time } from "./figure.ts";

/** The month with the crash: 72 moments, the hardest smiles. */
const FILE = "options/deribit_chain_2026-02.csv.gz";
const AIM_MS = 20;

/** The whole surface of a two-currency board, cleaned, fitted, tested and repaired, over a recorded month. */
export const surface: Bench = {
  title: "Surface: every expiry of a recorded two-currency Deribit board",
  async run({ data, runs }) {
    if (data === null) return "no recorded data";
    const boards = await readChainFile(join(data, FILE));
    const moments = [...Map.groupBy(boards, (board) => board.eventTime).values()];
    const costs: number[] = [];
    for (const moment of moments) costs.push(await best(Math.min(runs, 3), () => fitAll(moment)));
    const [typical, largest] = [upperMedian(costs) ?? 0, Math.max(0, ...costs)];
    const quotes = boards.reduce((sum, board) => sum + board.quotes.length, 0) / moments.length;
    const whole = costs.reduce((sum, ms) => sum + ms, 0);
    const [eth] = moments[0]?.filter((board) => board.currency === "ETH") ?? [];
    return [
      {
        what: `median moment, ${quotes.toFixed(0)} quotes`,
        ms: typical,
        aim: { text: `< ${AIM_MS} ms`, met: typical < AIM_MS },
      },
      {
        what: "slowest moment (repairs of arbitrage)",
        ms: largest,
        aim: { text: `< ${AIM_MS} ms`, met: largest < AIM_MS },
      },
      {
        what: `a month, ${moments.length} moments`,
        ms: whole,
        note: `linear in expiries and quotes; one currency alone ${eth === undefined ? "-" : time(await best(runs, () => fitAll([eth])))}`,
      },
    ];
  },
};

/** Copies, because a board is fitted once and remembered. */
function fitAll(boards: readonly OptionBoard[]): void {
  for (const board of boards) fitSurface({ ...board }, board.eventTime, DEFAULT_QUALITY);
}
