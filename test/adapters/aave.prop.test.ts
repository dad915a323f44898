import { test } from "node:test";
import { aaveV36 } from "./support/aaveReleases.ts";
import { assertNobodyLiquidatableBySync } from "./support/syncRounds.ts";

test("on the real Aave v3.6 pool no loan at the maximum is liquidatable in the block of a sync, whatever the haircuts do", async (t) => {
  const release = aaveV36();
  if (release === null) return t.skip("not installed: @aave-dao/aave-v3-origin");
  await assertNobodyLiquidatableBySync(release, 60);
});
