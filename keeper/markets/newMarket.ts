import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { TonsorError } from "../domain/errors.ts";
import { type MarketFile, NAME } from "./marketFiles.ts";
import { TO_FILL_IN } from "./marketProblems.ts";

/** A market's file that was begun, and the paths in it that are still to be filled in. */
type BegunMarket = { readonly file: string; readonly like: string; readonly toFillIn: readonly string[] };

/**
 * Writes `<name>.jsonc` beside the file of another market, from whose text it is made: the name stands wherever that of the
 * other's collateral stood. "to fill in" stands for what would be the other asset's own: options and histories, and every address
 * under such a name; `config check` names them. Numbers and reasons are the other market's until each has been argued anew.
 * @throws TonsorError BAD_ARGUMENT for a name that no file may have or that is taken, and beside the markets of an installed package
 * @example newMarket(marketNamed(files, "WBTC"), "LINK").toFillIn
 * // ["sources.transferFrom", "sources.history", "sources.transferHistory",
 * //   "addresses.tokens.LINK", "addresses.pools.LINK/WETH-0.3%", "addresses.feeds.LINK"]
 */
export function newMarket(like: MarketFile, name: string): BegunMarket {
  const file = join(dirname(like.file), `${name}.jsonc`);
  const wrong = (given: string, expected: string) =>
    new TonsorError("BAD_ARGUMENT", "the market was not begun", { field: "name", given, expected });
  if (!NAME.test(name)) throw wrong(name, "letters, digits and -");
  if (file.split(sep).includes("node_modules")) {
    const expected = "a folder of yours in TONSOR_MARKETS, begun as a copy of this one";
    throw wrong(`${dirname(file)}, where the next version of the package replaces it`, expected);
  }
  if (existsSync(file)) throw wrong(`${file}, which exists`, "a name that no market has");
  const { name: other, collateral } = like.parameters;
  const [header, ...body] = readFileSync(like.file, "utf8").split(/^(?=\{)/m);
  const toFillIn: string[] = [];
  const text = (body.join("") || (header ?? ""))
    .replace(new RegExp(`\\b(?:${collateral.symbol}|${other})\\b`, "g"), name)
    .replace(/("feed"\s*:\s*")[^"/]+\//, `$1${name} /`)
    .replace(OWN, (_, start: string, field: string) => {
      toFillIn.push(`sources.${field}`);
      return `${start}"${TO_FILL_IN}"`;
    })
    .replace(/"(tokens|pools|feeds|rates)"\s*:\s*\{[^}]*\}/g, (section, kind: string) =>
      section.replace(/("([^"]+)"\s*:\s*)"0x[0-9a-fA-F]{40}"/g, (entry, start: string, key: string) => {
        if (!new RegExp(`\\b${name}\\b`).test(key)) return entry;
        toFillIn.push(`addresses.${kind}.${key}`);
        return `${start}"${TO_FILL_IN}"`;
      }),
    );
  const note = `// ${name}: begun from ${other}, whose numbers and reasons these are until each has been argued anew.\n`;
  writeFileSync(file, note + text, { flag: "wx" });
  return { file, like: other, toFillIn };
}

/** What a market says of the asset itself, and no other could be judged by. */
const OWN = /("(options|transferFrom|history|transferHistory)"\s*:\s*)"[^"]*"/g;
