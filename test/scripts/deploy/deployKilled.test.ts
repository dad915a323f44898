import { test } from "node:test";
import { assertCompleted, killWhen, minedCount, start, TRANSACTIONS } from "./killedDeploy.ts";

// Every other point where it can be killed: deployKilled.slow.test.ts.
for (const count of [4]) {
  test(`Killed after transaction ${count} of ${TRANSACTIONS}: the next run does the rest, and nothing twice.`, async () => {
    const before = await minedCount();
    await killWhen(start(), async () => (await minedCount()) - before >= count);
    await assertCompleted(before);
  });
}
