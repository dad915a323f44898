import { existsSync, readFileSync, statSync } from "node:fs";
import type { LocalAccount } from "viem";
import type { Hex } from "../domain/contract.ts";
import { type ConfigProblem, TonsorError } from "../domain/errors.ts";
import type { EnvironmentSettings } from "./parseEnvironment.ts";

/** Asks a person for something that must not be shown while it is typed. */
export type AskHidden = (question: string) => Promise<string>;

/**
 * Returns the account that signs, with a key here or at a remote signer, or null when none is set. A keystore's password
 * and key are handed to `keep` before anything else can happen to them, so that they are hidden from everything that is
 * printed from then on.
 * @throws TonsorError KEYSTORE_REFUSED, or BAD_ARGUMENT when nobody can be asked for the password
 */
export async function signingAccount(
  settings: KeySettings,
  keep: (secret: string) => void,
  askHidden: AskHidden,
): Promise<LocalAccount | null> {
  const { remoteSignerUrl: url, remoteSignerAddress: address } = settings;
  if (url !== null && address !== null) return (await import("./remoteSigner.ts")).remoteSigner({ url, address });
  const key = await signingKey(settings, keep, askHidden);
  return key === null ? null : (await import("viem/accounts")).privateKeyToAccount(key);
}

async function signingKey(
  { privateKey, keystoreFile, keystorePasswordFile }: KeySettings,
  keep: (secret: string) => void,
  askHidden: AskHidden,
): Promise<Hex | null> {
  if (keystoreFile === null) return privateKey;
  const password = await passwordOf(keystorePasswordFile, `Password of ${keystoreFile}`, askHidden);
  keep(password);
  // ethers takes 50 ms to load: only who has a keystore waits for it.
  const { openKeystore } = await import("./keystore.ts");
  const opened = await openKeystore(keystoreFile, password);
  keep(opened.privateKey);
  keep(opened.privateKey.slice(2));
  return opened.privateKey;
}

/** The password in a file, or asked for when there is no file. @throws TonsorError KEYSTORE_REFUSED, BAD_ARGUMENT */
export async function passwordOf(file: string | null, question: string, askHidden: AskHidden): Promise<string> {
  if (file === null) return askHidden(question);
  const read = readSecretFile(file);
  if (read.ok) return read.secret;
  throw new TonsorError("KEYSTORE_REFUSED", read.problem, { field: "password file", expected: SECRET_FILE });
}

const SECRET_FILE = "a file of one line that only its owner may open (chmod 600)";

/** Where the keeper's key comes from, paths absolute. */
type KeySettings = Pick<
  EnvironmentSettings,
  "privateKey" | "keystoreFile" | "keystorePasswordFile" | "remoteSignerUrl" | "remoteSignerAddress"
>;

/** Everything that is wrong with the key's settings as far as files say; opens no keystore and shows no secret. */
export function keyProblems(settings: KeySettings): ConfigProblem[] {
  const { privateKey, keystoreFile, keystorePasswordFile, remoteSignerUrl, remoteSignerAddress } = settings;
  const problems: ConfigProblem[] = [];
  if ((remoteSignerUrl === null) !== (remoteSignerAddress === null)) {
    const missing = remoteSignerUrl === null ? "REMOTE_SIGNER_URL" : "REMOTE_SIGNER_ADDRESS";
    problems.push({ path: missing, given: "nothing", expected: "both or neither: where it signs, and with whose key" });
  }
  if (remoteSignerUrl !== null && (keystoreFile ?? privateKey) !== null) {
    const expected = "no KEYSTORE_FILE and no KEEPER_PRIVATE_KEY beside it";
    problems.push({ path: "REMOTE_SIGNER_URL", given: "a remote signer beside a key", expected });
  }
  if (keystoreFile !== null && privateKey !== null) {
    problems.push({ path: "KEYSTORE_FILE", given: "a keystore beside KEEPER_PRIVATE_KEY", expected: "one of the two" });
  }
  if (keystoreFile !== null && !existsSync(keystoreFile)) {
    const expected = "a file made by `tonsor keystore new` or `import`";
    problems.push({ path: "KEYSTORE_FILE", given: `${keystoreFile}, which is not there`, expected });
  }
  if (keystorePasswordFile === null) return problems;
  if (keystoreFile === null) {
    const expected = "KEYSTORE_FILE beside it";
    problems.push({ path: "KEYSTORE_PASSWORD_FILE", given: "a password without a keystore", expected });
  }
  const read = readSecretFile(keystorePasswordFile);
  if (!read.ok) problems.push({ path: "KEYSTORE_PASSWORD_FILE", given: read.problem, expected: SECRET_FILE });
  return problems;
}

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
