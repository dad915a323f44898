import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Proposal } from "./proposal.ts";
import type { Rehearsal, Simulation } from "./simulate.ts";

const OPERATION = {
  unset: "not scheduled yet",
  waiting: "scheduled already, and waiting for its time",
  ready: "scheduled already, and ready to be executed",
  done: "done already; the same again needs another --salt",
};

/** Returns a proposal for people: what changes, whether the contract takes it, and what to send. */
export function proposalText(proposal: Proposal, simulation: Simulation, rehearsal: Rehearsal | null): string[] {
  const { title, description, says, calls, timelock, governor } = proposal;
  const lines = [`Proposal: ${title}`, ...(description === "" ? [] : [description]), "", "What changes:"];
  lines.push(...says.map((line) => `  ${line}`), "", "Simulated on the latest block, from the timelock:");
  for (const [index, { name, refused, skipped }] of simulation.calls.entries()) {
    lines.push(`  ${index + 1}. ${name}: ${refused === null ? "passes" : `REFUSED: ${refused}`}`);
    lines.push(...skipped.map((why) => `     SKIPPED, asked alone: ${why}`));
  }
  lines.push(`  all together: ${simulation.together === null ? "passes" : `REFUSED: ${simulation.together}`}`);
  if (rehearsal !== null) {
    const { refused, executedAt, skipped } = rehearsal;
    const when = executedAt === null ? "" : ` at ${new Date(executedAt * 1000).toISOString()}`;
    lines.push(
      `  rehearsed after the delay: ${refused === null ? `executed${when}, and reverted to a snapshot` : `REFUSED: ${refused}`}`,
      ...skipped.map((id) => `    SKIPPED: market ${id}`),
    );
  }
  lines.push(
    "",
    `Timelock ${timelock.address}, operation ${timelock.operation}: ${OPERATION[simulation.operation]}`,
    "  to schedule, from a proposer:",
    `    to   ${timelock.schedule.to}`,
    `    data ${timelock.schedule.data}`,
    `  to execute, ${timelock.delaySeconds} s later, from an executor:`,
    `    to   ${timelock.execute.to}`,
    `    data ${timelock.execute.data}`,
    "",
    `Governor (one that drives this timelock), proposal ${governor.proposalId}:`,
    ...calls.map(({ to, name }) => `  calls ${name} of ${to}`),
    `  propose data ${governor.propose}`,
    `  queue   data ${governor.queue}`,
    `  execute data ${governor.execute}`,
  );
  return lines;
}

/** Writes the two files for Safe's Transaction Builder and returns their paths. */
export function writeSafeFiles(folder: string, { safe }: Proposal): string[] {
  mkdirSync(folder, { recursive: true });
  return Object.entries(safe).map(([step, batch], index) => {
    const file = join(folder, `${index + 1}-${step}.json`);
    writeFileSync(file, `${JSON.stringify(batch, null, 2)}\n`);
    return file;
  });
}
