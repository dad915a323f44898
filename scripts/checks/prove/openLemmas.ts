/**
 * Lemmas that z3 leaves open, by name, each with what was tried and what the claim rests on meanwhile; none today. They
 * are still tried, for a short time: one that is refuted fails the command, and one that is proved no longer belongs here.
 */
export const OPEN: ReadonlyMap<string, string> = new Map([]);

/** Seconds spent on an open lemma by default. */
export const BRIEFLY = 10;
