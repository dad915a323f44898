import type { Check } from "../../operations/configChecks.ts";
import { left, painter, WIDTH, wrap } from "./layout.ts";

const STYLE = { ok: "good", warn: "warning", fail: "bad" } as const;

/** A list of checks as text: state, name, what was found, and the cure under each that needs one. */
export function renderDoctor(checks: readonly Check[], colour = false): string {
  const paint = painter(colour);
  const name = Math.min(32, Math.max(8, ...checks.map((check) => check.name.length))) + 2;
  const lines = checks.flatMap((check) => {
    const [first = "", ...rest] = check.found.split("\n").flatMap((line) => wrap(line.trim(), WIDTH, 6 + name));
    const head =
      `${paint(STYLE[check.state], left(check.state, 6))}${left(check.name, name)}${first.trimStart()}`.trimEnd();
    const cure = check.cure === null ? [] : wrap(`-> ${check.cure}`, WIDTH, 6 + name);
    return [head, ...rest, ...cure];
  });
  const count = (state: Check["state"]): number => checks.filter((check) => check.state === state).length;
  return [...lines, "", `${count("ok")} ok, ${count("warn")} to watch, ${count("fail")} failed`].join("\n");
}

/** The checks as JSON: `{ ok, checks }`; ok means that none failed. */
export function checksJson(checks: readonly Check[]) {
  return { ok: checks.every(({ state }) => state !== "fail"), checks };
}
