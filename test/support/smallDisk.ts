import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A real file system of a few hundred kilobytes that can be filled to the last byte. */
export type SmallDisk = { readonly folder: string; fill(): void; free(): void; close(): void };

/** Mounts one, or says why that is not possible here (it takes the right to mount). */
export function smallDisk(kilobytes: number): SmallDisk | string {
  const folder = mkdtempSync(join(tmpdir(), "tonsor-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return "no right to mount a small file system here";
  }
  const ballast = join(folder, "ballast");
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    execFileSync("umount", ["-l", folder], { stdio: "ignore" });
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", close);
  return {
    folder,
    fill() {
      // Halves until nothing fits any more.
      for (let bytes = kilobytes * 1_024, n = 0; bytes >= 64; n++) {
        try {
          writeFileSync(`${ballast}-${n}`, Buffer.alloc(bytes));
        } catch {
          rmSync(`${ballast}-${n}`, { force: true });
          bytes = Math.floor(bytes / 2);
        }
        if (n > 4_000) break;
      }
    },
    free: () => execFileSync("sh", ["-c", 'rm -f "$1"/ballast-*', "sh", folder]),
    close,
  };
}
