import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Where a folder is or would be made.
 * @param path absolute
 * @returns the nearest path above it (or itself) that is there, and why no folder can be there: null where one can. Whether
 * this user may write is not looked at
 */
export function folderPlace(path: string): { readonly nearest: string; readonly problem: string | null } {
  let nearest = path;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  if (!statSync(nearest).isDirectory()) return { nearest, problem: `${nearest}, a file` };
  // The kernel's own file systems take no folder, and node tries for ever to make one there.
  const isKernels = /^\/(?:proc|sys)(?:\/|$)/.test(realpathSync(nearest));
  return { nearest, problem: isKernels ? path : null };
}
