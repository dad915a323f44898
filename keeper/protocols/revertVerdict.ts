/**
 * What a custom error of the contract means for the next cycle. Expected: the world moved between look and send (another
 * replica was faster, governance acted, the block came late), and deciding afresh is the answer. Everything else will be
 * refused again until a person mends it: a role, a deployment, or a fault of this program.
 */
const EXPECTED: ReadonlySet<string> = new Set([
  "WrongSequence",
  "WrongGeneration",
  "DeadlinePassed",
  "NoMarketApplied",
  "HeldByGovernance",
]);

/** "expected" when the next cycle may succeed unchanged, else "fatal". @example revertVerdict("WrongSequence") // "expected" */
export function revertVerdict(errorName: string): "expected" | "fatal" {
  return EXPECTED.has(errorName) ? "expected" : "fatal";
}
