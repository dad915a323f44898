import { verifyTransaction } from "../../keeper/audit/verify.ts";
import { tokensOf } from "../../keeper/domain/contract.ts";
import { bpsPercent, limitTokens, percent } from "../../keeper/domain/format.ts";
import type { Intent } from "../../keeper/domain/intent.ts";
import type { Keeper } from "../../keeper/keeper.ts";
import type { CycleSummary } from "../../keeper/operations/summary.ts";

const isUpdate = ({ status, kind }: Intent): boolean => status === "CONFIRMED" && kind === "BATCH";

/** What a finished demonstration showed, in a few lines; every update is verified once more from its evidence. */
export async function demoSummary(
  keeper: Keeper,
  cycles: readonly CycleSummary[],
  signal: AbortSignal,
): Promise<string> {
  const intents = keeper.store.recentIntents(10_000).filter(isUpdate);
  let verified = 0;
  for (const intent of intents) {
    signal.throwIfAborted();
    const result = await verifyTransaction(keeper, intent.transactionHash, "numbers");
    if (result.verified) verified += 1;
  }
  // A cycle shows the chain as it was before its own batch.
  const { markets: now } = await keeper.readChain();
  const lines = [
    `${cycles.length} cycles, ${intents.length} updates on chain, ${verified} of them verified from evidence.`,
  ];
  for (const market of keeper.markets) {
    const entries = cycles.flatMap((cycle) =>
      cycle.entries.filter((entry) => entry.explanation.assessment.market === market.name),
    );
    const prices = entries
      .map((entry) => entry.explanation.assessment.readings.priceUsd)
      .filter((price) => price !== null);
    const onChain = [...entries.map((entry) => entry.explanation.onChain), now.get(market.name) ?? null].filter(
      (state) => state !== null,
    );
    const [firstPrice] = prices;
    const [first] = onChain;
    if (firstPrice === undefined || first === undefined) continue;
    const fall = 1 - Math.min(...prices) / firstPrice;
    const initial = Math.max(...onChain.map((state) => state.initialBps));
    const maintenance = Math.max(...onChain.map((state) => state.maintenanceBps));
    const limits = [first.limit, Math.min(...onChain.map((state) => state.limit))].map((limit) =>
      Number(tokensOf(limit)),
    );
    lines.push(
      `${market.name}: price fell by ${percent(fall, 1)}; initial ${bpsPercent(first.initialBps)} -> ${bpsPercent(initial)} ` +
        `at its highest, maintenance ${bpsPercent(first.maintenanceBps)} -> ${bpsPercent(maintenance)}, exposure limit ` +
        `${limits.map((limit) => limitTokens(limit)).join(" -> ")} tokens at its lowest.`,
    );
  }
  return lines.join("\n");
}
