import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Folder of the recorded market data (TONSOR_DATA, else ../shared/data), or null when there is none. */
export function dataFolder(): string | null {
  const folder = resolve(process.env["TONSOR_DATA"] || join(root, "..", "shared", "data"));
  return existsSync(folder) ? folder : null;
}

/** Path of one recorded file, or null when it is not there. @example dataFile("vix/vixnearterm.dat") */
export function dataFile(path: string): string | null {
  const folder = dataFolder();
  if (folder === null) return null;
  const file = join(folder, path);
  return existsSync(file) ? file : null;
}
