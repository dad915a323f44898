import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { TONSOR } from "../../keeper/cli/registry.ts";
import { LAB } from "../../scripts/lab/cli/registry.ts";
import { missingPrograms } from "../support/programs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

/** Folders that git does not keep. */
const UNTRACKED = ["node_modules", "cache", "artifacts", "reports", "coverage", ".tonsor"];

describe("README.md", () => {
  it("names every command, and only scripts that package.json has", () => {
    for (const name of Object.keys(TONSOR.commands)) {
      assert.ok(readme.includes(`\`${name}`) || readme.includes(`, \`${name}\``), `the command ${name}`);
    }
    for (const name of Object.keys(LAB.commands)) assert.ok(readme.includes(`\`lab ${name}`), `lab ${name}`);
    const used = [...readme.matchAll(/npm run ([a-z-]+)/g)].map((match) => match[1] as string);
    assert.deepEqual(
      used.filter((name) => scripts[name] === undefined),
      [],
    );
    assert.ok(scripts["start"] !== undefined && scripts["test"] !== undefined);
  });

  it("links only to files that are there, as does every other page", () => {
    const pages = globSync("**/*.md", { cwd: root, exclude: (name) => UNTRACKED.includes(name) });
    assert.ok(pages.includes("keeper/ERRORS.md") && pages.length > 15, `${pages.length} pages`);
    const broken = pages.flatMap((page) => {
      const text = readFileSync(join(root, page), "utf8");
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] as string);
      return links.filter((link) => !existsSync(join(root, dirname(page), link))).map((link) => `${page}: ${link}`);
    });
    assert.deepEqual(broken, []);
  });

  it("names in one command every package that brings a program which tests want", () => {
    const all = missingPrograms({ PATH: "" });
    for (const word of (all?.command ?? "").split(" ").slice(2)) assert.ok(readme.includes(word), word);
  });

  it("fits two screens, and its picture is small", () => {
    const lines = readme.split("\n").length;
    assert.ok(lines <= 111, `${lines} lines`);
    assert.ok(readFileSync(join(root, "CONTRIBUTING.md"), "utf8").split("\n").length <= 121);
    assert.ok(statSync(join(root, "deployments/service/status-page.png")).size < 120_000);
  });
});
