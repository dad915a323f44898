import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isAddress } from "viem";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { PLACE_OPTIONS } from "../../deploy/place.ts";
import { type Governed, isSetUp, PRESENT_OPTIONS, requireSalt, withGoverned } from "../present.ts";
import { pageV4, passesV4, proposalV4 } from "./aaveV4.ts";
import { effectOf, madeLiquidatable } from "./effect.ts";
import { borrowersOf, readLender } from "./facts.ts";
import { actsOf, stepsOf, undoOf } from "./forms.ts";
import { type LenderProposal, lenderPage, overtaken } from "./page.ts";

const HELP = `Usage: npm run propose-lender -- --lender <name> [options]

Prints the page of one proposal to a lender's own governance: the role for its agent, played on the latest block with what it
does to every reserve and, but for Aave v4, every borrower, and how to undo it.

  --lender <name>          a lender of the record with an agent
  --admin <address>        who gives roles there (default: the ACL admin that its provider names; in v4 the one that may)
  --salt <32 bytes>        distinguishes a timelock's operations of the same calls (default: from the title)
  --into <folder>          write page.md, proposal.json and files for Safe's Transaction Builder
  --rpc-url <url>          endpoint (default RPC_URL, else http://127.0.0.1:8545); it must offer eth_simulateV1
  --chain-id <number>      chain whose record is used (default CHAIN_ID, else 31337)
  --deployments <folder>   where the record is (default deployments)
  --json                   print everything as JSON

Nothing is sent. Exit code 0: it passes, and nobody becomes liquidatable. 1: it is refused, somebody would, agent or pool are not those of
the record, or it could not be asked.`;

export async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...PLACE_OPTIONS,
      lender: { type: "string" },
      salt: PRESENT_OPTIONS.salt,
      admin: { type: "string" },
      into: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const { lender, admin, salt } = values;
  if (lender === undefined) {
    const expected = "the name of a lender in the record";
    throw new TonsorError("BAD_ARGUMENT", "which lender is not said", { field: "--lender", expected });
  }
  if (admin !== undefined && !isAddress(admin)) {
    const facts = { field: "--admin", given: admin, expected: "an address" };
    throw new TonsorError("BAD_ARGUMENT", "the admin is not an address", facts);
  }
  requireSalt(salt);
  await withGoverned(values, async (governed) => {
    const v4 = governed.deployment.lenders?.find((one) => one.name === lender);
    if (v4?.kind === "aave-v4") {
      const proposal = await proposalV4(governed, v4, admin, salt);
      print(values, proposal, pageV4(proposal, governed.deployment));
      if (!passesV4(proposal)) process.exitCode = 1;
      return;
    }
    const proposal = await lenderProposal(governed, lender, admin, salt);
    print(values, proposal, lenderPage(proposal, governed.deployment));
    const { refused, markets } = proposal.effect;
    const { doubts } = proposal.lender;
    const passes = refused === null && doubts.length === 0 && markets.every((market) => market.refused.length === 0);
    if (!passes || madeLiquidatable(proposal.effect).length > 0 || overtaken(proposal.effect).length > 0)
      process.exitCode = 1;
  });
}

async function lenderProposal(
  governed: Governed,
  name: string,
  admin: string | undefined,
  salt: string | undefined,
): Promise<LenderProposal> {
  const { provider, deployment, facts } = governed;
  const lender = await readLender(provider, deployment, facts, name, admin);
  const fromBlock = deployment.lenders?.find((each) => each.name === name)?.fromBlock ?? 0;
  const acts = actsOf(lender, deployment, facts, isSetUp(governed));
  const undo = undoOf(lender);
  const accounts = await borrowersOf(provider, lender.pool, fromBlock, lender.block);
  const title = `Tonsor sets the collateral parameters of ${lender.markets.map((market) => market.name).join(", ")} at ${name}`;
  const { chainId } = deployment;
  return {
    ...{ title, lender, acts, undo },
    steps: stepsOf(title, acts, lender, chainId, salt),
    undoSteps: stepsOf(`Undo: ${title}`, undo, lender, chainId, salt),
    effect: await effectOf(provider, lender, acts, undo, accounts),
  };
}

/** What is printed and written of every proposal. */
type Printed = Pick<LenderProposal, "steps" | "undoSteps">;

function print(
  { into, json: asJson }: { readonly into?: string | undefined; readonly json: boolean },
  proposal: Printed,
  page: string,
): void {
  if (into !== undefined) writeFiles(into, proposal, page);
  console.log(asJson ? json(proposal) : page);
}

function writeFiles(folder: string, proposal: Printed, page: string): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write("page.md", page);
  write("proposal.json", `${json(proposal)}\n`);
  for (const [prefix, steps] of [
    ["safe", proposal.steps],
    ["undo-safe", proposal.undoSteps],
  ] as const) {
    for (const [at, { name, safe }] of steps.entries()) {
      write(`${prefix}-${at + 1}-${name}.json`, `${JSON.stringify(safe, null, 2)}\n`);
    }
  }
}

/** A health factor without a debt is null; a role's number is text. */
function json(proposal: Printed): string {
  const plain = (_: string, value: unknown) =>
    typeof value === "bigint" ? String(value) : value instanceof Map ? Object.fromEntries(value) : value;
  return JSON.stringify(proposal, plain, 2);
}
