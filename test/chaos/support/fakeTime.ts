import { renameSync, writeFileSync } from "node:fs";

/**
 * Environment of a node process whose wall clock is off by what `file` says, and a way to step it while it runs. The
 * monotonic clock stays true, as it does when an operator or a time server sets the clock of a machine.
 */
export function fakeTime(file: string): { readonly environment: Record<string, string>; set(seconds: number): void } {
  // Complete at every moment: the process reads the file each time that it asks for the time.
  const set = (seconds: number) => {
    writeFileSync(`${file}.new`, String(Math.round(seconds)));
    renameSync(`${file}.new`, file);
  };
  set(0);
  const module = new URL("shiftedDate.ts", import.meta.url).href;
  return { environment: { NODE_OPTIONS: `--import=${module}`, SHIFTED_CLOCK_FILE: file }, set };
}
