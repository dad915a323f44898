/**
 * What happened in one market since it was opened, whole units (cents and millionths of a token) but where said. Two sums
 * hold at any moment, to the last unit:
 * `lent = repaid + liquidated + badDebt + debt of all accounts` and
 * `deposited = withdrawn + seized + collateral of all accounts`.
 */
export type Ledger = {
  deposited: number;
  withdrawn: number;
  lent: number;
  repaid: number;
  /** Collateral and debt of liquidation calls. */
  seized: number;
  liquidated: number;
  calls: number;
  /** Debt of accounts that were left without collateral. */
  badDebt: number;
  /** Debt that the rule's own move made liquidatable, at the price of that moment; none that was due at the market's price. */
  caused: number;
  /** Collateral at the market's price, debt units, seized from accounts that were healthy at that price, further than the feed may deviate. */
  misjudged: number;
  /** Debt that was due at the end of a step because it could not be sold: now, the sum over steps, and the most in one. */
  unsold: number;
  unsoldSteps: number;
  mostUnsold: number;
  /** Debt that fell due, and of it what could not be sold in the step in which it did: each once, however long it waits. */
  due: number;
  failed: number;
  /** What was liquidated before this step. */
  liquidatedBefore: number;
  /** Sums over steps, for means: debt; LTV and threshold offered; debt times nothing else. */
  steps: number;
  debtSteps: number;
  ltvSteps: number;
  thresholdSteps: number;
};

/** A ledger in which nothing has happened. */
export function emptyLedger(): Ledger {
  return {
    deposited: 0,
    withdrawn: 0,
    lent: 0,
    repaid: 0,
    seized: 0,
    liquidated: 0,
    calls: 0,
    badDebt: 0,
    caused: 0,
    misjudged: 0,
    unsold: 0,
    unsoldSteps: 0,
    mostUnsold: 0,
    due: 0,
    failed: 0,
    liquidatedBefore: 0,
    steps: 0,
    debtSteps: 0,
    ltvSteps: 0,
    thresholdSteps: 0,
  };
}

/** Adds the end of a step: debt that is due and could not be sold, and all debt, units. */
export function bookStep(ledger: Ledger, unsold: number, debt: number): void {
  const more = unsold - ledger.unsold;
  ledger.due += Math.max(0, ledger.liquidated - ledger.liquidatedBefore + more);
  ledger.failed += Math.max(0, more);
  ledger.unsold = unsold;
  ledger.unsoldSteps += unsold;
  ledger.mostUnsold = Math.max(ledger.mostUnsold, unsold);
  ledger.liquidatedBefore = ledger.liquidated;
  ledger.steps += 1;
  ledger.debtSteps += debt;
}
