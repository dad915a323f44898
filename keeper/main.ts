import { askHidden } from "./cli/askHidden.ts";
import { runProcess } from "./cli/process.ts";
import { TONSOR } from "./cli/registry.ts";

/** The operator's program: the commands of `cli/registry.ts` on the service of `operations/services.ts`. */
await runProcess(TONSOR, process.argv.slice(2), async (signal) => {
  const { createServices } = await import("./operations/services.ts");
  return createServices(process.env, signal, askHidden);
});
