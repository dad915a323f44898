import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { uniforms } from "../../../scripts/lab/validation/statistics/random.ts";
import { temporaryFolder } from "../../support/temporaryFolder.ts";

const HOUR = 3_600;
const DAYS = 120;
/** The window: twenty days, in whose middle the price falls by 35 % within six hours and stays there. */
const FROM = Date.UTC(2030, 3, 1) / 1_000;
const TO = FROM + 20 * 24 * HOUR;
const iso = (time: number) => new Date(time * 1_000).toISOString().replace(".000", "");

/** A toy coin that a lender without feed trouble lists; the keeper knows 120 days of it. */
export function toyIncident(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    title: "A toy falls",
    story: "Made for a test.",
    inputs: "recorded",
    ...{ from: iso(FROM), to: iso(TO), stepMinutes: 60, collateral: "TOY", debt: "USD", debtUsd: 1 },
    ...{ class: "major", index: null, transferFrom: null },
    price: { recorded: { file: "toy/toy_1h.csv" } },
    lenderSays: [],
    keeperReads: "market",
    feed: { deviation: 0.005, heartbeatMinutes: 60, latencyMinutes: 0, source: "assumed" },
    static: {
      ...{ lender: "a toy lender", asOf: iso(FROM), ltv: 0.8, threshold: 0.83, source: "toy" },
      ...{ bonus: 0.05, bonusSource: "assumed" },
      closed: [{ from: iso(FROM + 15 * 24 * HOUR), to: iso(FROM + 16 * 24 * HOUR), source: "toy" }],
    },
    book: { tokens: 10_000, source: "assumed" },
    depth: { hoursToSell: 20, source: "assumed" },
    loans: [],
    events: [{ at: iso(FROM + 10 * 24 * HOUR), what: "the price falls", source: "toy" }],
    published: [{ what: "nothing", value: "was reported", source: "toy" }],
    notFound: ["anything: it is made up"],
    sources: { toy: { title: "a test", url: "https://example.org/toy" } },
    ...changes,
  };
}

/** A folder with one recording in the standard form and the incidents given, by name. */
export function toyFolder(incidents: Readonly<Record<string, unknown>>): string {
  const folder = temporaryFolder();
  for (const name of ["incidents", "toy"]) mkdirSync(join(folder, name));
  const uniform = uniforms(11);
  let price = 100;
  const start = FROM - DAYS * 24 * HOUR;
  const rows = Array.from({ length: (TO - start) / HOUR }, (_, hour) => {
    const since = start + hour * HOUR - (FROM + 10 * 24 * HOUR);
    const open = price;
    price *= since >= 0 && since < 6 * HOUR ? 0.65 ** (1 / 6) : 1 + (uniform() - 0.5) * 0.008;
    return [start + hour * HOUR, open, Math.max(open, price), Math.min(open, price), price, 1_000].join(",");
  });
  writeFileSync(join(folder, "toy", "toy_1h.csv"), `t,open,high,low,close,volume\n${rows.join("\n")}\n`);
  for (const [name, incident] of Object.entries(incidents)) {
    writeFileSync(join(folder, "incidents", `${name}.json`), JSON.stringify(incident));
  }
  return folder;
}

/** Where the toy's price begins to fall, as a file says times. */
export const FALL = iso(FROM + 10 * 24 * HOUR);
/** A time of the window, hours after its begin. */
export const after = (hours: number) => iso(FROM + hours * HOUR);
