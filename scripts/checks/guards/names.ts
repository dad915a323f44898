/** Names that hold, in assembly, what must be true for a value to pass. */
export const PASSES: ReadonlySet<string> = new Set(["ok", "may"]);

/** Functions that always revert. */
export const REVERTING = ["_fail"];

/** Functions whose value is a refusal, and the variable that a refusal is kept in: 0 where nothing is refused. */
export const REFUSING = ["refuse"];
export const REFUSAL = "refusal";
