import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monotonicClock } from "../../keeper/runtime/clock.ts";

/**
 * Waits until no other process holds the file, and holds it: it is created with this process's id, or not at all. A file
 * left by a process that is gone is taken over. Returns what gives it back.
 */
export async function lockFile(file: string, signal: AbortSignal): Promise<() => void> {
  mkdirSync(join(file, ".."), { recursive: true });
  for (;;) {
    signal.throwIfAborted();
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    if (!holderLives(file)) rmSync(file, { force: true });
    else await monotonicClock.sleep(100, signal);
  }
}

function holderLives(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    // An empty file was created an instant ago by one who has not written yet.
    if (!(pid > 0)) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
