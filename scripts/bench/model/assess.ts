import type { AssessInput } from "../../../keeper/domain/decision.ts";
import { assess as assessMarket, estimatesAt } from "../../../keeper/pipeline.ts";
import type { Bench, Figure } from "./figure.ts";
import { recordedMarkets } from "./recordedMarkets.ts";

/** For a hundred markets, milliseconds: with sources shared, and with candles and pools of their own that were read before. */
const AIM_MS = { shared: 50, own: 100 };

/** The whole reasoning, from observations to decisions, about 1, 10 and 100 markets of a recorded moment. */
export const assess: Bench = {
  title: "Assess: readings to decision, recorded boards, candles of 400 days, tick maps, 28 days of depth",
  async run({ data, runs }) {
    if (data === null) return "no recorded data";
    const figures: Figure[] = [];
    // The compiler first: the first decision about a market costs ten times the later ones.
    for (const input of await recordedMarkets(data, 100, false)) assessMarket(input);
    for (const distinct of [false, true]) {
      const how = distinct ? "own candles and pools" : "sources shared";
      let one = 0;
      for (const count of [1, 10, 100]) {
        const { first, next } = await bestCycles(runs, () => recordedMarkets(data, count, distinct));
        if (count === 1) one = first;
        const markets = `${count} market${count === 1 ? "" : "s"}, ${how}`;
        const aimMs = distinct ? AIM_MS.own : AIM_MS.shared;
        figures.push(
          {
            what: `${markets}, candles never read`,
            ms: first,
            ...(count === 1 ? {} : { note: `${(first / one).toFixed(1)} times one market` }),
          },
          {
            what: `${markets}, the next cycle`,
            ms: next,
            ...(count === 100 ? { aim: { text: `< ${aimMs} ms`, met: next < aimMs } } : {}),
          },
        );
      }
    }
    return figures;
  },
};

/** The least time of a first cycle on new inputs, and of the next one with the same candles; milliseconds. */
async function bestCycles(runs: number, inputsAnew: () => Promise<readonly AssessInput[]>) {
  const [firsts, nexts]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    const inputs = await inputsAnew();
    firsts.push(cycleMs(inputs));
    nexts.push(cycleMs(inputs));
  }
  return { first: Math.min(...firsts), next: Math.min(...nexts) };
}

/** One set of estimates for all markets, as in a cycle. */
function cycleMs(inputs: readonly AssessInput[]): number {
  const start = performance.now();
  const estimates = estimatesAt(inputs[0]?.now ?? 0);
  for (const input of inputs) assessMarket(input, estimates);
  return performance.now() - start;
}
