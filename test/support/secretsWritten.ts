import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/**
 * Where a private key was written: names of the files of a folder (packed ones are opened) and of the texts that hold it, as
 * hexadecimal digits in either case or as bytes. Empty: nowhere.
 */
export function secretsWritten(
  folder: string,
  texts: Readonly<Record<string, string>>,
  keys: readonly string[],
): readonly string[] {
  const digits = keys.map((key) => key.toLowerCase().replace(/^0x/, ""));
  const holds = (content: Buffer) => {
    const lower = Buffer.from(content.toString("latin1").toLowerCase(), "latin1");
    return digits.some((key) => lower.includes(key) || content.includes(Buffer.from(key, "hex")));
  };
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return [
    ...Object.entries(texts).flatMap(([name, text]) => (holds(Buffer.from(text)) ? [name] : [])),
    ...files.flatMap(({ parentPath, name }) => (holds(contentOf(join(parentPath, name))) ? [name] : [])),
  ];
}

/** Half a packed file, as a kill leaves it, is looked at as it stands. */
function contentOf(file: string): Buffer {
  const content = readFileSync(file);
  if (!file.endsWith(".gz")) return content;
  try {
    return gunzipSync(content);
  } catch {
    return content;
  }
}
