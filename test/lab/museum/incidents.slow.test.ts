import assert from "node:assert/strict";
import { test } from "node:test";
import { museum } from "../../../scripts/lab/museum/museum.ts";
import { dataFolder } from "../../support/data.ts";

const play = () => museum({ names: [], folders: [], slower: 1, out: null, progress: () => {} });

test("every incident gives the same digest twice", { skip: dataFolder() === null && "no recorded data" }, () => {
  const [one, again] = [play(), play()];
  assert.ok(one.incidents.length >= 14 && one.missing.length === 0);
  assert.deepEqual(
    again.incidents.map(({ name, digest }) => [name, digest]),
    one.incidents.map(({ name, digest }) => [name, digest]),
  );
});
