import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { folderPlace } from "../../../keeper/runtime/folderPlace.ts";

/**
 * A folder to write into, as it was given; it is made later. Asked before anything is computed, so that no result is lost.
 * @param option that names it, for the message: "--out"
 * @param names of what will be written in it: files, and folders with a / behind
 * @throws TonsorError BAD_ARGUMENT where there is a file, where none can be made, or where this user may not write; where one of
 * the names is a folder in place of a file, or the other way round
 */
export function outputFolder(option: string, path: string, names: readonly string[]): string {
  const expected = "a folder that can be written, or made";
  const { nearest, problem } = folderPlace(resolve(path));
  if (problem !== null) throw unwritable(option, problem, expected);
  if (!mayWrite(nearest)) throw unwritable(option, `${path}, in a folder that may not be written`, expected);
  if (!existsSync(path)) return path;
  for (const name of names) {
    if (name.endsWith("/")) outputFolder(option, join(path, name), []);
    else outputFile(option, join(path, name));
  }
  return path;
}

/** The same of a file, whose folder must be there. */
export function outputFile(option: string, path: string): string {
  const expected = "a file that can be written, in a folder that is there";
  const file = resolve(path);
  const refuse = (why: string) => unwritable(option, `${path}, ${why}`, expected);
  if (existsSync(file)) {
    if (statSync(file).isDirectory()) throw refuse("a folder");
    if (!mayWrite(file)) throw refuse("which may not be written");
    return path;
  }
  const folder = dirname(file);
  if (!existsSync(folder)) throw refuse("in a folder that is not there");
  if (folderPlace(folder).problem !== null) throw refuse("where no file can be");
  if (!mayWrite(folder)) throw refuse("in a folder that may not be written");
  return path;
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function unwritable(field: string, given: string, expected: string): TonsorError {
  return new TonsorError("BAD_ARGUMENT", "nothing can be written there", { field, given, expected });
}
