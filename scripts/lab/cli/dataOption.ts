import { statSync } from "node:fs";
import type { OptionSpec } from "../../../keeper/cli/command.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";

/** The recordings. A folder that is not there is refused even where other options leave nothing to be read of it. */
export const DATA_OPTION: OptionSpec = {
  flags: "--data <folder>",
  description: "the recordings; left out: TONSOR_DATA, else ../shared/data",
  parse(given) {
    if (statSync(given, { throwIfNoEntry: false })?.isDirectory() === true) return given;
    const facts = { field: "--data", given, expected: "a folder that is there" };
    throw new TonsorError("BAD_FILE", "no recorded market data here", facts);
  },
};
