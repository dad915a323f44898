import { parseArgs } from "node:util";
import { numberIn } from "../../keeper/cli/arguments.ts";
import { firstSignal } from "../../keeper/cli/process.ts";
import { shortPercent, tokens } from "../../keeper/domain/format.ts";
import { compileContracts } from "../deploy/compile.ts";
import type { Rehearsal } from "./rehearse.ts";

const HELP = `Usage: npm run rehearse -- <market file> [options]

Takes a market from its file to a limit that a lender enforces, on a chain of this machine: config check, deploy with an agent, the
proposal to a real Aave v3.6, one cycle of the keeper, and then a loan and a deposit above the limit. Nothing outside is asked: a
history that lies elsewhere is not there, and the keeper tightens for want of it.

  --price <dollars>   of one unit of the collateral (default: supplyCapUsd / limitTokens of the file; none
                      where its feed is the chain's of ether or bitcoin)
  --json              print the outcome as JSON

Exit code 0: the pool refuses what is above the limit and gives what is below. 1: it does not, or a step refuses. 78: the file is wrong.`;

/** `npm run rehearse -- deployments/examples/LINK.jsonc` */
export async function main(words: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      price: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [file, ...more] = positionals;
  if (values.help || file === undefined || more.length > 0) {
    if (!values.help) process.exitCode = 1;
    return console.log(HELP);
  }
  const priceUsd = values.price === undefined ? null : numberIn("--price", 1e-6, 1e9)(values.price);
  const signal = firstSignal();
  await compileContracts(console.error, signal);
  const { rehearse } = await import("./rehearse.ts");
  const outcome = await rehearse({ file, priceUsd, signal, onNote: console.error });
  console.log(values.json ? JSON.stringify(outcome, null, 2) : lines(outcome).join("\n"));
  if (!outcome.holds) process.exitCode = 1;
}

function lines(outcome: Rehearsal): readonly string[] {
  const { market, listedInitialBps, initialBps, ltvBps, supplyCap, limitUsd, seconds } = outcome;
  const { loanAbove, loanBelow, depositAbove } = outcome;
  const percent = (bps: number) => shortPercent(bps / 10_000);
  const said = (refusal: string | null) => (refusal === null ? "given" : `refused, ${refusal}`);
  return [
    `${market}: initial haircut ${percent(listedInitialBps)} by its file, ${percent(initialBps)} by the keeper, LTV ${percent(ltvBps)} at the pool`,
    `a loan a dollar above ${limitUsd} USD: ${said(loanAbove)}`,
    `a loan a dollar below: ${said(loanBelow)}`,
    `a deposit above the cap of ${tokens(supplyCap)}: ${said(depositAbove)}`,
    `${outcome.holds ? "The limit is enforced" : "THE LIMIT IS NOT ENFORCED"}, ${Math.round(seconds)} s after the file was read.`,
  ];
}
