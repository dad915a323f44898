import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { TONSOR } from "../../keeper/cli/registry.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

describe("README.md", () => {
  it("names every command, and only scripts that package.json has", () => {
    for (const name of Object.keys(TONSOR.commands)) {
      assert.ok(readme.includes(`\`${name}`) || readme.includes(`, \`${name}\``), `the command ${name}`);
    }
    const used = [...readme.matchAll(/npm run ([a-z-]+)/g)].map((match) => match[1] as string);
    assert.deepEqual(
      used.filter((name) => scripts[name] === undefined),
      [],
    );
    assert.ok(scripts["start"] !== undefined && scripts["test"] !== undefined);
  });

  it("links only to files that are there, as does every other page", () => {
    const pages = [
      "README.md",
      "keeper/DECISIONS.md",
      "keeper/ERRORS.md",
      "keeper/runtime/ENVIRONMENT.md",
      "keeper/model/MODEL.md",
      "contracts/README.md",
      "contracts/INVARIANTS.md",
      "deployments/README.md",
      "keeper/cli/JSON.md",
      "scripts/lab/cli/JSON.md",
      ...["README", "CHECKLIST", "METRICS", "REHEARSAL", "RUNBOOK", "UPGRADE"].map(
        (name) => `deployments/service/${name}.md`,
      ),
    ];
    const broken = pages.flatMap((page) => {
      const text = readFileSync(join(root, page), "utf8");
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] as string);
      return links.filter((link) => !existsSync(join(root, dirname(page), link))).map((link) => `${page}: ${link}`);
    });
    assert.deepEqual(broken, []);
  });

  it("fits two screens", () => {
    const lines = readme.split("\n").length;
    assert.ok(lines <= 120, `${lines} lines`);
  });
});
