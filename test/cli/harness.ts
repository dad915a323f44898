import { type ProgramSpec, runProgram } from "../../keeper/cli/program.ts";
import { TONSOR } from "../../keeper/cli/registry.ts";
import type { Services } from "../../keeper/operations/services.ts";
import { aService } from "./outcomes.ts";

export type Run = { readonly code: number; readonly out: string; readonly err: string };

/** Runs one command line of the operator's program, with a service of the test's choice. */
export function tonsor(
  line: string,
  services: () => Promise<Services> = aService().services,
  env: Record<string, string> = {},
): Promise<Run> {
  return runLine(TONSOR, line, services, env);
}

/** Runs one command line as the terminal would; nothing leaves the process. */
export async function runLine<Service>(
  program: ProgramSpec<Service>,
  line: string,
  services: () => Promise<Service>,
  env: Record<string, string> = {},
): Promise<Run> {
  let [out, err] = ["", ""];
  const words = line.split(" ").filter((word) => word !== "");
  const code = await runProgram(program, words, {
    services,
    signal: () => new AbortController().signal,
    terminal: { out: (text) => (out += text), err: (text) => (err += text), isTTY: false, env },
  });
  return { code, out, err };
}
