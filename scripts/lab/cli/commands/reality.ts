import { outputFolder } from "../../files/outputs.ts";
import { DATA_OPTION } from "../dataOption.ts";
import type { LabCommand } from "../services.ts";

export const reality: LabCommand = {
  name: "reality",
  summary: "the market against recorded liquidations: fitted on the first half of the days, judged on the second",
  options: [
    { flags: "--out <folder>", description: "where the page and the tables are written", fallback: "reports" },
    DATA_OPTION,
  ],
  examples: ["lab reality", "lab reality --out reports --json"],
  units: [
    "rank correlations (Spearman) of daily liquidations with 95 % intervals; money in USD; a minute or two",
    "what was chosen is written to reality-chosen.json before the second half is judged",
  ],
  async run({ options, output }) {
    const [{ recordingsFolder }, { REALITY_FILES, reality: run }, { renderReality }] = await Promise.all([
      import("../../validation/recordings.ts"),
      import("../../reality/reality.ts"),
      import("../render/reality.ts"),
    ]);
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
    const found = run({
      ...{
        folder: recordingsFolder(text("data")),
        out: outputFolder("--out", text("out") ?? "reports", REALITY_FILES),
      },
      progress: output.progress(),
    });
    output.result(found, () => renderReality(found));
  },
};
