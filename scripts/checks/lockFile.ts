type Entry = {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
};
export type Lock = { packages: Record<string, Entry> };

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
