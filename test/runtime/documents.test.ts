import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ERROR_CODES } from "../../keeper/domain/errors.ts";
import { loadConfig } from "../../keeper/runtime/config.ts";
import { ENVIRONMENT } from "../../keeper/runtime/environment.ts";
import { tableRows } from "../support/tableRows.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("ENVIRONMENT.md lists every variable with its meaning and default, in order, and no other", () => {
  const rows = [...read("keeper/runtime/ENVIRONMENT.md").matchAll(/^\| `([A-Z_]+)` \| (.+) \| (.*) \|$/gm)];
  const expected = Object.entries(ENVIRONMENT).map(([name, { means, secret, default: standard }]) => [
    name,
    secret ? `${means} (secret)` : means,
    standard === "" ? "" : `\`${standard}\``,
  ]);
  assert.deepEqual(
    rows.map(([, ...cells]) => cells),
    expected,
  );
});

test(".env.example holds every variable with its meaning and default, in order, and nothing else", () => {
  const expected = Object.entries(ENVIRONMENT).map(([name, variable]) => {
    const secret = variable.secret ? " (secret)" : "";
    const unset = variable.default === "" ? "# " : "";
    return `# ${variable.means}${secret}\n${unset}${name}=${variable.default}\n`;
  });
  const [heading, ...entries] = read(".env.example").split("\n\n");
  assert.match(heading ?? "", /^# Tonsor's environment\./);
  assert.deepEqual(
    entries.map((entry) => `${entry.trimEnd()}\n`),
    expected,
  );
});

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

test("keeper/ERRORS.md is the table of error codes, word for word", () => {
  const rows = tableRows(read("keeper/ERRORS.md"));
  const expected = Object.entries(ERROR_CODES).map(([code, { means, next, retryable }]) => [
    `\`${code}\``,
    means,
    next,
    retryable ? "yes" : "no",
  ]);
  assert.deepEqual(rows, expected);
});
