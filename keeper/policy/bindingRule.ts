import { type Decision, type OnChainMarket, type Proposed, REASONS, type Target } from "../domain/decision.ts";

/** What initial follows where no rule of the policy stands between, by `Target.initialBinding`. */
const INITIAL_FOLLOWS: Readonly<Record<string, string>> = {
  market: "today's volatility asks for it",
  gap: "it keeps the gap above maintenance",
  rise: "the price has risen faster than new loans may count it",
  depeg: "the market pays less for it than what it is a claim on, by more than the bonus bridges",
};

/** Rules of `propose` and `proposeLimit` as reasons; those not listed are reasons as they stand. */
const RULES: Readonly<Record<string, string>> = {
  "the model": "as much sells in time",
  "dead band": "what is left is within the dead band",
  "loosening pace": "it loosens at a limited pace",
  "gap above maintenance": "it keeps the gap above maintenance",
  "governance minimum": "governance's minimum binds",
  "governance maximum": "governance's maximum binds",
  "room below initial": "it leaves room below governance's highest initial",
  "ramp stopped": "the risk that it rose towards is gone",
};

type Rules = { readonly initial: string; readonly maintenance: string; readonly limit: string };

/** For each number on chain the rule that binds it now, in words that go on after "because". */
export function bindingRules(
  { initialBinding }: Pick<Target, "initialBinding">,
  onChain: OnChainMarket,
  { proposed, decision }: { readonly proposed: Proposed; readonly decision: Decision },
): Rules {
  const { limits, mode } = onChain;
  const ruleOf = (side: "initial" | "maintenance", follows: string) => {
    const rule = proposed.adjustments.findLast((one) => one.side === side)?.rule;
    return rule === undefined ? follows : worded(rule);
  };
  const [first] = decision.reasons;
  /** Words for a number that would change and is not written. */
  const unwritten = (isSame: boolean) =>
    decision.action === "submit" || isSame || first === undefined ? null : REASONS[first].split(":")[0];
  const target = decision.action === "submit" ? decision.maintenanceTargetBps : onChain.maintenanceTargetBps;
  const speed = target > onChain.maintenanceBps ? limits.tightenSpeedBpsPer30Days : limits.loosenSpeedBpsPer30Days;
  const isStale = onChain.initialBps > onChain.storedInitialBps;
  return {
    initial:
      (mode !== "NORMAL" ? `the market is in mode ${mode}` : isStale ? "the data on chain is stale" : null) ??
      unwritten(proposed.initialBps === onChain.storedInitialBps) ??
      ruleOf("initial", INITIAL_FOLLOWS[initialBinding] ?? initialBinding),
    maintenance:
      unwritten(proposed.maintenanceTargetBps === onChain.maintenanceTargetBps) ??
      (target === onChain.maintenanceBps
        ? ruleOf("maintenance", "long-run volatility asks for it")
        : `the contract moves it by at most ${speed} bp in 30 days`),
    limit: unwritten(proposed.limit === onChain.limit) ?? worded(proposed.limitRule),
  };
}

function worded(rule: string): string {
  return RULES[rule] ?? rule.replace(/^(loosening )?held: (.*)$/, (_, what = "it ", why) => `${what}is held (${why})`);
}
