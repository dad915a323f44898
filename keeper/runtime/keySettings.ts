import { existsSync } from "node:fs";
import type { Hex } from "../domain/batch.ts";
import type { ConfigProblem } from "./configProblem.ts";
import { readSecretFile } from "./secretFile.ts";

/** Where the keeper's key comes from: the settings of the environment, paths absolute. */
export type KeySettings = {
  readonly privateKey: Hex | null;
  readonly keystoreFile: string | null;
  readonly keystorePasswordFile: string | null;
};

/** Everything that is wrong with the key's settings as far as files say; opens no keystore and shows no secret. */
export function keyProblems({ privateKey, keystoreFile, keystorePasswordFile }: KeySettings): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
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
  if (!read.ok) {
    const expected = "a file of one line that only its owner may open (chmod 600)";
    problems.push({ path: "KEYSTORE_PASSWORD_FILE", given: read.problem, expected });
  }
  return problems;
}
