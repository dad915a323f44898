import { askHidden } from "./cli/askHidden.ts";
import { runProgram } from "./cli/program.ts";
import type { createServices } from "./operations/services.ts";
import { redact } from "./runtime/redact.ts";

/** The entry: wires services to commands, and the first Ctrl-C to a clean end. A second one ends at once. */
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    stop.abort(new Error(`stopped by ${name}`));
    process.once(name, () => process.exit(130));
  });
}
// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

let services: ReturnType<typeof createServices> | null = null;
/** No secret that was read leaves this process by what it prints, its last words included. */
const shown = (text: string) => redact(text, services?.secrets ?? []);
process.on("uncaughtException", (error) => {
  process.stderr.write(shown(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`), () => {
    process.exit(1);
  });
});

const code = await runProgram(process.argv.slice(2), {
  services: async () => {
    const { createServices } = await import("./operations/services.ts");
    services ??= createServices(process.env, stop.signal, askHidden);
    return services;
  },
  terminal: {
    out: (text) => void process.stdout.write(shown(text)),
    err: (text) => void process.stderr.write(shown(text)),
    isTTY: process.stdout.isTTY === true,
    isErrTTY: process.stderr.isTTY === true,
    env: process.env,
  },
  signal: stop.signal,
});
await (services as ReturnType<typeof createServices> | null)?.close();
// What was printed goes out before the end.
process.stdout.write("", () => process.exit(code));
