import { runProgram } from "../../keeper/cli/program.ts";
import type { Services } from "../../keeper/cli/services.ts";
import { aService } from "./outcomes.ts";

export type Run = { readonly code: number; readonly out: string; readonly err: string };

/** Runs one command line as the terminal would, with a service of the test's choice; nothing leaves the process. */
export async function tonsor(
  line: string,
  services: () => Promise<Services> = aService().services,
  env: Record<string, string> = {},
): Promise<Run> {
  let out = "";
  let err = "";
  const code = await runProgram(
    line.split(" ").filter((word) => word !== ""),
    {
      services,
      signal: new AbortController().signal,
      terminal: {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        isTTY: false,
        env,
      },
    },
  );
  return { code, out, err };
}
