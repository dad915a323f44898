import { knownMarket, momentIn, numberIn } from "../../../../keeper/cli/arguments.ts";
import { TonsorError } from "../../../../keeper/domain/errors.ts";
import { outputFile } from "../../files/outputs.ts";
import { DATA_OPTION } from "../dataOption.ts";
import type { LabCommand } from "../services.ts";
import type { Loss } from "../stress.ts";

export const stress: LabCommand = {
  name: "stress",
  summary:
    "markets together under scenarios: what falls due, what sells, bad debt; and the least shock that costs so much",
  arguments: [
    { name: "[scenarios...]", description: "names of shipped scenarios; none: all of them, or that of --scenario" },
  ],
  options: [
    {
      flags: "--scenario <file>",
      description: "one of your own, JSON as in scripts/lab/stress/scenarios/, - for standard input",
    },
    {
      flags: "--markets <names>",
      description: "separated by commas; left out: ETH,BTC as recorded, or all of the evidence",
    },
    {
      flags: "--at <time>",
      description: "recorded assets as they were then; left out: the last hour",
      parse: momentIn("--at"),
    },
    {
      flags: "--evidence <file>",
      description:
        "a keeper's inputs of a stored batch, <hash>.json.gz or what /evidence/<hash> answers: its decisions are shown as well",
    },
    { flags: "--present", description: "the configured keeper's present inputs: asks its chain and venues" },
    {
      flags: "--book <file>",
      description: "the borrowers, positions.json (keeper/impact/IMPACT.md); left out: 100 equal accounts a market",
    },
    {
      flags: "--reverse <loss>",
      description: "also the least size of each scenario with so much bad debt: 1% of the debt, or USD",
      parse: lossIn,
    },
    {
      flags: "--impact <share>",
      description: "share of the pool's drop that everybody's price follows",
      fallback: 0.3,
      parse: numberIn("--impact", 0, 1),
    },
    {
      flags: "--capital <usd>",
      description: "money of all liquidators together; left out: never short",
      parse: numberIn("--capital", 1, 1e15),
    },
    { flags: "--csv <file>", description: "write one row for each scenario and market" },
    DATA_OPTION,
  ],
  examples: [
    "lab stress",
    "lab stress price-falls combined --markets ETH,BTC,LINK --reverse 1%",
    "lab stress --scenario mine.json --book positions.json --csv stress.csv",
    "lab stress --evidence .tonsor/evidence/0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060.json.gz --json",
  ],
  units: [
    "haircuts and falls in %; volatility in % a year; depth and debt in $; nothing is sent",
    "a shock comes in one moment and is taken to last; liquidators then have a day, pools refill, nobody tops up. With a",
    "keeper's inputs the same reasoning decides: initial is written at once, maintenance moves at its speed limit",
  ],
  async run({ args, options, output, services }) {
    const [
      { observedSubjects, recordedSubjects, stressReport },
      { storedInputs },
      { readScenario, shippedScenario, shippedScenarios },
      { renderStress, stressCsv, stressJson },
    ] = await Promise.all([
      import("../stress.ts"),
      import("../../../../keeper/audit/storedMarket.ts"),
      import("../../stress/readScenario.ts"),
      import("../render/stress.ts"),
    ]);
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
    const csv = text("csv");
    if (csv !== undefined) outputFile("--csv", csv);
    const own = text("scenario");
    const given = args.flatMap((name) => name ?? []);
    const named = given.length === 0 && own === undefined ? shippedScenarios() : given;
    const scenarios = [...named.map(shippedScenario), ...(own === undefined ? [] : [readScenario(own)])];
    const markets =
      text("markets")
        ?.split(",")
        .map((one) => one.trim()) ?? null;
    const evidence = text("evidence");
    const present = async () => {
      const wired = await services();
      const names = wired.marketNames();
      const asked = (markets ?? names).map((name) => knownMarket(name, names));
      return Promise.all(asked.map((name) => wired.inputsOf(name)));
    };
    const stored = evidence === undefined ? null : await storedInputs(evidence, markets);
    const subjects =
      stored !== null || options["present"] === true
        ? observedSubjects(stored?.inputs ?? (await present()))
        : recordedSubjects(markets ?? ["ETH", "BTC"], text("data"), Number(options["at"] ?? Number.POSITIVE_INFINITY));
    const report = await stressReport(subjects, scenarios, {
      ...{ evidence: stored?.hash ?? null, bookFile: text("book") ?? null },
      reverse: (options["reverse"] as Loss | undefined) ?? null,
      impactShare: Number(options["impact"]),
      capitalUsd: Number(options["capital"] ?? Number.POSITIVE_INFINITY),
      progress: options["reverse"] === undefined ? () => {} : output.progress(),
    });
    if (csv !== undefined) (await import("node:fs")).writeFileSync(csv, stressCsv(report));
    output.result(stressJson(report), () => renderStress(report, output.colour));
  },
};

/** A loss: "1%" of the debt, or USD. @throws TonsorError BAD_ARGUMENT */
function lossIn(text: string): Loss {
  const found = /^(\d+(?:\.\d+)?(?:e\d+)?)(%?)$/.exec(text.replaceAll("_", ""));
  const value = Number(found?.[1]);
  if (found?.[2] === "%" && value > 0 && value <= 100) return { share: value / 100 };
  if (found?.[2] === "" && value > 0) return { usd: value };
  const facts = {
    field: "--reverse",
    given: text,
    expected: "a share of the debt in (0, 100] like 1%, or USD like 2000000",
  };
  throw new TonsorError("BAD_ARGUMENT", "not a loss", facts);
}
