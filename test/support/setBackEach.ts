import { afterEach, beforeEach } from "node:test";
import type { Replica } from "../../scripts/lab/replica/startReplica.ts";

/** Hooks by which each test of a file finds the replica as `before` left it. */
export function setBackEach(replica: () => Replica): void {
  let snapshot: `0x${string}`;
  beforeEach(async () => {
    snapshot = await replica().snapshot();
  });
  afterEach(async () => await replica().revert(snapshot));
}
