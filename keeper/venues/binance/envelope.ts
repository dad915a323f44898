import { type Fault, fault } from "../../domain/fault.ts";
import { parseJson } from "../parseJson.ts";

/**
 * The value of a Binance answer, which has no envelope, or the fault that cost it: one of `parseJson`, VENUE_ERROR for
 * the error object `{ code, msg }`.
 * @example openBinance('{"code":-1003,"msg":"Too many requests."}', "binance:ETH:options") // VENUE_ERROR
 */
export function openBinance(body: string, source: string): { readonly value: unknown } | { readonly fault: Fault } {
  const json = parseJson(body, source);
  if ("fault" in json) return json;
  const { value } = json;
  if (typeof value === "object" && value !== null && "code" in value && "msg" in value) {
    return { fault: fault("VENUE_ERROR", source, `code ${value.code}: ${value.msg}`.slice(0, 200)) };
  }
  return json;
}
