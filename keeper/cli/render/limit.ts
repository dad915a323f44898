import { limitStatus } from "../../dashboard/marketStatus.ts";
import type { Explanation } from "../../dashboard/status.ts";
import { tokensOf } from "../../domain/contract.ts";
import { limitTokens, percent, tokens, usd } from "../../domain/format.ts";
import { left, right, WIDTH, wrap } from "./layout.ts";

/** An exposure limit as written, in words. @example limitWords(limitOf(12_000)) // "12,000 tokens" */
export function limitWords(limit: number): string {
  return limitTokens(Number(tokensOf(limit)), " tokens");
}

/** The exposure limit from the model to the chain, and why it is what it is. */
export function limitLines(explanation: Explanation): string[] {
  const { onChain, assessment } = explanation;
  const { targetUsd, targetTokens, sellableUsd, windowHours, dueShare, fall, rule } = limitStatus(explanation);
  const row = (name: string, value: string, note = "") =>
    `  ${left(name, 32)}${right(value, 24)}${note === "" ? "" : `  ${note}`}`;
  const why =
    `${usd(sellableUsd)} sell within ${windowHours} h at the slippage that the bonus pays; when the price falls by ` +
    `${percent(fall)}, ${percent(dueShare)} of what a lender holds falls due: the target is the one over the other`;
  return [
    row(
      "target, from the model",
      targetTokens === null ? "no price" : `${tokens(targetTokens)} tokens`,
      usd(targetUsd),
    ),
    row("proposed, after limits", limitWords(assessment.proposed.limit), `follows: ${rule}`),
    row("decided", limitWords(assessment.decision.limit)),
    row("on chain now", onChain === null ? "not listed" : limitWords(onChain.limit)),
    ...wrap(why, WIDTH, 4),
  ];
}
