import { parseArgs } from "node:util";
import { wholeNumberIn } from "../../keeper/cli/arguments.ts";
import { HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import type { Hex } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { readEvents } from "../../keeper/protocols/events.ts";
import { explainFailure } from "../deploy/explainFailure.ts";
import { RULES } from "../lab/contractModel/rules.ts";
import { eventsBefore, rollBackOf } from "./lastKnownGood.ts";
import { type Governed, PRESENT_HELP, PRESENT_OPTIONS, type PresentFlags, present, withGoverned } from "./present.ts";

const HELP = `Usage: npm run roll-back -- (--before-block <number> | --before-sequence <number>) [options]

Builds one proposal that writes back the last known good values: those of before a block, or before a batch,
rebuilt from the contract's events. Prints it as propose-limits does, with what cannot be restored and why.

  --before-block <number>     the first bad block
  --before-sequence <number>  the first bad batch
  --hold-hours <number>       for how long after the delay the keeper may not change what is restored (default 72)
  --reset-breaker             end tighten-only mode first, so that values may loosen
${PRESENT_HELP}`;

/** The contract takes an override for 30 days at most. */
const MOST_HOURS = 30 * 24;

type Since = { readonly block: number } | { readonly sequence: number };

async function rollBack(
  governed: Governed,
  since: Since,
  flags: PresentFlags & { readonly holdHours: number; readonly resetsBreaker: boolean },
): Promise<void> {
  const { rpcUrl, deployment, facts } = governed;
  const { chainId, contract } = deployment;
  const client = chainClient({ chainId, rpc: rpcUrl });
  const eventsUntil = async (toBlock: number) =>
    await readEvents(client, contract.address as Hex, { fromBlock: BigInt(contract.block), toBlock: BigInt(toBlock) });
  if ("block" in since && (since.block <= contract.block || since.block > facts.block)) {
    throw new TonsorError("BAD_ARGUMENT", "there were no values before this block, or it does not exist yet", {
      field: "--before-block",
      given: since.block,
      expected: `${contract.block + 1} to ${facts.block}`,
    });
  }
  const all = await eventsUntil(facts.block);
  const before = "block" in since ? await eventsUntil(since.block - 1) : eventsBefore(all, since.sequence);
  if ("sequence" in since && before.length === all.length) {
    throw new TonsorError("BAD_ARGUMENT", "no batch has this sequence", {
      field: "--before-sequence",
      given: since.sequence,
    });
  }
  const spanHours = facts.delaySeconds / HOUR_SECONDS + flags.holdHours;
  if (spanHours > MOST_HOURS) {
    throw new TonsorError("BAD_ARGUMENT", "an override ends at most 30 days from now, delay included", {
      field: "--hold-hours",
      given: flags.holdHours,
      expected: `at most ${Math.floor(MOST_HOURS - facts.delaySeconds / HOUR_SECONDS)}`,
    });
  }
  const until = facts.time + facts.delaySeconds + flags.holdHours * HOUR_SECONDS;
  const nameOf = (id: number) => facts.markets.find((market) => market.id === id)?.name ?? "market";
  const { resetsBreaker } = flags;
  const options = { executableAt: facts.time + facts.delaySeconds, until, nameOf, resetsBreaker };
  const { values, notes } = rollBackOf(RULES.rebuild(before), RULES.rebuild(all), options);
  if (values.length === 0) {
    console.log(flags.json ? JSON.stringify({ notes }, null, 2) : notes.join("\n"));
    return;
  }
  const where = "block" in since ? `block ${since.block}` : `batch ${since.sequence}`;
  const last = `To be executed before ${new Date(until * 1000).toISOString().slice(0, 16)}Z; until then it is held.`;
  await present(
    governed,
    {
      title: `Roll back to before ${where}`,
      description: last,
      actions: [...(resetsBreaker ? [{ action: "resetBreaker" as const }] : []), { action: "overrideMarkets", values }],
    },
    flags,
    [...notes, ""],
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...PRESENT_OPTIONS,
      "before-block": { type: "string" },
      "before-sequence": { type: "string" },
      "hold-hours": { type: "string", default: "72" },
      "reset-breaker": { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const { "before-block": block, "before-sequence": sequence } = values;
  const most = Number.MAX_SAFE_INTEGER;
  if ((block === undefined) === (sequence === undefined)) {
    const expected = "one of --before-block, --before-sequence";
    throw new TonsorError("BAD_ARGUMENT", "nothing says what to roll back to", { expected });
  }
  const since: Since =
    block === undefined
      ? { sequence: wholeNumberIn("--before-sequence", 1, most)(sequence ?? "") }
      : { block: wholeNumberIn("--before-block", 1, most)(block) };
  const holdHours = wholeNumberIn("--hold-hours", 1, MOST_HOURS)(values["hold-hours"]);
  const flags = { ...values, holdHours, resetsBreaker: values["reset-breaker"] };
  await withGoverned(values, async (governed) => await rollBack(governed, since, flags));
}

if (import.meta.main) await main().catch(explainFailure);
