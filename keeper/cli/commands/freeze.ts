import { writeFileSync } from "node:fs";
import { MODES } from "../../domain/contract.ts";
import { TonsorError } from "../../domain/errors.ts";
import type { FreezeRequest, Frozen } from "../../operations/freezing.ts";
import { wholeNumberIn } from "../arguments.ts";
import type { CommandSpec } from "../command.ts";
import { EXIT } from "../errors.ts";

const CLOSING = MODES.filter((mode) => mode !== "NORMAL");

export const freeze: CommandSpec = {
  name: "freeze",
  summary: "close a market to new risk, with a guardian's key or as a file for a Safe; it cannot open one",
  arguments: [{ name: "<market...>", description: "names of markets, or all" }],
  options: [
    {
      flags: "--mode <mode>",
      description: "FROZEN: no new risk, and maintenance does not fall; NO_NEW_RISK: no new risk alone",
      fallback: "FROZEN",
      parse: closingMode,
    },
    {
      flags: "--nonce <number>",
      description: "takes the place of what waits from this nonce of the key on; else it goes behind what waits",
      parse: wholeNumberIn("nonce", 0, Number.MAX_SAFE_INTEGER),
    },
    {
      flags: "--safe <file>",
      description: "sends nothing, opens no key, and writes this new file for Safe's Transaction Builder",
    },
  ],
  examples: [
    "tonsor freeze WETH --env guardian.env",
    "tonsor freeze WETH WBTC --nonce 7 --env guardian.env",
    "tonsor freeze all --mode NO_NEW_RISK --env guardian.env",
    "tonsor freeze WETH --safe freeze.json",
  ],
  units: [
    "liquidates nobody; lapses after 72 h, and the same cannot be done again until 24 h after that; governance ends it with setMode",
    "exit code 0 when all are closed or in the file, 75 when one waits for a block or was not sent, 1 when one is refused",
  ],
  async run({ args, options, output, services, signal }) {
    const names = args.flatMap((name) => name ?? []);
    const file = typeof options["safe"] === "string" ? options["safe"] : null;
    const mode = options["mode"] as FreezeRequest["mode"];
    const nonce = typeof options["nonce"] === "number" ? options["nonce"] : null;
    if (nonce !== null && file !== null) {
      const facts = { field: "--nonce", given: nonce, expected: "no --safe beside it: the Safe has its own nonces" };
      throw new TonsorError("BAD_ARGUMENT", "a file for a Safe has no nonce", facts);
    }
    const request = { markets: names.includes("all") ? [] : names, mode, nonce, safe: file !== null };
    const frozen = await (await services()).freeze(request, { signal, onNote: output.note });
    if (file !== null && frozen.safe !== null) writeNew(file, `${JSON.stringify(frozen.safe, null, 2)}\n`);
    output.result(frozen, () => renderFrozen(frozen, file));
    const outcomes = new Set(frozen.markets.map(({ outcome }) => outcome));
    return outcomes.has("REFUSED")
      ? EXIT.failed
      : outcomes.has("WAITS") || outcomes.has("UNSENT")
        ? EXIT.retry
        : EXIT.ok;
  },
};

function closingMode(text: string): FreezeRequest["mode"] {
  const found = CLOSING.find((mode) => mode === text);
  if (found !== undefined) return found;
  throw new TonsorError("BAD_ARGUMENT", "no mode that closes", {
    field: "mode",
    given: text,
    expected: CLOSING.join(" or "),
  });
}

function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    const facts = {
      field: "--safe",
      given: file,
      expected: "a file that is not there yet, in a folder that may be written",
    };
    throw new TonsorError("BAD_FILE", "the file for the Safe cannot be written", facts, error);
  }
}

const WORDS = {
  SET: "closed",
  ALREADY: "is closed as strictly already",
  FILE: "in the file",
  WAITS: "waits for a block",
  UNSENT: "not sent",
  REFUSED: "refused",
} as const satisfies Record<Frozen["markets"][number]["outcome"], string>;

function renderFrozen({ mode, markets, safe }: Frozen, file: string | null): string {
  const lines = markets.map(({ market, was, outcome, hash, detail }) => {
    const facts = [WORDS[outcome], hash, detail].filter((fact) => fact !== null);
    return `${market}  ${was} -> ${outcome === "ALREADY" ? was : mode}  ${facts.join("  ")}`;
  });
  const send =
    file === null || safe === null
      ? []
      : [`Open ${file} in the Transaction Builder of the Safe that is guardian. Nothing was sent.`];
  return [...lines, ...send].join("\n");
}
