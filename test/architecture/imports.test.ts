import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const keeper = join(root, "keeper");

/** Who may import whom; a folder may always import itself. `type:` allows type-only imports. */
const ALLOWED: Record<string, readonly string[]> = {
  domain: [],
  io: ["domain"],
  model: ["domain"],
  policy: ["domain"],
  quality: ["domain", "model"],
  evidence: ["domain", "model"],
  pipeline: ["domain", "model", "quality", "policy"],
  cycle: ["domain", "pipeline"],
  venues: ["domain", "io"],
  protocols: ["domain", "io"],
  runtime: ["domain", "io"],
  journal: ["domain"],
  markets: ["domain"],
  dashboard: ["domain"],
};
const ANYTHING = new Set(["main", "cli", "keeper", "operations", "audit", "cosign", "impact", "sources", "submission"]);
const PURE = ["domain", "model", "quality", "policy", "pipeline"];

/** What a pure folder must not contain: clock, randomness, environment, waiting, logging, I/O. */
const IMPURE =
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.|\bMath\.random\b|\bprocess\.|\bconsole\.|\basync\b|\bawait\b|\bsetTimeout\b|\bfetch\(|from "node:/;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

/** The part of the house a file belongs to: its folder under keeper/, or its own name at the top. */
function part(file: string): string {
  const [first = ""] = relative(keeper, file).split("/");
  return first.replace(/\.ts$/, "");
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

function importsOf(file: string): { target: string; typeOnly: boolean; line: string }[] {
  const text = withoutComments(readFileSync(file, "utf8"));
  const pattern = /(?:import|export)\s+(type\s+)?[^;]*?from\s+"(\.[^"]+)"|import\(\s*"(\.[^"]+)"\s*\)/g;
  return [...text.matchAll(pattern)].map((match) => ({
    target: resolve(dirname(file), (match[2] ?? match[3]) as string),
    typeOnly: match[1] !== undefined,
    line: match[0].replace(/\s+/g, " "),
  }));
}

describe("the house", () => {
  const files = sources(keeper);

  it("imports only what the table of ARCHITECTURE.md allows", () => {
    const wrong: string[] = [];
    for (const file of files) {
      const from = part(file);
      if (ANYTHING.has(from)) continue;
      const allowed = ALLOWED[from];
      assert.ok(allowed !== undefined, `${relative(root, file)}: "${from}" has no row in the import table`);
      for (const { target, typeOnly, line } of importsOf(file)) {
        const to = part(target);
        const fine = to === from || allowed.includes(to) || (typeOnly && allowed.includes(`type:${to}`));
        if (!fine) wrong.push(`${relative(root, file)} must not import ${to}: ${line}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it("keeps clock, randomness, environment, async and logging out of the pure folders", () => {
    const wrong = files
      .filter((file) => PURE.includes(part(file)))
      .flatMap((file) => {
        const found = IMPURE.exec(withoutComments(readFileSync(file, "utf8")));
        return found === null ? [] : [`${relative(root, file)}: ${found[0]}`];
      });
    assert.deepEqual(wrong, []);
  });

  it("keeps viem and ethers out of one another's files", () => {
    const scripts = sources(join(root, "scripts"));
    const mixed = [...files, ...scripts].filter((file) => {
      const text = readFileSync(file, "utf8");
      return /from "viem/.test(text) && /from "ethers/.test(text);
    });
    assert.deepEqual(
      mixed.map((file) => relative(root, file)),
      [],
    );
  });

  it("holds every source file to 300 lines and their median to about 100", () => {
    const contracts = readdirSync(join(root, "contracts"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".sol"))
      .map((name) => join(root, "contracts", name));
    const lengths = [...files, ...sources(join(root, "scripts")), ...contracts].map((file) => ({
      file: relative(root, file),
      lines: readFileSync(file, "utf8").split("\n").length - 1,
    }));
    assert.deepEqual(
      lengths.filter(({ lines }) => lines > 300),
      [],
    );
    const sorted = lengths.map(({ lines }) => lines).sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] as number;
    assert.ok(median <= 110, `median source file has ${median} lines, expected about 100`);
  });

  it("names no machine path and no registry host", () => {
    const names = [...files, ...sources(join(root, "scripts")), ...sources(join(root, "test"))];
    const leak = new RegExp(`(^|[^a-z0-9.])/(${["work", "farm"].join("|")})/[a-z.]|https?://(registry|deb)[.]`);
    assert.deepEqual(
      names.filter((file) => leak.test(readFileSync(file, "utf8"))).map((file) => relative(root, file)),
      [],
    );
  });
});
