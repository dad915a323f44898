import { readFileSync, statSync } from "node:fs";

/**
 * Returns the secret in a file without its last line break, or what is wrong with the file. Refused: a file that others
 * than its owner may read or write (chmod 600 mends it), an empty one, one of several lines, and what is no file.
 * @example readSecretFile("/run/secrets/password") // { ok: true, secret: "correct horse" }
 */
export function readSecretFile(
  path: string,
): { readonly ok: true; readonly secret: string } | { readonly ok: false; readonly problem: string } {
  try {
    const { mode } = statSync(path);
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(3, "0");
      return { ok: false, problem: `${path} has mode ${shown}: others than its owner may open it` };
    }
    const secret = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    if (secret === "") return { ok: false, problem: `${path} is empty` };
    if (/[\r\n]/.test(secret)) return { ok: false, problem: `${path} has several lines` };
    return { ok: true, secret };
  } catch (error) {
    return { ok: false, problem: `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})` };
  }
}
