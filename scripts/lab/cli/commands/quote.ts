import { TonsorError } from "../../../../keeper/domain/errors.ts";
import type { LabCommand } from "../services.ts";

export const quote: LabCommand = {
  name: "quote",
  summary:
    "both haircuts and the exposure limit of given risk inputs: volatility, depth, borrowers, bonus, oracle terms",
  options: [
    { flags: "--input <file>", description: "a JSON file of risk inputs; --schema prints what it may hold" },
    { flags: "--schema", description: "print the JSON Schema of the input, with units and defaults", fallback: false },
  ],
  examples: ["lab quote --schema", "lab quote --input eth.json", "lab quote --input eth.json --json"],
  units: [
    "in: volatility as fraction a year (0.6 = 60 %), money in $; out: haircuts in bp and %, the limit in $ of collateral",
  ],
  async run({ options, output }) {
    const { input, schema } = options;
    const { quoteCommand, quoteSchema } = await import("../quote.ts");
    if (schema === true) {
      const shape = quoteSchema();
      output.result(shape, () => JSON.stringify(shape, null, 2));
      return;
    }
    if (typeof input !== "string") {
      const expected = "--input <file>, or --schema to see what the file may hold";
      throw new TonsorError("BAD_ARGUMENT", "there is nothing to quote", {
        field: "--input",
        given: "nothing",
        expected,
      });
    }
    const report = await quoteCommand(input);
    output.result(report.json, () => report.text);
  },
};
