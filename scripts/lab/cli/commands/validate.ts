import { EXIT } from "../../../../keeper/cli/errors.ts";
import { HARNESS_OPTIONS, harnessRequest } from "../harness.ts";
import type { LabCommand } from "../services.ts";

export const validate: LabCommand = {
  name: "validate",
  summary: "judge the model and its rivals on every recorded asset and write one page with all figures",
  options: [
    { flags: "--assets <names>", description: "only these, separated by commas; left out: all" },
    {
      flags: "--out <folder>",
      description: "where validation.html, validation.json and validation-tables/*.csv go",
      fallback: "reports",
    },
    ...HARNESS_OPTIONS,
  ],
  examples: [
    "lab validate",
    "lab validate --set eta=0.4 --assets ETH,BTC --from 2022-01-01",
    "lab validate --assume depthOverCap=0.01 --assume volumeOverCap=20 --json",
  ],
  units: [
    "depth and volume as recorded, unless --assume says what they are to be; csv: shares as fractions",
    "haircuts and losses in % of the collateral (JSON: fractions); a minute or two for all assets",
    "pairs, pegs, boards and books are studied only with all assets and unchanged parameters",
    "exit code 1 when the harness fails its own checks: then no number counts",
  ],
  async run({ options, output }) {
    const [{ validate: run }, { renderValidation, validationJson }] = await Promise.all([
      import("../validate.ts"),
      import("../render/validate.ts"),
    ]);
    const { assets } = options;
    const result = await run(
      typeof assets === "string" ? assets : undefined,
      harnessRequest("validation", { options, output }),
    );
    const json = validationJson(result);
    output.result(json, () => renderValidation(result));
    return json.harness.sound ? EXIT.ok : EXIT.failed;
  },
};
