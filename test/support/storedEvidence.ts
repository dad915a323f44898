import type { Hex } from "../../keeper/domain/contract.ts";
import { piecesOf } from "../../keeper/evidence/pieces.ts";
import type { EvidenceBundle, MarketEvidence } from "../../keeper/evidence/schema.ts";
import { evidenceFolder } from "../../keeper/journal/evidenceFolder.ts";
import { assess, fitBatch, MODEL_VERSION } from "../../keeper/pipeline.ts";
import { calmMarkets } from "./markets.ts";
import { CALM_WRITER, calmMarket } from "./onChain.ts";

const IDS: Readonly<Record<string, number>> = { WETH: 1, WBTC: 2 };

/** The evidence of a batch that both calm markets sent at `now`, made by the present code; each test changes one thing. */
export function calmBundle(now: number, sequence = 1): EvidenceBundle {
  const assessed = calmMarkets(now).map((world) => {
    // Both start low enough that the model tightens them.
    const low = { initialBps: 1_500, storedInitialBps: 1_500, maintenanceBps: 1_200, maintenanceTargetBps: 1_200 };
    const writer = { ...CALM_WRITER, sequence: sequence - 1 };
    const onChain = calmMarket(now, { marketId: IDS[world.market.name] ?? 0, ...low, writer });
    return { ...world, onChain, decision: assess({ ...world, now, onChain }).decision };
  });
  const { decisions } = fitBatch(assessed);
  const markets = assessed.map(({ market, observed, history, onChain }, i): MarketEvidence => {
    const decision = decisions[i];
    if (decision?.action !== "submit") throw new Error(`${market.name} is to be sent in this fixture`);
    const { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources } = decision;
    return {
      ...{ name: market.name, marketId: onChain.marketId, parameters: market, observed, history, onChain },
      decision: { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources },
    };
  });
  const contract = "0x5FbDB2315678afecb367f032d93F642f64180aa3";
  return {
    ...{ modelVersion: MODEL_VERSION, chainId: 31_337, contract },
    ...{ now, markets },
  };
}

/** Stores a bundle as a keeper does; its hash. */
export function storeBundle(folder: string, bundle: EvidenceBundle): Promise<Hex> {
  return evidenceFolder(folder).put(piecesOf(bundle));
}
