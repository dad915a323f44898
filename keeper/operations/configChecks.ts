import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { cosignSettings } from "../cosign/cosigning.ts";

import { TonsorError } from "../domain/errors.ts";
import { limitsOfMarket, listingProblems } from "../markets/limits.ts";
import { allMarkets, listingOf, type MarketName } from "../markets/registry.ts";
import type { Config } from "../runtime/config.ts";
import type { Context } from "./context.ts";
import { parameterProblems } from "./parameterProblems.ts";
import { startProblems } from "./startProblems.ts";

/** One check of `doctor` or `config check`. */
export type Check = {
  readonly name: string;
  readonly state: "ok" | "warn" | "fail";
  /** What was found, with values and units. */
  readonly found: string;
  /** What to do about it; null when there is nothing to do. */
  readonly cure: string | null;
};

/** The configuration and the governance numbers of every market; touches no network. */
export async function configChecks(context: Context): Promise<readonly Check[]> {
  const checks: Check[] = [];
  try {
    const config = await context.config();
    const markets = config.markets?.join(", ") ?? "all markets";
    const found = `chain ${config.chainId}, ${markets}, a cycle every ${config.tickSeconds} s, state in ${config.state}`;
    checks.push({ name: "configuration", state: "ok", found, cure: null }, ...recordChecks(config));
    checks.push(...secretCheck(config.cosign));
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    checks.push({ name: "configuration", state: "fail", found: error.message, cure: error.advice });
  }
  for (const market of allMarkets()) {
    const of = market.name as MarketName;
    const problems = [...parameterProblems(market), ...listingProblems(listingOf(of), limitsOfMarket(of))];
    const name = `market ${market.name}`;
    if (problems.length === 0)
      checks.push({ name, state: "ok", found: "parameters and listing are consistent", cure: null });
    else {
      const cure = `Correct keeper/markets/${market.name.toLowerCase()}.ts.`;
      checks.push({ name, state: "fail", found: problems.join("; "), cure });
    }
  }
  return checks;
}

/** The secret of co-signing: there, its owner's alone, and long enough. Nothing is said where it is off. */
function secretCheck(cosign: Config["cosign"]): readonly Check[] {
  const name = "co-signing secret";
  try {
    const settings = cosignSettings(cosign);
    if (settings === null) return [];
    const found = `${cosign.secretFile}, shared with ${settings.peers.length} other instances`;
    return [{ name, state: "ok", found, cure: null }];
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    return [{ name, state: "fail", found: error.message, cure: error.advice }];
  }
}

/** The deployment's record against itself and the markets; none while there is no record. */
function recordChecks(config: Config): readonly Check[] {
  const name = "deployment";
  const file = resolve(config.deployments, `${config.chainId}.json`);
  if (!existsSync(file)) return [];
  // Governance numbers have checks of their own.
  const problems = startProblems(config, allMarkets(), 0).filter(({ path }) => !path.startsWith("keeper/"));
  if (problems.length === 0) return [{ name, state: "ok", found: "the record is consistent", cure: null }];
  const found = problems.map(({ path, given, expected }) => `${path}: given ${given}, expected ${expected}`).join("; ");
  return [{ name, state: "fail", found, cure: `Correct ${file}, then run \`config check\`.` }];
}
