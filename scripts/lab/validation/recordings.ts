import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { DAY_SECONDS } from "../../../keeper/domain/calendar.ts";
import { TonsorError } from "../../../keeper/domain/errors.ts";
import { dataFolder } from "../dataFolder.ts";
import type { Asset } from "./backtest/assets.ts";
import { loadSeries } from "./backtest/loadSeries.ts";

/** Days of history that the model needs before it says anything. */
export const HISTORY_DAYS = 90;

/** Folder of the recordings: the one given, else as `dataFolder`. @throws TonsorError BAD_FILE when there is none */
export function recordingsFolder(given: string | undefined): string {
  const folder = given === undefined ? dataFolder() : resolve(given);
  if (folder !== null && existsSync(join(folder, "ohlcv"))) return folder;
  throw new TonsorError("BAD_FILE", "no recorded market data here", {
    field: "--data",
    given: folder ?? "../shared/data",
    expected: "a folder with ohlcv/, collateral/, depeg/, dvol/, options/ (or set TONSOR_DATA)",
  });
}

/** Refuses dates in which no asset has an origin: 90 days of history come first. @throws TonsorError BAD_ARGUMENT */
export function requireOrigins(from: number, to: number, assets: readonly Asset[], folder: string): void {
  if (!Number.isFinite(from) && !Number.isFinite(to)) return;
  const spans = assets.map(({ name, file, stepSeconds, own }) => {
    const { closeTimes } = own?.series ?? loadSeries(folder, name, file, stepSeconds);
    return { name, first: (closeTimes[0] ?? 0) + HISTORY_DAYS * DAY_SECONDS, last: closeTimes.at(-1) ?? 0 };
  });
  if (spans.some(({ first, last }) => from < last && to > first)) return;
  const day = (time: number) => new Date(time * 1000).toISOString().slice(0, 10);
  const given = [from, to].map((time) => (Number.isFinite(time) ? day(time) : "open")).join(" to ");
  const known = spans.map(({ name, first, last }) => `${name} from ${day(first)} to ${day(last)}`).join(", ");
  const expected = `dates inside the data: ${known}`;
  throw new TonsorError("BAD_ARGUMENT", "cannot be validated", { field: "--from, --to", given, expected });
}
