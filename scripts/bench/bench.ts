import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { dataFolder } from "../lab/dataFolder.ts";
import { assess } from "./model/assess.ts";
import { depth } from "./model/depth.ts";
import { type Bench, renderFigures } from "./model/figure.ts";
import { history } from "./model/history.ts";
import { inversion } from "./model/inversion.ts";
import { market } from "./model/market.ts";
import { surface } from "./model/surface.ts";

/**
 * How fast the model is, with a peer's time in the same run wherever there is one.
 * `npm run bench -- --only depth,inversion --runs 5 --data <folder of recordings> --json`
 */
const BENCHES: Readonly<Record<string, Bench>> = { inversion, surface, depth, assess, history, market };

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(BENCHES).join(",") },
    runs: { type: "string", default: "5" },
    data: { type: "string" },
    python: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const names = values.only.split(",");
const runs = Number(values.runs);
const wrong = names.filter((name) => !(name in BENCHES));
if (wrong.length > 0 || !(Number.isInteger(runs) && runs > 0)) {
  const problem = wrong.length > 0 ? `no bench is called ${wrong.join(", ")}` : `--runs ${values.runs} is no count`;
  console.error(`${problem}; expected --only of ${Object.keys(BENCHES).join(",")} and --runs of 1 or more`);
  process.exit(2);
}

const data = values.data ?? dataFolder();
const pythons = values.python === undefined ? ["python3", "/usr/bin/python3"] : [values.python];
const cores = cpus();
const machine = `${cores[0]?.model.trim() ?? "unknown"}, ${cores.length} cores, Node ${process.version}, load ${loadavg()[0]?.toFixed(2)}`;
if (!values.json) console.log(`${machine}; each time is the best of ${runs}\n`);

const results: Record<string, unknown> = {};
for (const name of names) {
  const bench = BENCHES[name] as Bench;
  const found = await bench.run({ data, runs, pythons }).catch((error: unknown) => {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  });
  results[name] = typeof found === "string" ? { skipped: found } : found;
  if (values.json) continue;
  const lines =
    typeof found === "string" ? [bench.title, `  not measured: ${found}`, ""] : renderFigures(bench.title, found);
  console.log(lines.join("\n"));
}
if (values.json) console.log(JSON.stringify({ machine, runs, benches: results }, null, 2));
