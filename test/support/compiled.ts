import { compileContracts } from "../../scripts/deploy/compile.ts";

/** Compiles the contracts where that is due, one process at a time: tests beside each other may all ask for it. */
export async function compiled(): Promise<void> {
  await compileContracts(() => {}, new AbortController().signal);
}
