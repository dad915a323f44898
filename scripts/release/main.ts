/**
 * `npm run release -- --dry-run`: compiles, stages every package of `packages.ts`, inspects it, and writes the tarballs and the
 * bill of materials (CycloneDX) to `reports/release`. Without `--dry-run` they are published as well, which wants a clean tree
 * with the tag of the version.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { VERSION } from "../../keeper/io/version.ts";
import { compileContracts } from "../deploy/compile.ts";
import { explainFailure } from "../deploy/explainFailure.ts";
import { problemsOf, sizeOf } from "./inspect.ts";
import { PACKAGES } from "./packages.ts";
import { stagePackages } from "./stage.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { "dry-run": { type: "boolean", default: false }, to: { type: "string", default: "reports/release" } },
  });
  if (!values["dry-run"]) requireTag();
  const place = resolve(root, values.to);
  await compileContracts((text) => console.error(text), new AbortController().signal);
  const folders = stagePackages(join(place, "stage"));
  const problems = PACKAGES.flatMap((spec) => problemsOf(spec, folders[spec.name] ?? ""));
  if (problems.length > 0) throw new TonsorError("BAD_FILE", `not fit to be published: ${problems.join("; ")}`);
  mkdirSync(place, { recursive: true });
  const bill = join(place, `tonsor-${VERSION}.cdx.json`);
  writeFileSync(bill, billOfMaterials());
  for (const { name } of PACKAGES) {
    const folder = folders[name] ?? "";
    const [packed] = JSON.parse(npm(["pack", "--json", "--pack-destination", place, folder])) as { filename: string }[];
    const tarball = join(place, packed?.filename ?? "");
    console.log(`${name.padEnd(18)} ${Math.ceil(sizeOf(folder) / 1_000)} kB  ${tarball}`);
    if (!values["dry-run"]) npm(["publish", tarball]);
  }
  console.log(`bill of materials  ${bill}`);
}

/** What the packages are made of, by the lock file; npm would name it after this folder. */
function billOfMaterials(): string {
  const bill = JSON.parse(npm(["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"]));
  bill.metadata.component.name = "tonsor";
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** @throws TonsorError when what would be published is not what the tag of its version holds */
function requireTag(): void {
  const git = (...words: string[]) => execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim();
  const tag = `v${VERSION}`;
  const tags = git("tag", "--points-at", "HEAD").split("\n");
  if (git("status", "--porcelain") === "" && tags.includes(tag)) return;
  throw new TonsorError("BAD_ARGUMENT", "not released", {
    field: "HEAD",
    given: tags.join(", ") || "no tag, or a changed tree",
    expected: `a clean tree tagged ${tag}; --dry-run writes the tarballs alone`,
  });
}

function npm(words: readonly string[]): string {
  return execFileSync("npm", words, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

await main().catch(explainFailure);
