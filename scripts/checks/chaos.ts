import { parseArgs } from "node:util";
import { gateRows, ROWS } from "../../test/chaos/registry.ts";
import { type RowOutcome, runRows } from "../../test/chaos/runRows.ts";

const HELP = `Usage: npm run chaos -- [--seed <number>] [--only <rows>] [--short] [--gate] [--json]

Runs the faults of the table in the design against real processes on loopback: keeper, chain, venue, Redis. Each row
prints its ledger and what it measured beside the mark. The same seed gives the same faults at the same places.

  --seed   a whole number (default 1)
  --only   rows by number, as in 1,3,12 (default all)
  --short  the short form of each row
  --gate   the rows of the test gate, in their short form
  --json   one JSON object a row`;

/** One row as lines for people. */
function describe(outcome: RowOutcome, mark: string): string {
  const { row, fault, state, why, result, seconds } = outcome;
  const lines = [
    `\n${state.toUpperCase().padEnd(8)}row ${row}  ${fault}  (${seconds.toFixed(0)} s)`,
    `  mark     ${mark}`,
  ];
  if (result !== null) {
    const { liquidations, lost, doubled, loosened, recovered } = result.ledger;
    const shown = (count: number | null) => count ?? "not counted";
    lines.push(
      `  ledger   liquidations ${shown(liquidations)}, lost ${shown(lost)}, doubled ${shown(doubled)}, ` +
        `loosened from bad data ${shown(loosened)}, ` +
        `recovered by itself ${recovered ? "yes" : "no"}`,
    );
    const width = Math.max(0, ...result.findings.map((one) => one.what.length));
    for (const { what, value, mark: wanted, met } of result.findings) {
      lines.push(`  ${met ? "ok  " : "MISS"}     ${what.padEnd(width)}  ${value}  (mark ${wanted})`);
    }
  }
  if (why !== "") lines.push(`  why      ${why}`);
  return lines.join("\n");
}

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    short: { type: "boolean", default: false },
    gate: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const known = Object.keys(ROWS).map(Number);
const wanted = values.only?.split(",").map(Number) ?? (values.gate ? gateRows() : known);
const seed = Number(values.seed);
if (!Number.isSafeInteger(seed) || wanted.some((row) => !known.includes(row))) {
  console.error(`${HELP}\n\nexpected a whole seed, and rows of ${known.join(", ")}`);
  process.exit(1);
}
const markOf = (row: number) => (ROWS as Readonly<Record<number, { readonly mark: string }>>)[row]?.mark ?? "";
const outcomes = await runRows({
  seed,
  short: values.short || values.gate,
  only: wanted,
  note: (text) => console.error(`  ${text}`),
  told: (outcome) => console.log(values.json ? JSON.stringify(outcome) : describe(outcome, markOf(outcome.row))),
});
const count = (state: RowOutcome["state"]) => outcomes.filter((outcome) => outcome.state === state).length;
console.log(
  `\nseed ${seed}: ${count("passed")} rows passed, ${count("failed")} failed, ${count("skipped")} skipped` +
    `${count("failed") === 0 ? "" : `; again with: npm run chaos -- --seed ${seed} --only <row>`}`,
);
process.exit(count("failed") === 0 ? 0 : 1);
