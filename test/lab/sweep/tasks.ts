import { appendFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** What a task of these tests does on the way to its answer. */
type Asked = {
  readonly n: number;
  readonly waitMs?: number;
  /** A line `pid n` is appended for every time it is done. */
  readonly log?: string;
  readonly fault?: "throws" | "notPlain" | "endsThread" | "killsProcess";
};

/** A task whose answer is known: the square. */
export default async function square({ n, waitMs = 0, log, fault }: Asked): Promise<unknown> {
  if (log !== undefined) appendFileSync(log, `${process.pid} ${n}\n`);
  if (waitMs > 0) await setTimeout(waitMs);
  if (fault === "throws") throw new Error(`cannot square ${n}`);
  if (fault === "endsThread") {
    setImmediate(() => {
      throw new Error(`${n} took its thread with it`);
    });
    await setTimeout(60_000);
  }
  if (fault === "killsProcess") process.kill(process.pid, "SIGKILL");
  return { n, square: fault === "notPlain" ? Number.NaN : n * n };
}
