import { askHidden } from "./cli/askHidden.ts";
import { runProcess } from "./cli/process.ts";
import { TONSOR } from "./cli/registry.ts";

// Journal, evidence and signed transactions are their owner's to read; the status page shows what is public.
process.umask(0o077);

/** The operator's program: the commands of `cli/registry.ts` on the service of `operations/services.ts`. */
await runProcess(TONSOR, process.argv.slice(2), async (signal, options) => {
  const { createServices } = await import("./operations/services.ts");
  return createServices(process.env, signal, askHidden, options["env"] as readonly string[]);
});
