import { TonsorError } from "../domain/errors.ts";
import type { AskHidden } from "../runtime/signingKey.ts";
import { passwordOf } from "../runtime/signingKey.ts";

/** What is to be done with a keystore. Files are paths; an absent password or key is asked for. */
export type KeystoreTask =
  | { readonly kind: "new"; readonly file: string; readonly passwordFile: string | null }
  | {
      readonly kind: "import";
      readonly file: string;
      readonly passwordFile: string | null;
      readonly keyFile: string | null;
    }
  | { readonly kind: "address"; readonly file: string; readonly passwordFile: string | null };

export type KeystoreResult = {
  readonly file: string;
  readonly address: string;
  /** Whether a password opened the file; an address alone is what the file says. */
  readonly opened: boolean;
};

/**
 * Makes or reads a keystore. A password that is typed for a new file is asked for twice.
 * @throws TonsorError KEYSTORE_REFUSED, BAD_ARGUMENT, BAD_FILE
 */
export async function runKeystore(task: KeystoreTask, askHidden: AskHidden): Promise<KeystoreResult> {
  const { file, passwordFile } = task;
  // ethers is 18 MB and 150 ms: a keeper that runs must not load it for commands it does not run.
  const { keystoreAddress, openKeystore, writeKeystore } = await import("../runtime/keystore.ts");
  if (task.kind === "address") {
    if (passwordFile === null) return { file, address: keystoreAddress(file), opened: false };
    const { address } = await openKeystore(file, await passwordOf(passwordFile, "", askHidden));
    return { file, address, opened: true };
  }
  const key =
    task.kind === "new" ? undefined : await passwordOf(task.keyFile, "Private key (0x and 64 hex digits)", askHidden);
  const password = await passwordOf(passwordFile, "Password", askHidden);
  if (passwordFile === null && (await askHidden("Password again")) !== password) {
    throw new TonsorError("BAD_ARGUMENT", "the two passwords differ", { field: "password" });
  }
  return { file, address: await writeKeystore(file, password, key), opened: true };
}
