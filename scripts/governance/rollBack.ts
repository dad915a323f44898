import { parseArgs } from "node:util";
import { isAddress } from "viem";
import { wholeNumberIn } from "../../keeper/cli/arguments.ts";
import { HOUR_SECONDS } from "../../keeper/domain/calendar.ts";
import type { Hex } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { chainClient } from "../../keeper/protocols/client.ts";
import { readEvents } from "../lab/contractModel/readEvents.ts";
import { RULES } from "../lab/contractModel/rules.ts";
import { eventsBefore, rollBackOf } from "./lastKnownGood.ts";
import { type Governed, PRESENT_HELP, PRESENT_OPTIONS, type PresentFlags, present, withGoverned } from "./present.ts";

const HELP = `Usage: npm run roll-back -- (--before-block <number> | --before-sequence <number>) [options]

Builds one proposal that writes back the last known good values, market by market: those of before a block, or before a
batch, rebuilt from the contract's events. Prints it as propose-limits does, with what cannot be restored and why. Taking a
stolen key's power away is a proposal of its own, so that neither can hold up the other.

  --before-block <number>     the first bad block
  --before-sequence <number>  the first bad batch of its writer
  --writer <address>          that writer (default: the record's one hot key)
  --hold-hours <number>       for how long after the delay writers can only tighten what is restored (default 72)
${PRESENT_HELP}`;

/** The contract takes an override for 30 days at most. */
const MOST_HOURS = 30 * 24;

type Since = { readonly block: number } | { readonly sequence: number; readonly writer: Hex };

async function rollBack(
  governed: Governed,
  since: Since,
  flags: PresentFlags & { readonly holdHours: number },
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
  const before =
    "block" in since ? await eventsUntil(since.block - 1) : eventsBefore(all, since.writer, since.sequence);
  if ("sequence" in since && before.length === all.length) {
    throw new TonsorError("BAD_ARGUMENT", `no batch of ${since.writer} has this sequence`, {
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
  const options = { executableAt: facts.time + facts.delaySeconds, until, nameOf };
  const { values, notes } = rollBackOf(RULES.rebuild(before), RULES.rebuild(all), options);
  if (values.length === 0) {
    console.log(flags.json ? JSON.stringify({ notes }, null, 2) : notes.join("\n"));
    return;
  }
  const where = "block" in since ? `block ${since.block}` : `batch ${since.sequence} of ${since.writer}`;
  const last = `To be executed before ${new Date(until * 1000).toISOString().slice(0, 16)}Z; until then it is held.`;
  await present(
    governed,
    { title: `Roll back to before ${where}`, description: last, actions: [{ action: "setManually", values }] },
    flags,
    [...notes, ""],
  );
}

export async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...PRESENT_OPTIONS,
      "before-block": { type: "string" },
      "before-sequence": { type: "string" },
      writer: { type: "string" },
      "hold-hours": { type: "string", default: "72" },
    },
  });
  if (values.help) return console.log(HELP);
  const { "before-block": block, "before-sequence": sequence } = values;
  const most = Number.MAX_SAFE_INTEGER;
  if ((block === undefined) === (sequence === undefined)) {
    const expected = "one of --before-block, --before-sequence";
    throw new TonsorError("BAD_ARGUMENT", "nothing says what to roll back to", { expected });
  }
  const holdHours = wholeNumberIn("--hold-hours", 1, MOST_HOURS)(values["hold-hours"]);
  await withGoverned(values, async (governed) => {
    const since: Since =
      block === undefined
        ? {
            sequence: wholeNumberIn("--before-sequence", 1, most)(sequence ?? ""),
            writer: writerOf(governed, values.writer),
          }
        : { block: wholeNumberIn("--before-block", 1, most)(block) };
    await rollBack(governed, since, { ...values, holdHours });
  });
}

/** The writer named, or the only hot key that the record has. */
function writerOf({ deployment: { accounts } }: Governed, given: string | undefined): Hex {
  const hot = accounts.filter(({ power }) => power === "HOT").map(({ account }) => account);
  if (given !== undefined && isAddress(given)) return given;
  if (given === undefined && hot[0] !== undefined && hot.length === 1) return hot[0];
  const facts = { field: "--writer", ...(given === undefined ? {} : { given }), expected: "the address of a writer" };
  throw new TonsorError("BAD_ARGUMENT", "nothing says whose batch it is", facts);
}
