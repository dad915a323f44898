import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { cosignSettings } from "../cosign/cosigning.ts";
import { type ConfigProblem, TonsorError } from "../domain/errors.ts";
import type { MarketFile, MarketFolder } from "../markets/marketFiles.ts";
import type { Config } from "../runtime/config.ts";
import type { Context } from "./context.ts";
import { recordProblems } from "./startProblems.ts";

/** One check of `doctor` or `config check`. */
export type Check = {
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  /** What was found, with values and units. */
  readonly found: string;
  /** What to do about it; null when there is nothing to do. */
  readonly cure: string | null;
};

export const ok = (name: string, found: string): Check => ({ name, state: "ok", found, cure: null });
export const warn = (name: string, found: string, cure: string): Check => ({ name, state: "warn", found, cure });
export const fail = (name: string, found: string, cure: string): Check => ({ name, state: "fail", found, cure });

/** The configuration and the governance numbers of every market; touches no network. */
export async function configChecks(context: Context): Promise<readonly Check[]> {
  const checks: Check[] = [];
  try {
    const config = await context.config();
    const markets = config.markets?.join(", ") ?? "all markets";
    const found = `chain ${config.chainId}, ${markets}, a cycle every ${config.tickSeconds} s, state in ${config.state}`;
    checks.push(ok("configuration", found), ...recordChecks(config, context.markets().files));
    checks.push(...secretCheck(config.cosign));
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    checks.push(fail("configuration", error.message, error.advice));
  }
  checks.push(...marketChecks(context.markets()));
  return checks;
}

/** One check for every market; what is wrong with the folder itself has one of its own. */
function marketChecks({ names, problems }: MarketFolder): readonly Check[] {
  const check = (name: string, wrong: readonly ConfigProblem[]): Check => {
    if (wrong.length === 0) return ok(name, "parameters and listing are consistent");
    const [file = ""] = wrong[0]?.path.split(": ") ?? [];
    // The cure names the file.
    const said = wrong.map(({ path, given, expected }) => {
      return `${path.replace(`${file}: `, "")}: given ${given}, expected ${expected}`;
    });
    return fail(name, said.join("; "), `Correct ${file}.`);
  };
  const of = (name: string) => problems.filter(({ path }) => FILE_OF.exec(path)?.[1] === name);
  const folder = problems.filter(({ path }) => !names.includes(FILE_OF.exec(path)?.[1] ?? ""));
  const checks = names.map((name) => check(`market ${name}`, of(name)));
  return folder.length === 0 ? checks : [check("markets", folder), ...checks];
}

/** The name of a market at the end of its file's path. */
const FILE_OF = /([^/\\]+)\.jsonc?(?::|$)/;

/** The secret of co-signing: there, its owner's alone, and long enough. Nothing is said where it is off. */
function secretCheck(cosign: Config["cosign"]): readonly Check[] {
  const name = "co-signing secret";
  try {
    const settings = cosignSettings(cosign);
    if (settings === null) return [];
    const found = `${cosign.secretFile}, shared with ${settings.peers.length} other instances`;
    return [ok(name, found)];
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    return [fail(name, error.message, error.advice)];
  }
}

/** The deployment's record against itself and the markets; none while there is no record. */
function recordChecks(config: Config, markets: readonly MarketFile[]): readonly Check[] {
  const name = "deployment";
  const file = resolve(config.deployments, `${config.chainId}.json`);
  if (!existsSync(file)) return [];
  const problems = recordProblems(config, markets, 0);
  if (problems.length === 0) return [ok(name, "the record is consistent")];
  const found = problems.map(({ path, given, expected }) => `${path}: given ${given}, expected ${expected}`).join("; ");
  return [fail(name, found, `Correct ${file}, then run \`config check\`.`)];
}
