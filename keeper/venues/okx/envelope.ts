import { z } from "zod";
import { type Fault, fault } from "../../domain/fault.ts";
import { firstIssue } from "../issue.ts";
import { parseJson } from "../parseJson.ts";

const Envelope = z.object({ code: z.string(), msg: z.string().optional(), data: z.array(z.unknown()).optional() });

/**
 * The `data` list of an OKX answer, not yet checked any further, or the fault that cost the whole answer: one of
 * `parseJson`, SCHEMA, VENUE_ERROR for a code other than "0", EMPTY for an empty list.
 * @example openOkx('{"code":"0","msg":"","data":[{}]}', "okx:ETH:options") // { data: [{}] }
 */
export function openOkx(
  body: string,
  source: string,
): { readonly data: readonly unknown[] } | { readonly fault: Fault } {
  const json = parseJson(body, source);
  if ("fault" in json) return json;
  const parsed = Envelope.safeParse(json.value);
  if (!parsed.success) {
    const issue = firstIssue(json.value, parsed.error);
    return { fault: fault(issue.code, source, `field ${issue.field}: ${issue.problem}`) };
  }
  const { code, msg, data } = parsed.data;
  if (code !== "0") return { fault: fault("VENUE_ERROR", source, `code ${code}: ${msg ?? ""}`.slice(0, 200)) };
  if (data === undefined) return { fault: fault("SCHEMA", source, "field data is missing") };
  return data.length === 0 ? { fault: fault("EMPTY", source, "the list is empty") } : { data };
}
