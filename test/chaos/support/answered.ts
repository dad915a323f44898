import type { Assessment } from "../../../keeper/domain/decision.ts";
import type { InsideKeeper } from "./insideKeeper.ts";

const LOOKS = 20;

/** Whether every source that was asked has answered, in whatever way. */
export function isAnswered({ readings }: Assessment): boolean {
  return !readings.faults.some(({ code }) => code === "UNREACHABLE");
}

/**
 * What a keeper of one market thinks of it, looked at again where a source gave no answer: a busy machine may not answer in
 * time, which is not the fault that a row looks for.
 */
export async function answered(keeper: Pick<InsideKeeper, "look">): Promise<Assessment> {
  for (let n = 0; n < LOOKS; n++) {
    const [seen] = (await keeper.look()).assessments;
    if (seen === undefined) throw new Error("a look without an assessment");
    if (isAnswered(seen)) return seen;
  }
  throw new Error(`not every source answered in ${LOOKS} looks`);
}
