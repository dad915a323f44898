import { askHidden } from "../../keeper/cli/askHidden.ts";
import { runProcess } from "../../keeper/cli/process.ts";
import { LAB } from "./cli/registry.ts";
import { openLabServices } from "./cli/services.ts";

/** The analyst's program: the commands of `cli/registry.ts`. */
await runProcess(LAB, process.argv.slice(2), (signal) => openLabServices(process.env, signal, askHidden));
