import { z } from "zod";
import { type Fault, fault } from "../../domain/fault.ts";
import { firstIssue } from "../issue.ts";
import { parseJson } from "../parseJson.ts";

const Envelope = z.object({
  retCode: z.number(),
  retMsg: z.string().optional(),
  result: z.unknown(),
  time: z.number(),
});

/**
 * The `result` of a Bybit answer, not yet checked any further, with the time it was written (milliseconds), or the fault
 * that cost the whole answer: one of `parseJson`, SCHEMA, NOT_FINITE, VENUE_ERROR for a retCode other than 0.
 * @example openBybit('{"retCode":0,"retMsg":"OK","result":{},"time":1672376592395}', "bybit:ETH:options")
 */
export function openBybit(
  body: string,
  source: string,
): { readonly result: unknown; readonly timeMs: number } | { readonly fault: Fault } {
  const json = parseJson(body, source);
  if ("fault" in json) return json;
  const parsed = Envelope.safeParse(json.value);
  if (!parsed.success) {
    const issue = firstIssue(json.value, parsed.error);
    return { fault: fault(issue.code, source, `field ${issue.field}: ${issue.problem}`) };
  }
  const { retCode, retMsg, result, time } = parsed.data;
  if (retCode !== 0)
    return { fault: fault("VENUE_ERROR", source, `retCode ${retCode}: ${retMsg ?? ""}`.slice(0, 200)) };
  return { result, timeMs: time };
}
