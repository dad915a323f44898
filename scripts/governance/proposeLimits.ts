import { parseArgs } from "node:util";
import { TonsorError } from "../../keeper/domain/errors.ts";
import type { Intent } from "./actionSchema.ts";
import { readIntent, setupIntent } from "./actions.ts";
import { limitsIntent } from "./limitsIntent.ts";
import { type Governed, PRESENT_HELP, PRESENT_OPTIONS, present, withGoverned } from "./present.ts";

const HELP = `Usage: npm run propose-limits -- (--class <id> --set <limit>=<value> ... | --file <file> | --setup) [options]

Prints a change for governance: what it means and for whom, whether the contract would take it, and the calldata for the
timelock, for a Governor and for a Safe.

  --class <id>             risk class whose limits change
  --set <limit>=<value>    a limit and its new value, as often as needed; the others stay
  --file <file>            a proposal in JSON (deployments/README.md)
  --setup                  what a new deployment waits for: gateways admitted, feeds
  --title <text>           what to call it (default: the change itself)
${PRESENT_HELP}`;

export async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...PRESENT_OPTIONS,
      class: { type: "string" },
      set: { type: "string", multiple: true },
      file: { type: "string" },
      setup: { type: "boolean", default: false },
      title: { type: "string" },
    },
  });
  if (values.help) return console.log(HELP);
  const { class: classId, set, file, setup, title } = values;
  const ways = [classId !== undefined || set !== undefined, file !== undefined, setup].filter(Boolean).length;
  if (ways !== 1 || (set === undefined) !== (classId === undefined)) {
    const expected = "one of --class with --set, --file, --setup";
    throw new TonsorError("BAD_ARGUMENT", "what to propose is not clear", { expected });
  }
  const intentOf = ({ deployment }: Governed): Intent => {
    if (setup) return setupIntent(deployment);
    return file === undefined ? limitsIntent(classId ?? "", set ?? [], title) : readIntent(file);
  };
  await withGoverned(values, async (governed) => await present(governed, intentOf(governed), values));
}
