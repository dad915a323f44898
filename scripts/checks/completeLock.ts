/**
 * Adds to package-lock.json the optional packages of other platforms that an install on this one could not see.
 *
 * A registry mirror may carry the binaries of its own platform only; npm then leaves the others out of the lock file, and
 * `npm ci` refuses that very file as incomplete. The added entries name version, system and processor, so that npm skips
 * them here and fetches them there. To be run after every `npm install`: `node scripts/checks/completeLock.ts`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

type Entry = {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};
type Lock = { packages: Record<string, Entry> };

/** Optional packages that the lock file's own entries ask for and that have no entry, by name. */
export function missingOptional(lock: Lock): Map<string, Entry> {
  const missing = new Map<string, Entry>();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const known = [`${path}/node_modules/${name}`, `node_modules/${name}`].some((at) => lock.packages[at]);
      if (!known) missing.set(name, entryOf(name, range, entry.dev === true));
    }
  }
  return missing;
}

/** An entry of a platform package, its system and processor read from its name. */
function entryOf(name: string, range: string, dev: boolean): Entry {
  const os = (["darwin", "win32", "android", "freebsd"] as const).find((system) => name.includes(system)) ?? "linux";
  const cpu = /arm64|aarch64/.test(name) ? "arm64" : "x64";
  return {
    version: range.replace(/^[~^]/, ""),
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(name.includes("musl") ? { libc: ["musl"] } : {}),
    optional: true,
    os: [os],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
  const lock = JSON.parse(readFileSync(file, "utf8")) as Lock;
  const missing = missingOptional(lock);
  for (const [name, entry] of missing) lock.packages[`node_modules/${name}`] = entry;
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(missing.size === 0 ? "package-lock.json is complete" : `added ${[...missing.keys()].join(", ")}`);
}
