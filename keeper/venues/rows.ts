import type { z } from "zod";
import type { FaultLog } from "../domain/faultLog.ts";
import { firstIssue } from "./issue.ts";

/**
 * The rows of a list that are of the documented shape; the others are counted as SCHEMA or NOT_FINITE with their field.
 * @param what name of one row in the details of faults, e.g. "ticker"
 */
export function readRows<Shape extends z.ZodType>(
  values: readonly unknown[],
  shape: Shape,
  what: string,
  log: FaultLog,
): readonly z.output<Shape>[] {
  return values.flatMap((value, index) => {
    const parsed = shape.safeParse(value);
    if (parsed.success) return [parsed.data];
    const issue = firstIssue(value, parsed.error);
    log.add(issue.code, `${what} field ${issue.field}: ${issue.problem}`, `${what} ${index}`);
    return [];
  });
}
