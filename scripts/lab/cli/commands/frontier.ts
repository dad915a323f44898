import { numberIn, wholeNumberIn } from "../../../../keeper/cli/arguments.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import type { LabCommand } from "../services.ts";

export const frontier: LabCommand = {
  name: "frontier",
  summary: "bad debt against borrowing power: every rule at equal mean LTV and equal debt, by asset, depth and half",
  options: [
    {
      flags: "--assets <names>",
      description: "recorded assets, separated by commas, or all",
      fallback: "all",
    },
    {
      flags: "--depths <names>",
      description:
        "how depth moves: constant, volume, turnover, halved, collapse, recorded, separated by commas, or all",
      fallback: "all",
    },
    {
      flags: "--assumptions <name>",
      description: "usual, or firstJudge: those of the published figures, which are then made again",
      fallback: "usual",
    },
    {
      flags: "--hours-to-sell <hours>",
      description: "selling the whole cap takes so long at mean depth; left out, like what follows: as assumed",
      parse: numberIn("--hours-to-sell", 0.1, 1e5),
    },
    {
      flags: "--impact <share>",
      description: "share of the pool's drop that everybody's price follows",
      parse: numberIn("--impact", 0, 1),
    },
    {
      flags: "--repayment-days <days>",
      description: "half of the loans are repaid within so long",
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
      { ASSUMPTIONS },
      { DEPTH_FAMILIES },
      { FRONTIER_ASSETS, frontier: judge },
      { DEFAULT_WORKERS },
      { redisUrlOf },
      { recordingsFolder },
      { renderFrontier },
    ] = await Promise.all([
      import("../../frontier/assumptions.ts"),
      import("../../frontier/depthFamilies.ts"),
      import("../../frontier/frontier.ts"),
      import("../../sweep/sweep.ts"),
      import("../../sweep/redisUrl.ts"),
      import("../../validation/recordings.ts"),
      import("../render/frontier.ts"),
    ]);
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
    const one = <Name extends string>(option: string, given: string, known: readonly Name[]): Name => {
      const found = known.find((each) => each.toLowerCase() === given.toLowerCase());
      if (found !== undefined) return found;
      const facts = { field: `--${option}`, given, expected: `some of ${known.join(", ")}` };
      throw new TonsorError("BAD_ARGUMENT", "there is no such name", facts);
    };
    const listed = (option: "assets" | "depths", known: readonly string[]): readonly string[] => {
      const given = (text(option) ?? "all").split(",").map((each) => each.trim());
      return given[0] === "all" ? known : given.map((each) => one(option, each, known));
    };
    const names = Object.keys(ASSUMPTIONS) as (keyof typeof ASSUMPTIONS)[];
    const assumed = one("assumptions", text("assumptions") ?? "usual", names);
    const numbers = [
      ["hoursToSell", "hoursToSell"],
      ["impact", "impactShare"],
      ["repaymentDays", "repaymentDays"],
    ].filter(([option = ""]) => typeof options[option] === "number");
    const found = await judge({
      assets: listed("assets", FRONTIER_ASSETS),
      depths: listed(
        "depths",
        DEPTH_FAMILIES.map(({ name }) => name),
      ),
      ...{ folder: recordingsFolder(text("data")), out: text("out") ?? "reports" },
      assumptions: {
        ...ASSUMPTIONS[assumed],
        ...Object.fromEntries(numbers.map(([option = "", field = ""]) => [field, Number(options[option])])),
      },
      reproduction: assumed === "firstJudge",
      sweep: {
        workers: typeof options["workers"] === "number" ? options["workers"] : DEFAULT_WORKERS,
        ...{ redisUrl: redisUrlOf(), signal, progress: output.progress(), note: output.note },
      },
    });
    output.result(found, () => renderFrontier(found));
    return undefined;
  },
};
