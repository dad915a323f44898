import type { AskHidden } from "../cli/askHidden.ts";
import type { Hex } from "../domain/batch.ts";
import { TonsorError } from "../domain/errors.ts";
import type { KeySettings } from "../runtime/keySettings.ts";
import { readSecretFile } from "../runtime/secretFile.ts";

/**
 * Returns the key that signs, or null when none is set. A keystore's password and key are handed to `keep` before
 * anything else can happen to them, so that they are hidden from everything that is printed from then on.
 * @throws TonsorError KEYSTORE_REFUSED, or BAD_ARGUMENT when nobody can be asked for the password
 */
export async function signingKey(
  { privateKey, keystoreFile, keystorePasswordFile }: KeySettings,
  keep: (secret: string) => void,
  askHidden: AskHidden,
): Promise<Hex | null> {
  if (keystoreFile === null) return privateKey;
  const password = await passwordOf(keystorePasswordFile, `Password of ${keystoreFile}`, askHidden);
  keep(password);
  // ethers takes 50 ms to load: only who has a keystore waits for it.
  const { openKeystore } = await import("../runtime/keystore.ts");
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
  const expected = "a file of one line that only its owner may open (chmod 600)";
  throw new TonsorError("KEYSTORE_REFUSED", read.problem, { field: "password file", expected });
}
