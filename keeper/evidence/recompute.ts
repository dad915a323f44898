import { isDeepStrictEqual } from "node:util";
import type { Decision, Reason } from "../domain/decision.ts";
import type { MarketParameters } from "../domain/parameters.ts";
import type { EvidenceBundle, MarketEvidence } from "./schema.ts";
import { DECIDED, type Reasoning } from "./verify.ts";

/** The code that recomputes: its version, its reasoning and its governance numbers. */
export type PresentCode = Reasoning & {
  /** Parameters of a market in this version, or null when it has no such market. */
  parametersOf(market: string): MarketParameters | null;
};

/** Values of a decision that go on chain. */
export type ChainValues = Pick<Decision, (typeof DECIDED)[number]>;

/** What one reasoning decides from stored inputs. */
type Redecided = ChainValues & { readonly action: Decision["action"]; readonly reasons: readonly Reason[] };

/**
 * Why a decision comes out as it does:
 * "same": value for value as recorded; "version": the evidence is of another model version, whose numbers may differ;
 * "parameters": the code agrees, governance's numbers differ since; "unexplained": the same version and the same
 * parameters give something else, which a change of code must never do.
 */
export type RecomputeCause = "same" | "version" | "parameters" | "unexplained";

/** One recorded decision beside what is decided now. */
export type RecomputedDecision = {
  readonly market: string;
  readonly recorded: ChainValues;
  /** By the present code with the parameters as recorded. */
  readonly byCode: Redecided;
  /** By the present code with the present parameters; null when this version has no such market. */
  readonly now: Redecided | null;
  readonly cause: RecomputeCause;
  /** Parameters that changed since, "model.refillMinutes 30 -> 60"; empty when none did. */
  readonly parameters: readonly string[];
};

/**
 * Decides one recorded batch again, twice: by the present code alone, and by the present code with present governance
 * numbers. Pure; markets of a batch are fitted together as the keeper does.
 */
export function recomputeBundle(bundle: EvidenceBundle, present: PresentCode): readonly RecomputedDecision[] {
  const byCode = redecide(bundle, bundle.markets, present);
  const parameters = bundle.markets.map(({ name }) => present.parametersOf(name));
  const changed = bundle.markets.map((market, i) => changes(market.parameters, parameters[i] ?? null));
  const touched = changed.some((list) => list.length > 0);
  const known = bundle.markets.flatMap((market, i) => {
    const own = parameters[i];
    return own == null ? [] : [{ ...market, parameters: own }];
  });
  const later = touched ? redecide(bundle, known, present) : byCode;
  return bundle.markets.map((market, i) => {
    const code = byCode.get(market.name) as Redecided;
    const now = parameters[i] == null ? null : (later.get(market.name) ?? null);
    const recorded = valuesOf(market.decision);
    const causeOf = (): RecomputeCause => {
      if (differs(recorded, code)) return bundle.modelVersion === present.modelVersion ? "unexplained" : "version";
      return now !== null && differs(recorded, now) ? "parameters" : "same";
    };
    return { market: market.name, recorded, byCode: code, now, cause: causeOf(), parameters: changed[i] ?? [] };
  });
}

/** As a cycle does: each market by itself, then those that are due fitted into one batch. */
function redecide(
  { now }: EvidenceBundle,
  markets: readonly MarketEvidence[],
  { assess, fitBatch }: Reasoning,
): ReadonlyMap<string, Redecided> {
  const assessed = markets.map(({ name, parameters, observed, history, onChain }) => {
    const { decision } = assess({ now, market: parameters, observed, history, onChain });
    return { name, onChain, decision };
  });
  const due = assessed.filter(({ decision }) => decision.action === "submit");
  const fitted = fitBatch(due).decisions;
  return new Map(
    assessed.map((one) => {
      const { action, reasons, ...rest } = fitted[due.indexOf(one)] ?? one.decision;
      return [one.name, { action, reasons, ...valuesOf(rest) }] as const;
    }),
  );
}

function valuesOf(decision: ChainValues): ChainValues {
  const { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources } = decision;
  return { initialBps, maintenanceTargetBps, limit, asOf, confidence, sources };
}

/** What was recorded was sent; held now is a difference too. */
function differs(recorded: ChainValues, again: Redecided): boolean {
  return again.action !== "submit" || DECIDED.some((field) => recorded[field] !== again[field]);
}

/** "path then -> now" for every number or name that governance changed, in the order of the present file. */
function changes(then: unknown, now: unknown, path = ""): readonly string[] {
  if (now === null && path === "") return [];
  if (isDeepStrictEqual(then, now)) return [];
  if (isNode(then) && isNode(now)) {
    const keys = new Set([...Object.keys(now), ...Object.keys(then)]);
    return [...keys].flatMap((key) => changes(then[key], now[key], path === "" ? key : `${path}.${key}`));
  }
  return [`${path} ${show(then)} -> ${show(now)}`];
}

function isNode(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
