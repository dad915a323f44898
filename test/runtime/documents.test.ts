import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ERROR_CODES } from "../../keeper/domain/errors.ts";
import { loadConfig } from "../../keeper/runtime/config.ts";
import { ENVIRONMENT } from "../../keeper/runtime/environment.ts";
import { tableRows } from "../support/tableRows.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("ENVIRONMENT.md lists every variable with its default and whether it is secret, in order, and no other", () => {
  const rows = documented().map(([name, means, standard]) => [name, standard, / \(secret\)$/.test(means ?? "")]);
  const expected = Object.entries(ENVIRONMENT).map(([name, { secret, default: standard }]) => {
    return [name, standard === "" ? "" : `\`${standard}\``, secret];
  });
  assert.deepEqual(rows, expected);
});

test(".env.example holds every variable with its meaning and default, in order, and nothing else", () => {
  const expected = documented().map(([name = "", means, standard = ""]) => {
    return `# ${means}\n${standard === "" ? "# " : ""}${name}=${standard.replaceAll("`", "")}\n`;
  });
  const [heading, ...entries] = read(".env.example").split("\n\n");
  assert.match(heading ?? "", /^# Tonsor's environment\./);
  assert.deepEqual(
    entries.map((entry) => `${entry.trimEnd()}\n`),
    expected,
  );
});

/** Name, meaning and default of each variable in ENVIRONMENT.md. */
function documented(): readonly (readonly string[])[] {
  const rows = read("keeper/runtime/ENVIRONMENT.md").matchAll(/^\| `([A-Z_]+)` \| (.+) \| (.*) \|$/gm);
  return [...rows].map(([, ...cells]) => cells);
}

test(".env.example, copied as it is, is a valid configuration equal to the defaults", async () => {
  const { parse } = await import("dotenv");
  const folder = "/nonexistent";
  const variables = parse(read(".env.example"));
  const marketNames: string[] = [];
  assert.deepEqual(
    await loadConfig({ folder, variables, marketNames }),
    await loadConfig({ folder, variables: {}, marketNames }),
  );
});

test("keeper/ERRORS.md is the table of error codes, word for word, and says what each means", () => {
  const rows = tableRows(read("keeper/ERRORS.md"));
  const expected = Object.entries(ERROR_CODES).map(([code, { next, retryable }]) => {
    return [`\`${code}\``, next, retryable ? "yes" : "no"];
  });
  assert.deepEqual(
    rows.map(([code, , ...rest]) => [code, ...rest]),
    expected,
  );
  for (const [code, means = ""] of rows) assert.match(means, /^[A-Z].{10,}\.$/, code);
});
