import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runProcess } from "../../keeper/cli/process.ts";
import { DEMO } from "./start.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `npm start`: the crash played on a local chain. */
await runProcess(DEMO, ["start", ...process.argv.slice(2)], async () => ({
  async startDemo(options) {
    const { playDemo } = await import("./demo.ts");
    const state = resolve(process.env["TONSOR_STATE"] || join(ROOT, ".tonsor"));
    await playDemo({ ...options, folderFor: (port) => join(state, `demo-${port}`) });
  },
  secrets: [],
  async close() {},
}));
