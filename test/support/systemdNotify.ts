import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { temporaryFolder } from "./temporaryFolder.ts";

/** In the place of systemd: hears the word of whoever has `path` first in its PATH, and waits for its silence. */
export function systemdNotify() {
  const path = temporaryFolder();
  const file = join(path, "heard");
  writeFileSync(file, "");
  writeFileSync(join(path, "systemd-notify"), `#!/bin/sh\necho "$@" >> ${file}\n`);
  chmodSync(join(path, "systemd-notify"), 0o755);
  const beats = () =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line === "WATCHDOG=1").length;
  return {
    path,
    /** How often it was told. */
    beats,
    /** Resolves when no word came for so long: WatchdogSec= of a unit. */
    async silence(limitMs: number): Promise<void> {
      for (let last = beats(), silent = 0; silent < limitMs; last = beats()) {
        await setTimeout(100);
        silent = beats() === last ? silent + 100 : 0;
      }
    },
  };
}
