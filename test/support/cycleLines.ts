/** One decision of a cycle as `run --json` prints it; see keeper/cli/JSON.md. */
type DecisionLine = {
  readonly market: string;
  readonly confidence: number;
  readonly action: "hold" | "submit";
  readonly reasons: readonly string[];
  readonly onChainInitialBps: number;
  readonly onChainMaintenanceBps: number;
  readonly transaction: { readonly hash: string; readonly status: string } | null;
};

/** One cycle as `run --json` prints it. */
export type CycleLine = {
  readonly time: number;
  readonly decisions: readonly DecisionLine[];
  readonly failures: readonly { readonly market: string; readonly message: string }[];
};

/** The whole lines of `run --json`, parsed; a last line cut short by a kill is left out. */
export function cycleLines(out: string): readonly CycleLine[] {
  const whole = out.slice(0, out.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as CycleLine);
}
