import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { reconcile } from "../../keeper/submission/reconcile.ts";
import { submitBatch } from "../../keeper/submission/submitBatch.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";
import { PLACES } from "./killedAt.ts";
import {
  contextFor,
  effects,
  fundedKey,
  journalFor,
  LOOSENING,
  limited,
  type SubmissionWorld,
  submissionFor,
  submissionWorld,
} from "./submissionWorld.ts";

let world: SubmissionWorld;
afterEach(() => world.node.setAutomine(true));
before(async () => {
  world = await submissionWorld();
});
after(() => world.anvil.close());

const script = fileURLToPath(new URL("./killedKeeper.ts", import.meta.url));
const run = (args: readonly string[]) =>
  new Promise<{ signal: string | null; words: string }>((resolve) => {
    const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let words = "";
    child.stderr.on("data", (chunk: Buffer) => {
      words += chunk.toString();
    });
    child.on("close", (_code, signal) => resolve({ signal, words }));
  });

const REPLACING = ["between journal row and send", "during the send", "between send and the row that says so"] as const;

for (const [index, place] of REPLACING.entries()) {
  test(`killed ${place} of a replacement, the tightening lands once and the loosening never`, async () => {
    const { key } = await fundedKey(world);
    const path = join(temporaryFolder(), "journal.sqlite");
    const n = 900 + 2 * index;
    const before = journalFor(world.effect, path);
    await world.node.setAutomine(false);
    const loosening = submissionFor(before, world.effect, n, undefined, LOOSENING);
    const stuck = await submitBatch(
      loosening,
      limited(contextFor(before, world.anvil.url, key), { receiptTimeoutSeconds: 0 }),
    );
    before.close();
    const dead = await run([place, path, world.anvil.url, key, world.effect, String(n + 1)]);
    assert.equal(dead.signal, "SIGKILL", dead.words);

    const journal = journalFor(world.effect, path);
    const context = contextFor(journal, world.anvil.url, key);
    assert.deepEqual(
      journal.openIntents().map(({ nonce, replaces }) => [nonce, replaces]),
      [
        [0, null],
        [0, stuck.id],
      ],
    );
    await reconcile(context);
    await world.node.mine({ blocks: 1 });
    assert.deepEqual(await reconcile(context), []);
    assert.equal(journal.intent(stuck.id).status, "SUPERSEDED");
    const seen = (await effects(world.node, world.effect)).filter((effect) => effect === n || effect === n + 1);
    assert.deepEqual(seen, [n + 1]);
    journal.close();
  });
}

for (const [index, place] of PLACES.entries()) {
  const expected = place === "before the journal row" ? 0 : 1;
  test(`killed ${place}, the next start settles everything with ${expected} effect, and goes on`, async () => {
    const { key } = await fundedKey(world);
    const path = join(temporaryFolder(), "journal.sqlite");
    const n = 100 + 2 * index;
    const dead = await run([place, path, world.anvil.url, key, world.effect, String(n)]);
    assert.equal(dead.signal, "SIGKILL", dead.words);

    const journal = journalFor(world.effect, path);
    journal.integrity();
    const context = contextFor(journal, world.anvil.url, key);
    await reconcile(context);
    await reconcile(context);
    assert.deepEqual(journal.openIntents(), []);
    const next = await submitBatch(submissionFor(journal, world.effect, n + 1), context);
    assert.deepEqual([next.status, next.nonce], ["CONFIRMED", expected]);
    const seen = (await effects(world.node, world.effect)).filter((effect) => effect === n || effect === n + 1);
    assert.deepEqual(seen, expected === 1 ? [n, n + 1] : [n + 1]);
    journal.close();
  });
}
