/**
 * Adds to package-lock.json the optional packages of other platforms that an install on this one could not see.
 *
 * A registry mirror may carry the binaries of its own platform only; npm then leaves the others out of the lock file, and
 * `npm ci` refuses that very file as incomplete. The added entries name version, system and processor, so that npm skips
 * them here and fetches them there. To be run after every `npm install`: `node scripts/checks/completeLock.ts`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Lock, missingOptional } from "./lockFile.ts";

const file = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(file, "utf8")) as Lock;
const missing = missingOptional(lock);
for (const [name, entry] of missing) lock.packages[`node_modules/${name}`] = entry;
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(missing.size === 0 ? "package-lock.json is complete" : `added ${[...missing.keys()].join(", ")}`);
