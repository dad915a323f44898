import { test } from "node:test";
import { aaveV30, aaveV36 } from "./support/aaveReleases.ts";
import { assertNobodyLiquidatableBySync } from "./support/syncRounds.ts";

for (const release of [aaveV30, aaveV36()]) {
  test(`on the real Aave v${release?.name ?? "3.6"} pool no loan at the maximum is liquidatable in the block of a sync, over a hundred rounds`, async (t) => {
    if (release === null) return t.skip("not installed: @aave-dao/aave-v3-origin");
    await assertNobodyLiquidatableBySync(release, 100);
  });
}
