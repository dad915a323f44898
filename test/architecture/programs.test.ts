import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** On every machine with POSIX, or (`mount`) asked for with an answer to its being refused; `ps` where there is no /proc. */
const EVERYWHERE = ["sh", "mkfifo", "mount", "umount", "ps"];

test("a test starts no program by its name or path but what every machine has: test/support/programs.ts knows the others", () => {
  const started = globSync("test/**/*.ts", { cwd: root }).flatMap((file) => {
    const text = readFileSync(join(root, file), "utf8");
    const names = [...text.matchAll(/\b(?:spawn(?:Sync)?|execFile(?:Sync)?|execSync)\(\s*"([^"]+)"/g)].map(
      ([, name = ""]) => name,
    );
    return names.filter((name) => !EVERYWHERE.includes(name)).map((name) => `${file}: ${name}`);
  });
  assert.deepEqual(started, []);
  const places = globSync("test/**/*.ts", { cwd: root }).filter((file) =>
    /"\/(usr|opt|bin|sbin)\//.test(readFileSync(join(root, file), "utf8")),
  );
  assert.deepEqual(places, []);
});
