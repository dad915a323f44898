import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { momentIn, numberIn, wholeNumberIn } from "../../../../keeper/cli/arguments.ts";
import { DAY_SECONDS } from "../../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import { DEFAULT_MODEL } from "../../../../keeper/markets/defaults.ts";
import { outputFolder } from "../../files/outputs.ts";
import { DATA_OPTION } from "../dataOption.ts";
import { changesIn, setOption } from "../harness.ts";
import { OWN_OPTIONS, ownData } from "../ownOptions.ts";
import type { LabCommand } from "../services.ts";

export const frontier: LabCommand = {
  name: "frontier",
  summary:
    "bad debt against borrowing power: every rule at equal mean LTV and equal debt, by asset, depth and half; stopped by Ctrl-C it keeps what is finished in <out>/unfinished, and the same command goes on",
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
    ...OWN_OPTIONS,
    {
      flags: "--cut <time>",
      description: "rules are chosen before it and judged after; left out: 2023, of your own data the middle",
      parse: momentIn("--cut"),
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
      flags: "--memory-days <days>",
      description:
        "keep candles for so long and of older ones what the keeper does after 550 days, by its own code: minutes an asset; left out: all",
      parse: numberIn("--memory-days", 120, 1e5),
    },
    setOption("for every rule that uses them"),
    {
      flags: "--workers <number>",
      description:
        "worker threads, 1 to 64; left out: one for each core; with REDIS_URL they share the work with every sweep-worker, and 0 leaves all of it to those",
      parse: wholeNumberIn("--workers", 0, 64),
    },
    {
      flags: "--out <folder>",
      description: "where the page, the table and the choice are written",
      fallback: "reports",
    },
    DATA_OPTION,
  ],
  examples: [
    "lab frontier",
    "lab frontier --prices my.csv --depth depth.csv --class long-tail --ltv 0.6 --lt 0.7 --cut 2024-06-01",
    "lab frontier --assets ETH --hours-to-sell 20 --out reports --json",
  ],
  units: [
    "bad debt in bp of the mean debt a year; shares as fractions; the choice is made on data before 2023 and written",
    "before later data is read",
  ],
  async run({ options, output, signal }) {
    const [
      { ASSUMPTIONS },
      { DEPTH_FAMILIES },
      { CUT, FRONTIER_ASSETS, FRONTIER_FILES, frontier: judge },
      { DEFAULT_WORKERS },
      { redisUrlOf },
      { parseChanges },
      { recordingsFolder },
      { renderFrontier },
    ] = await Promise.all([
      import("../../frontier/assumptions.ts"),
      import("../../frontier/depthFamilies.ts"),
      import("../../frontier/frontier.ts"),
      import("../../sweep/sweep.ts"),
      import("../../sweep/redisUrl.ts"),
      import("../../validation/parameters.ts"),
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
      ["memoryDays", "memoryDays"],
    ].filter(([option = ""]) => typeof options[option] === "number");
    const redisUrl = redisUrlOf();
    const workers = typeof options["workers"] === "number" ? options["workers"] : DEFAULT_WORKERS;
    if (workers === 0 && redisUrl === null) {
      const expected = "1 to 64; 0, all work left to sweep-workers, only with REDIS_URL";
      throw new TonsorError("BAD_ARGUMENT", "nobody would do the work", { field: "--workers", given: 0, expected });
    }
    const out = outputFolder("--out", text("out") ?? "reports", [...FRONTIER_FILES, "unfinished/", "own/"]);
    const collateral = await ownCollateralOf(ownData({ options }), out);
    const cut = typeof options["cut"] === "number" ? options["cut"] : (collateral?.middle ?? CUT);
    if (collateral !== null) requireCut(cut, collateral);
    const found = await judge({
      ...{ assets: collateral === null ? listed("assets", FRONTIER_ASSETS) : [collateral.name], cut },
      own: collateral?.own ?? null,
      depths: listed(
        "depths",
        DEPTH_FAMILIES.map(({ name }) => name),
      ),
      ...{ folder: collateral?.folder ?? recordingsFolder(text("data")), out },
      assumptions: {
        ...ASSUMPTIONS[assumed],
        changes: parseChanges(changesIn(options), DEFAULT_MODEL),
        ...Object.fromEntries(numbers.map(([option = "", field = ""]) => [field, Number(options[option])])),
      },
      reproduction: assumed === "firstJudge" && collateral === null,
      sweep: { workers, redisUrl, signal, progress: output.progress(), note: output.note },
    });
    output.result(found, () => renderFrontier(found));
  },
};

/** An analyst's own collateral, its files put where every worker finds them and read once, with the middle of its hours. */
async function ownCollateralOf({ own: given, terms }: ReturnType<typeof ownData>, out: string) {
  if (given === null) return null;
  const [{ ownName }, { readText }, { ownCollateral }] = await Promise.all([
    import("../../files/ownAsset.ts"),
    import("../../files/readText.ts"),
    import("../../frontier/task.ts"),
  ]);
  const name = ownName(given);
  const isPiped = given.prices === "-" || given.depth === "-";
  // A file is judged where it is, so that an error names what was given; standard input can be read once, and is kept first.
  const inPlace = isPiped ? null : ownCollateral(name, { files: given, terms }, "/");
  const folder = join(out, "own", name);
  mkdirSync(folder, { recursive: true });
  const keep = (as: string, path: string) => writeFileSync(join(folder, as), readText(path, "a csv file"));
  keep("prices.csv", given.prices);
  if (given.depth !== null) keep("depth.csv", given.depth);
  const files = { ...given, prices: "prices.csv", depth: given.depth === null ? null : "depth.csv" };
  const { own } = inPlace ?? ownCollateral(name, { files, terms }, folder);
  const times = own?.series.closeTimes ?? new Float64Array();
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  // The first quarter year teaches the rules what long-run volatility is.
  const middle = Math.round((first + HISTORY_SECONDS + last) / 2 / DAY_SECONDS) * DAY_SECONDS;
  return { name, folder, first, last, middle, own: { files, terms } };
}

const HISTORY_SECONDS = 90 * DAY_SECONDS;
const MONTH_SECONDS = 30 * DAY_SECONDS;

function requireCut(cut: number, { first, last }: { readonly first: number; readonly last: number }): void {
  const [earliest, latest] = [first + HISTORY_SECONDS + MONTH_SECONDS, last - MONTH_SECONDS];
  if (cut >= earliest && cut <= latest) return;
  const day = (time: number) => new Date(time * 1_000).toISOString().slice(0, 10);
  const expected =
    earliest > latest
      ? "prices of more than 150 days: 90 to learn from, a month to choose on and one to judge"
      : `from ${day(earliest)} to ${day(latest)}: 90 days and a month before it, a month after it`;
  throw new TonsorError("BAD_ARGUMENT", "nothing can be judged with that cut", {
    ...{ field: "--cut", given: day(cut), expected },
  });
}
