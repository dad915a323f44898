import { LAB } from "../../../scripts/lab/cli/registry.ts";
import type { LabServices } from "../../../scripts/lab/cli/services.ts";
import { type Run, runLine } from "../../cli/harness.ts";
import { calmBundle } from "../../support/storedEvidence.ts";

const NOW = 1_770_000_000;

/** Runs one command line of the analyst's program in this process, over a keeper that sees a calm market. */
export function lab(line: string, services: () => Promise<LabServices> = calmServices): Promise<Run> {
  return runLine(LAB, line, services);
}

async function calmServices(): Promise<LabServices> {
  return {
    marketNames: () => ["WETH", "WBTC"],
    async inputsOf(name) {
      const calm = calmBundle(NOW).markets.find((market) => market.name === name);
      if (calm === undefined) throw new Error(`the fixture has no ${name}`);
      const { parameters, observed, history, onChain } = calm;
      return { now: NOW, market: parameters, observed, history, onChain };
    },
  };
}
