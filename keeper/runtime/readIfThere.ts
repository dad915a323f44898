import { readFileSync } from "node:fs";

/** Returns a file's text, why it cannot be read, or null when there is no such file. */
export function readIfThere(
  file: string,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly code: string } | null {
  try {
    return { ok: true, text: readFileSync(file, "utf8") };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    return code === "ENOENT" || code === "ENOTDIR" ? null : { ok: false, code };
  }
}
