import { wholeNumberIn } from "../../keeper/cli/arguments.ts";
import { schemaProblems, TonsorError } from "../../keeper/domain/errors.ts";
import { limitsSchema } from "../../keeper/protocols/deployment.ts";
import type { Intent } from "./actionSchema.ts";

/** Returns the proposal that `--class` and `--set` describe. @throws TonsorError BAD_ARGUMENT naming what is wrong. */
export function limitsIntent(classId: string, sets: readonly string[], title?: string): Intent {
  const limits: Record<string, number> = {};
  for (const set of sets) {
    const [name = "", text = "", ...more] = set.split("=");
    const value = text === "" ? Number.NaN : Number(text);
    if (!Object.hasOwn(limitsSchema.shape, name) || Number.isNaN(value) || more.length > 0) {
      const expected = `<limit>=<whole number>, the limit one of ${Object.keys(limitsSchema.shape).join(", ")}`;
      throw new TonsorError("BAD_ARGUMENT", "a limit cannot be set", { field: "--set", given: set, expected });
    }
    limits[name] = value;
  }
  const parsed = limitsSchema.partial().safeParse(limits);
  if (!parsed.success) {
    const problems = schemaProblems(parsed.error.issues, limits, "limits");
    throw new TonsorError("BAD_ARGUMENT", `a limit cannot be set: ${problems}`, { field: "--set" });
  }
  return {
    title: title ?? `Class ${classId}: ${sets.join(", ")}`,
    description: "",
    actions: [{ action: "setLimits", class: wholeNumberIn("--class", 0, 63)(classId), limits: parsed.data }],
  };
}
