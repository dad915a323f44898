import { assess as assessMarket, estimatesAt } from "../../../keeper/pipeline.ts";
import { type Bench, best, type Figure } from "./figure.ts";
import { recordedMarkets } from "./recordedMarkets.ts";

const AIM_MS = 50;

/** The whole reasoning, from observations to decisions, about 1, 10 and 100 markets of a recorded moment. */
export const assess: Bench = {
  title: "Assess: readings to decision, recorded boards, candles of 400 days, tick maps, 28 days of depth",
  async run({ data, runs }) {
    if (data === null) return "no recorded data";
    const figures: Figure[] = [];
    // The compiler first: the first decision about a market costs ten times the later ones.
    for (const input of await recordedMarkets(data, 100, false)) assessMarket(input);
    for (const [how, distinct] of [
      ["two collaterals, sources shared", false],
      ["every market its own candles and pools", true],
    ] as const) {
      let one = 0;
      for (const count of [1, 10, 100]) {
        const worlds = await Promise.all(
          Array.from({ length: runs + 1 }, () => recordedMarkets(data, count, distinct)),
        );
        let run = 0;
        const ms = await best(runs, () => {
          const inputs = worlds[run++] ?? [];
          // One set of estimates for all markets, as in a cycle.
          const estimates = estimatesAt(inputs[0]?.now ?? 0);
          for (const input of inputs) assessMarket(input, estimates);
        });
        if (count === 1) one = ms;
        figures.push({
          what: `${count} market${count === 1 ? "" : "s"}, ${how}`,
          ms,
          ...(count === 1 ? {} : { note: `${(ms / one).toFixed(1)} times one market` }),
          ...(count === 100 && !distinct ? { aim: { text: `< ${AIM_MS} ms`, met: ms < AIM_MS } } : {}),
        });
      }
    }
    return figures;
  },
};
