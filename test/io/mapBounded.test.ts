import assert from "node:assert/strict";
import test from "node:test";
import { mapBounded } from "../../keeper/io/mapBounded.ts";

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

test("results keep the order of the items, and no more than the limit are at work", async () => {
  let open = 0;
  let most = 0;
  const results = await mapBounded([5, 1, 4, 2, 3], 2, async (n) => {
    open += 1;
    most = Math.max(most, open);
    for (let i = 0; i < n; i++) await pause();
    open -= 1;
    return n * 10;
  });
  assert.deepEqual(results, [50, 10, 40, 20, 30]);
  assert.equal(most, 2);
});

test("the first failure fails the whole and nothing further is begun", async () => {
  const begun: number[] = [];
  const work = async (n: number) => {
    begun.push(n);
    await pause();
    if (n === 2) throw new Error("two");
  };
  await assert.rejects(mapBounded([1, 2, 3, 4, 5, 6], 2, work), { message: "two" });
  await pause();
  await pause();
  assert.ok(!begun.includes(5), `begun: ${begun}`);
});

test("nothing to do is done", async () => assert.deepEqual(await mapBounded([], 4, async () => 1), []));
