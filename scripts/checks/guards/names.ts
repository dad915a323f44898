/** Names that hold, in assembly, what must be all ones (or true) for a value to pass, and what must be 0. */
export const PASSES: ReadonlySet<string> = new Set(["good", "gap", "bounds", "roof", "ok"]);
export const STOPS: ReadonlySet<string> = new Set(["wrong", "bad"]);

/** Functions that always revert. */
export const REVERTING = ["_fail", "_refuse", "ofPostcondition"];
