import type { Verification } from "../../audit/verify.ts";
import { bpsPercent, limitTokens } from "../../domain/format.ts";
import { left, painter, WIDTH, wrap } from "./layout.ts";

/** The outcome of `verify` as text: every market's three numbers from the chain beside those recomputed. */
export function renderVerify(result: Verification, colour = false): string {
  const paint = painter(colour);
  const verdict = result.verified
    ? paint("good", "verified: the stored evidence gives the same basis points")
    : paint("bad", "NOT verified");
  return [
    verdict,
    ...(result.difference === null ? [] : wrap(result.difference, WIDTH, 2)),
    "",
    `  transaction   ${result.transaction}`,
    `  contract      ${result.contract}`,
    ...result.batches.flatMap((batch, n) => [...(n === 0 ? [] : [""]), ...batchLines(batch)]),
  ].join("\n");
}

function batchLines({ evidenceHash, signers, markets, notes }: Verification["batches"][number]): string[] {
  const row = (name: string, initial: string, maintenance: string, limit: string): string =>
    `  ${left(name, 20)}${left(initial, 26)}${left(maintenance, 26)}${limit}`.trimEnd();
  const pair = (chain: number, again: number, show: (value: number) => string): string =>
    `${show(chain)} / ${show(again)}`;
  const heading = [
    "",
    row("", "initial", "maintenance target", "exposure limit, tokens"),
    row("market", "chain / recomputed", "chain / recomputed", "chain / recomputed"),
  ];
  return [
    `  evidence      ${evidenceHash}`,
    ...signers.map((signer, n) => `  ${left(n === 0 ? "signed by" : "", 14)}${signer}`),
    ...(markets.length === 0 ? [] : heading),
    ...markets.map(({ market, onChain, recomputed }) =>
      row(
        market,
        pair(onChain.initialBps, recomputed.initialBps, bpsPercent),
        pair(onChain.maintenanceTargetBps, recomputed.maintenanceTargetBps, bpsPercent),
        pair(onChain.exposureLimitTokens, recomputed.exposureLimitTokens, limitTokens),
      ),
    ),
    ...notes.flatMap((note) => ["", ...wrap(`Note: ${note}.`, WIDTH, 2)]),
  ];
}
