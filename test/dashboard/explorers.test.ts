import assert from "node:assert/strict";
import { test } from "node:test";
import { arbitrum, avalanche, base, bsc, gnosis, linea, mainnet, optimism, polygon, sepolia } from "viem/chains";
import { explorerOf } from "../../keeper/dashboard/explorers.ts";

test("each chain's explorer is the one that viem names, and other chains have none", () => {
  for (const { id, blockExplorers } of [
    ...[mainnet, optimism, bsc, gnosis, polygon, base, arbitrum, avalanche, linea, sepolia],
  ]) {
    assert.equal(explorerOf(id), blockExplorers.default.url);
  }
  assert.equal(explorerOf(31_337), null);
});
