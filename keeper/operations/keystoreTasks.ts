import type { AskHidden } from "../cli/askHidden.ts";
import type { KeystoreResult, KeystoreTask } from "../cli/services.ts";
import { TonsorError } from "../domain/errors.ts";
import { passwordOf } from "../runtime/signingKey.ts";

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
