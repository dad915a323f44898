import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { dataFolder } from "../dataFolder.ts";
import { outputFolder } from "../files/outputs.ts";
import { TIMELINE_COLUMNS } from "../market/timeline.ts";
import { incidentsOf } from "./folders.ts";
import type { Incident } from "./incident.ts";
import { museumPage } from "./page.ts";
import { type Paths, pathsOf } from "./paths.ts";
import { type Offered, type Outcome, type Played, play, type Side, walkOf } from "./play.ts";
import { MissingRecording, Recordings } from "./recordings.ts";
import { type Comparison, compare, scoreboardCsv } from "./score.ts";

/** What is to be shown. */
type MuseumRequest = {
  /** Names of incidents; empty: all. */
  readonly names: readonly string[];
  /** Folders that add recordings and incidents. */
  readonly folders: readonly string[];
  /** Selling the book takes so many times as long as each file says: depth is assumed nearly everywhere. */
  readonly slower: number;
  /** Where the page and the tables are written; null: nowhere. */
  readonly out: string | null;
  progress(done: number, of: number, what: string): void;
};

/** One incident played under both sides. */
export type Exhibit = {
  readonly name: string;
  readonly title: string;
  readonly inputs: Incident["inputs"];
  readonly from: number;
  readonly to: number;
  readonly lender: string;
  readonly outcomes: Readonly<Record<Side, Outcome>>;
  readonly comparisons: readonly Comparison[];
  /** SHA-256 over outcomes and timeline: the same wherever it is computed. */
  readonly digest: string;
};

/** An exhibit with all that a page draws. */
export type Shown = Exhibit & {
  readonly incident: Incident;
  readonly paths: Paths;
  readonly offered: Readonly<Record<Side, Offered>>;
};

export type Museum = {
  readonly slower: number;
  readonly incidents: readonly Exhibit[];
  /** Incidents that rest on recordings which are not there, and why. */
  readonly missing: readonly { readonly name: string; readonly why: string }[];
  readonly files: readonly string[];
};

/**
 * Plays incidents through keeper, contract rules and cascade market, beside the static parameters of the day.
 * @throws TonsorError BAD_FILE or BAD_ARGUMENT; where all incidents are wanted, one without its recordings is named instead
 */
export function museum({ names, folders, slower, out, progress }: MuseumRequest): Museum {
  const found = incidentsOf(names, folders).map((incident): Incident => {
    const { depth } = incident;
    return { ...incident, depth: { ...depth, hoursToSell: depth.hoursToSell * slower } };
  });
  const timelineOf = ({ name }: { readonly name: string }) => `museum-${name}.csv`;
  if (out !== null) outputFolder("--out", out, [...found.map(timelineOf), "museum.csv", "museum.json", "museum.html"]);
  const shared = dataFolder();
  const recordings = new Recordings(shared === null ? folders : [...folders, shared]);
  const shown: Shown[] = [];
  const missing: { name: string; why: string }[] = [];
  const files: string[] = [];
  if (out !== null) mkdirSync(out, { recursive: true });
  const write = (name: string, content: string) => {
    if (out === null) return;
    writeFileSync(join(out, name), content);
    files.push(join(out, name));
  };
  for (const [i, incident] of found.entries()) {
    progress(i, found.length, incident.name);
    try {
      const { timeline, ...one } = shownOf(incident, recordings);
      shown.push(one);
      write(timelineOf(incident), timeline);
    } catch (error) {
      const absent = absentOf(error, incident);
      if (absent === null || names.length > 0) throw absent ?? error;
      missing.push({ name: incident.name, why: absent.message });
    }
  }
  progress(found.length, found.length, "museum");
  const incidents = shown.map(({ incident: _incident, paths: _paths, offered: _offered, ...exhibit }) => exhibit);
  write("museum.csv", scoreboardCsv(incidents));
  write("museum.json", `${JSON.stringify({ slower, incidents, missing }, null, 1)}\n`);
  write("museum.html", museumPage(shown, missing, slower));
  return { slower, incidents, missing, files };
}

/** What an incident lacks, naming its file and field and the folders looked in; null for any other error. */
function absentOf(error: unknown, { path }: Incident): TonsorError | null {
  if (error instanceof MissingRecording) {
    const { field, file, folders, message } = error;
    const looked = folders.length === 0 ? "a folder of recordings (--data or TONSOR_DATA)" : folders.join(" or ");
    const facts = { field, given: file, expected: `a file in ${looked}` };
    return new TonsorError("BAD_FILE", `${message}, which ${path} rests on`, facts);
  }
  // A recording of many files that lacks one of them.
  return error instanceof TonsorError && error.code === "BAD_FILE" && error.facts.field === "data folder"
    ? error
    : null;
}

function shownOf(incident: Incident, recordings: Recordings): Shown & { readonly timeline: string } {
  const paths = pathsOf(incident, recordings);
  const walk = walkOf(incident, paths, recordings);
  const [fixed, ours] = (["static", "onChain"] as const).map((side) =>
    play(incident, paths, walk, side, recordings),
  ) as [Played, Played];
  const outcomes = { static: fixed.outcome, onChain: ours.outcome };
  const header = ["rule", ...TIMELINE_COLUMNS].join(",");
  const timeline = `${[header, ...fixed.timeline, ...ours.timeline].join("\n")}\n`;
  const { name, title, inputs, from, to } = incident;
  return {
    ...{ name, title, inputs, from, to, lender: incident.static.lender, outcomes },
    comparisons: compare(outcomes),
    digest: createHash("sha256").update(JSON.stringify(outcomes)).update(timeline).digest("hex"),
    ...{ incident, paths, offered: { static: fixed.offered, onChain: ours.offered }, timeline },
  };
}
