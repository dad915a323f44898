import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One task of a sweep: a name of its own, and plain data. */
export type SweepTask<Input = unknown> = { readonly key: string; readonly input: Input };

/** A result as it is kept: JSON text of the output, and the milliseconds it took. */
type KeptResult = { readonly key: string; readonly text: string; readonly ms: number };

/** Name of a task by what it is asked: the same task has the same one in every run. */
export function taskId(kind: string, { key, input }: SweepTask): string {
  return createHash("sha256")
    .update(JSON.stringify([kind, key, input]))
    .digest("hex")
    .slice(0, 32);
}

/** Results of one sweep in a folder, one file each, so that a run killed half-way goes on where it was. */
export class ResultFolder {
  readonly #folder: string;
  readonly #root: string;

  /** @param root removed as a whole by `clear`  @param version results of another one are not seen */
  constructor(root: string, version: string) {
    this.#root = root;
    this.#folder = join(root, version);
    mkdirSync(this.#folder, { recursive: true });
  }

  /** The result of a task; null when there is none that can be read. */
  get(id: string): KeptResult | null {
    try {
      const kept = JSON.parse(readFileSync(join(this.#folder, `${id}.json`), "utf8")) as KeptResult;
      return typeof kept.text === "string" ? kept : null;
    } catch {
      return null;
    }
  }

  /** Keeps a result; whole or not at all. */
  set(id: string, result: KeptResult): void {
    const path = join(this.#folder, `${id}.json`);
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(result));
    renameSync(`${path}.${process.pid}`, path);
  }

  /** Forgets everything: the sweep is over. */
  clear(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
