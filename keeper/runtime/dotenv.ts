import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "dotenv";
import type { Variables } from "./parseEnvironment.ts";

/** The names and values in the `.env` of a folder; none when there is no such file. */
export function readDotenv(folder: string): Variables {
  const file = resolve(folder, ".env");
  return existsSync(file) ? parse(readFileSync(file)) : {};
}

/**
 * The variables of `.env` and of the environment, which wins. `NAME=` in the shell means "not set here", as in docker
 * compose, and does not hide what `.env` says.
 */
export function withDotenv(folder: string, variables: Variables): Variables {
  const set = Object.entries(variables).filter(([, value]) => value !== undefined && value !== "");
  return { ...readDotenv(folder), ...Object.fromEntries(set) };
}
