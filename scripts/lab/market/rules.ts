import type { Terms } from "./collateralMarket.ts";

/** What a rule knows of one collateral at the end of a step: nothing later. */
export type RuleView = {
  readonly step: number;
  readonly stepSeconds: number;
  /** Unix seconds. */
  readonly time: number;
  /** Price that everybody sees, sales of this run included, USD. */
  readonly price: number;
  /** Prices of the steps so far, USD, the present one last: later ones are not handed out. */
  readonly prices: Float64Array;
  /** The lender's price. */
  readonly oraclePrice: number;
  /** Tokens that sell now at the slippage that the bonus pays, those that would if nothing had been sold, and those sold. */
  readonly depthTokens: number;
  readonly fullDepthTokens: number;
  readonly soldTokens: number;
  readonly collateralTokens: number;
  readonly debtUsd: number;
  readonly onChain: Terms;
};

/** A policy: what it would write now. The contract's rules decide what becomes of it. */
export type Rule = { readonly name: string; target(view: RuleView): Terms };

/** One market of a parameter contract, with what it remembers. */
export type Contract = {
  /** Terms on chain `seconds` later, while `target` is what the rule would have. */
  follow(target: Terms, seconds: number): Terms;
};

/**
 * What a parameter contract makes of targets: one small interface, whichever contract is behind it. A market is opened
 * with its first terms `seconds` before the first `follow`, at `time`, Unix seconds.
 */
export type ContractRules = { open(terms: Terms, time: number): Contract };

/** The parameters of a lender that never moves them. @example staticRule({ ltv: 0.8, threshold: 0.83, limit: Infinity }) */
export function staticRule(terms: Terms): Rule {
  return { name: "static", target: () => terms };
}

/** Every target is on chain at once: no contract at all. */
export const unguarded: ContractRules = { open: () => ({ follow: (target) => target }) };

/** Speeds of a contract, haircut a day as fractions; Infinity: at once. */
type Speeds = {
  readonly initialUp: number;
  readonly initialDown: number;
  readonly maintenanceUp: number;
  readonly maintenanceDown: number;
  /** Tokens a day by which the limit may rise; it falls at once. */
  readonly limitUp: number;
  /** Least distance of LTV below the threshold. */
  readonly gap: number;
};

/**
 * Speed limits on both haircuts and the exposure limit. The LTV never comes nearer to the threshold than the gap, so a
 * threshold that falls takes the LTV with it.
 */
export function speedLimits(speeds: Speeds): ContractRules {
  const follow = (onChain: Terms, target: Terms, seconds: number): Terms => {
    const days = seconds / 86_400;
    const toward = (from: number, to: number, up: number, down: number) =>
      Math.min(from + up * days, Math.max(from - down * days, to));
    const threshold = toward(onChain.threshold, target.threshold, speeds.maintenanceDown, speeds.maintenanceUp);
    const ltv = toward(onChain.ltv, target.ltv, speeds.initialDown, speeds.initialUp);
    const limit = Math.min(target.limit, onChain.limit + speeds.limitUp * days);
    return { threshold, ltv: Math.max(0, Math.min(ltv, threshold - speeds.gap)), limit };
  };
  return {
    open(terms) {
      let onChain = terms;
      return {
        follow(target, seconds) {
          onChain = follow(onChain, target, seconds);
          return onChain;
        },
      };
    },
  };
}
