import type { Check } from "../cli/services.ts";
import { TonsorError } from "../domain/errors.ts";
import { allMarkets } from "../markets/registry.ts";
import type { Context } from "./context.ts";
import { parameterProblems } from "./parameterProblems.ts";

/** The configuration and the governance numbers of every market; touches no network. */
export async function configChecks(context: Context): Promise<readonly Check[]> {
  const checks: Check[] = [];
  try {
    const config = await context.config();
    const markets = config.markets?.join(", ") ?? "all markets";
    const found = `chain ${config.chainId}, ${markets}, a look every ${config.tickSeconds} s, state in ${config.state}`;
    checks.push({ name: "configuration", state: "ok", found, cure: null });
  } catch (error) {
    if (!(error instanceof TonsorError)) throw error;
    checks.push({ name: "configuration", state: "fail", found: error.message, cure: error.advice });
  }
  for (const market of allMarkets()) {
    const problems = parameterProblems(market);
    const name = `market ${market.name}`;
    if (problems.length === 0) checks.push({ name, state: "ok", found: "parameters are consistent", cure: null });
    else {
      const cure = `Correct keeper/markets/${market.name.toLowerCase()}.ts.`;
      checks.push({ name, state: "fail", found: problems.join("; "), cure });
    }
  }
  return checks;
}
