import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { missingOptional } from "../../scripts/checks/lockFile.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = readFileSync(join(root, "package-lock.json"), "utf8");

describe("package-lock.json", () => {
  it("names the binaries of every platform, without which npm ci refuses it", () => {
    assert.deepEqual([...missingOptional(JSON.parse(text)).keys()], []);
  });

  it("says which platform package is missing, for which system", () => {
    const lock = { packages: { "node_modules/tool": { optionalDependencies: { "@tool/linux-arm64-musl": "1.2.3" } } } };
    assert.deepEqual(missingOptional(lock).get("@tool/linux-arm64-musl"), {
      version: "1.2.3",
      cpu: ["arm64"],
      libc: ["musl"],
      optional: true,
      os: ["linux"],
    });
  });

  it("has the hash of every package, of other platforms' too", () => {
    const { packages } = JSON.parse(text) as { packages: Record<string, { integrity?: string; link?: boolean }> };
    const bare = Object.entries(packages).filter(([path, { integrity, link }]) => path !== "" && !link && !integrity);
    assert.deepEqual(
      bare.map(([path]) => path),
      [],
    );
  });

  it("holds no download address and only exact versions of what package.json asks for", () => {
    assert.ok(!/"resolved": "https?:/.test(text));
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      assert.match(String(version), /^\d+\.\d+\.\d+$/, name);
    }
  });
});
