import { numberIn, wholeNumberIn } from "../../../../keeper/cli/arguments.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import type { LabCommand } from "../services.ts";

export const frontier: LabCommand = {
  name: "frontier",
  summary: "bad debt against borrowing power: every rule at equal mean LTV and equal debt, by asset, depth and half",
  options: [
    {
      flags: "--assets <names>",
      description: "recorded assets, separated by commas",
      fallback: "ETH,BTC,LINK,CRV,SOL",
    },
    {
      flags: "--depths <names>",
      description: "how depth moves: constant, volume, halved, collapse, separated by commas",
      fallback: "constant,volume,halved,collapse",
    },
    {
      flags: "--hours-to-sell <hours>",
      description: "selling the whole cap takes so long at mean depth",
      fallback: 100,
      parse: numberIn("--hours-to-sell", 0.1, 1e5),
    },
    {
      flags: "--impact <share>",
      description: "share of the pool's drop that everybody's price follows",
      fallback: 0.3,
      parse: numberIn("--impact", 0, 1),
    },
    {
      flags: "--repayment-days <days>",
      description: "half of the loans are repaid within so long",
      fallback: 60,
      parse: numberIn("--repayment-days", 0.1, 1e5),
    },
    {
      flags: "--workers <number>",
      description:
        "worker threads; left out: one for each core; with REDIS_URL they share the work with every sweep-worker",
      parse: wholeNumberIn("--workers", 0, 64),
    },
    {
      flags: "--out <folder>",
      description: "where the page, the table and the choice are written",
      fallback: "reports",
    },
    { flags: "--data <folder>", description: "the recordings; left out: TONSOR_DATA, else ../shared/data" },
  ],
  examples: ["lab frontier", "lab frontier --assets ETH --hours-to-sell 20 --out reports --json"],
  units: [
    "bad debt in bp of the mean debt a year; shares as fractions; the choice is made on data before 2023 and written",
    "before later data is read",
  ],
  async run({ options, output, signal }) {
    const [
      { DEPTH_FAMILIES },
      { FRONTIER_ASSETS, frontier: judge },
      { DEFAULT_WORKERS },
      { redisUrlOf },
      { PLAY_DEFAULTS },
      { recordingsFolder },
      { renderFrontier },
    ] = await Promise.all([
      import("../../frontier/depthFamilies.ts"),
      import("../../frontier/frontier.ts"),
      import("../../sweep/sweep.ts"),
      import("../../sweep/redisUrl.ts"),
      import("../../market/play.ts"),
      import("../../validation/recordings.ts"),
      import("../render/frontier.ts"),
    ]);
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
    const listed = (name: "assets" | "depths", known: readonly string[]): readonly string[] => {
      const given = (text(name) ?? "").split(",").map((one) => one.trim());
      return given.map((one) => {
        const found = known.find((each) => each.toLowerCase() === one.toLowerCase());
        if (found !== undefined) return found;
        const facts = { field: `--${name}`, given: one, expected: `some of ${known.join(", ")}` };
        throw new TonsorError("BAD_ARGUMENT", "there is no such name", facts);
      });
    };
    const assets = listed("assets", FRONTIER_ASSETS);
    const depths = listed(
      "depths",
      DEPTH_FAMILIES.map(({ name }) => name),
    );
    const { ltv: _ltv, threshold: _threshold, bonus: _bonus, ...defaults } = PLAY_DEFAULTS;
    const found = await judge({
      ...{ assets, depths, folder: recordingsFolder(text("data")), out: text("out") ?? "reports" },
      assumptions: {
        ...defaults,
        hoursToSell: Number(options["hoursToSell"]),
        impactShare: Number(options["impact"]),
        repaymentDays: Number(options["repaymentDays"]),
      },
      sweep: {
        workers: typeof options["workers"] === "number" ? options["workers"] : DEFAULT_WORKERS,
        ...{ redisUrl: redisUrlOf(), signal, progress: output.progress(), note: output.note },
      },
    });
    output.result(found, () => renderFrontier(found));
    return undefined;
  },
};
