import { parseArgs } from "node:util";
import { wholeNumberIn } from "../../keeper/cli/arguments.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { limitsSchema } from "../../keeper/protocols/deployment.ts";
import { explainFailure } from "../deploy/explainFailure.ts";
import { type Intent, readIntent, setupIntent } from "./actions.ts";
import { type Governed, PRESENT_HELP, PRESENT_OPTIONS, present, withGoverned } from "./present.ts";

const HELP = `Usage: npm run propose-limits -- (--class <id> --set <limit>=<value> ... | --file <file> | --setup) [options]

Prints a change for governance: what it means and for whom, whether the contract would take it, and the calldata for the
timelock, for a Governor and for a Safe.

  --class <id>             risk class whose limits change
  --set <limit>=<value>    a limit and its new value, as often as needed; the others stay
  --file <file>            a proposal in JSON (deployments/README.md)
  --setup                  what a new deployment waits for: gateways' roles, budgets, feeds
  --title <text>           what to call it (default: the change itself)
${PRESENT_HELP}`;

/** Returns the proposal that `--class` and `--set` describe. @throws TonsorError BAD_ARGUMENT naming what is wrong. */
export function limitsIntent(classId: string, sets: readonly string[], title?: string): Intent {
  const limits: Record<string, number | boolean> = {};
  for (const set of sets) {
    const [name = "", text = "", ...more] = set.split("=");
    const value = text === "true" ? true : text === "false" ? false : text === "" ? Number.NaN : Number(text);
    if (!Object.hasOwn(limitsSchema.shape, name) || Number.isNaN(value) || more.length > 0) {
      const expected = `<limit>=<whole number>, the limit one of ${Object.keys(limitsSchema.shape).join(", ")}`;
      throw new TonsorError("BAD_ARGUMENT", "a limit cannot be set", { field: "--set", given: set, expected });
    }
    limits[name] = value;
  }
  const parsed = limitsSchema.partial().safeParse(limits);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new TonsorError("BAD_ARGUMENT", `a limit cannot be set: ${problems.join("; ")}`, { field: "--set" });
  }
  return {
    title: title ?? `Class ${classId}: ${sets.join(", ")}`,
    description: "",
    actions: [{ action: "setLimits", class: wholeNumberIn("--class", 0, 63)(classId), limits: parsed.data }],
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
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

if (import.meta.main) await main().catch(explainFailure);
