/** Parameters that earlier model versions had. No later reasoning asks for them. */
const RETIRED = [
  "reactionHours",
  "participation",
  "stressVolumeShare",
  "impactCoefficient",
  "initialVolatilityMultiple",
  "initialDepthShare",
  "stressWeight",
];
/** What version 4 asks for and version 3 did not have: its default. */
const ADDED = { liquidationWindowHours: 4 };

type Json = Readonly<Record<string, unknown>>;

/**
 * The bundle of evidence of form 4, which is one piece, or of form 3, so that it can be read and decided again by the present
 * code, whose numbers differ. Form 3 wrote the exposure limit as it stood on chain, or at a bound that governance had lowered,
 * and did not read what was raised in the window. Null for anything else.
 */
export function upgraded(json: unknown): unknown {
  if (!isRecord(json)) return null;
  const { schema, ...bundle } = json;
  if (schema === "tonsor.evidence.v4") return bundle;
  if (schema !== "tonsor.evidence.v3") return null;
  return Array.isArray(bundle["markets"]) ? { ...bundle, markets: bundle["markets"].map(upgradedMarket) } : bundle;
}

function upgradedMarket(market: unknown): unknown {
  if (!isRecord(market)) return market;
  const { parameters, onChain, decision } = market;
  if (!isRecord(parameters) || !isRecord(parameters["model"]) || !isRecord(onChain) || !isRecord(decision))
    return market;
  const { model } = parameters;
  const kept = Object.fromEntries(Object.entries(model).filter(([name]) => !RETIRED.includes(name)));
  const depthShare = model["initialDepthShare"];
  const { pending, limit, highestLimit } = onChain;
  return {
    ...market,
    parameters: { ...parameters, model: { ...ADDED, depthShare, ...kept } },
    onChain: { raised: 0, ...onChain, pending: isRecord(pending) ? { limit, ...pending } : pending },
    decision: { limit: Math.min(Number(limit), Number(highestLimit)), ...decision },
  };
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
