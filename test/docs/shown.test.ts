import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { TONSOR } from "../../keeper/cli/registry.ts";
import { LAB } from "../../scripts/lab/cli/registry.ts";
import { tonsor } from "../cli/harness.ts";
import { lab } from "../lab/cli/harness.ts";
import { assertShown, shownBlocks } from "../support/shown.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = globSync("{*.md,{contracts,deployments,keeper,scripts}/**/*.md}", { cwd: root });

/** Where a shown command runs whose world another test has. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "npm run propose-limits -- --class 0 --set maxInitialBps=4900 --set hotBudgetBps=40":
    "test/scripts/governance/proposeLimits.test.ts",
  "tonsor doctor": "test/e2e/commands.e2e.test.ts",
};

describe("what a page shows of a command", () => {
  for (const shown of shownBlocks()) {
    const [, line] = /^npm run lab -- (.*)$/.exec(shown.command) ?? [];
    if (line === undefined) {
      it(`is held by another test: ${shown.command}`, () => {
        const file = ELSEWHERE[shown.command] ?? assert.fail(`${shown.page}: no test runs ${shown.command}`);
        assert.ok(readFileSync(join(root, file), "utf8").includes(`shownBlock("${shown.command}")`), file);
      });
    } else {
      it(`is what it prints: ${shown.command}`, async () => assertShown(shown, (await lab(line)).out));
    }
  }

  it("is in a block of its own kind, which these tests know", () => {
    const prompted = pages.flatMap((page) =>
      [...readFileSync(join(root, page), "utf8").matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)].flatMap(
        ([, kind, text = ""]) =>
          kind !== "console" && /^ *\$ /m.test(text) ? [`${page}: ${text.split("\n")[0]}`] : [],
      ),
    );
    assert.deepEqual(prompted, []);
    assert.ok(shownBlocks().length > 0);
  });

  it("may leave lines out by three points, and nothing else", () => {
    const shown = { page: "P.md", command: "c", output: "a\n...\nd\n" };
    assertShown(shown, "a\nb\nc\nd\n");
    assertShown(shown, "a\nd\n");
    assertShown({ ...shown, output: "at 0x12\n...\n" }, "at 0x34\nb\n", [/0x\d+/g]);
    for (const [output, printed] of [
      ["a\n...\nd\n", "a\nb\nd\ne\n"],
      ["a\n...\nd\n", "a\nbd\n"],
      ["a\n...\nb\n...\nd\n", "a\nd\nb\n"],
      ["a\nd\n", "a\nb\nd\n"],
      ["a\n", "a\nb\n"],
      ["a\nb\n", "a\n"],
    ] as const) {
      assert.throws(() => assertShown({ ...shown, output }, printed), /P\.md: c does not print/, output);
    }
  });
});

describe("a command line that a page names", () => {
  const scripts = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts);
  const written = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
    const lines = text.split("\n").filter((line) => /^(?: {4}|\$ )?(?:npm|tonsor|lab) /.test(line));
    return [...spans, ...lines]
      .flatMap((line) => line.split(/&&|;|\||#/))
      .map((line) => ({ page, line: line.replace(/^[ $]+/, "") }));
  });

  it("is of a program and a command that there are, with options that it has", async () => {
    const wrong: string[] = [];
    let known = 0;
    for (const { page, line } of written) {
      const [, program, rest = ""] = /^(?:npm run )?(tonsor|lab)(?: --)? (\S.*)$/.exec(line) ?? [];
      if (program === undefined || /^[<-]/.test(rest)) continue;
      const { commands } = program === "lab" ? LAB : TONSOR;
      const name = Object.keys(commands).find((one) => `${rest} `.startsWith(`${one} `));
      if (name === undefined) {
        // "tonsor tx" speaks of several, "lab.json" of none.
        if (/^[a-z-]+\b(?![./])/.test(rest) && !Object.keys(commands).some((one) => one.startsWith(`${rest.trim()} `)))
          wrong.push(`${page}: ${line}`);
        continue;
      }
      const { out } = await (program === "lab" ? lab(`${name} --help`) : tonsor(`${name} --help`));
      const options = [...rest.matchAll(/(?<=\s)--[a-z][a-z-]*/g)].map(([option]) => option);
      wrong.push(...options.filter((option) => !out.includes(option)).map((option) => `${page}: ${line}: ${option}`));
      known++;
    }
    assert.deepEqual(wrong, []);
    assert.ok(known > 100, `${known}`);
  });

  it("is a script that package.json has", () => {
    const used = written.flatMap(({ page, line }) =>
      [...line.matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g)].map(([, name = ""]) => ({ page, name })),
    );
    assert.deepEqual(
      used.filter(({ name }) => !scripts.includes(name)),
      [],
    );
    assert.ok(used.length > 100, `${used.length}`);
  });
});
