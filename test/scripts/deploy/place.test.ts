import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { placeOf } from "../../../scripts/deploy/place.ts";

const folder = mkdtempSync(join(tmpdir(), "tonsor-place-"));
after(() => rmSync(folder, { recursive: true }));

test("without anything said it is the replica's chain and the folder deployments", () => {
  assert.deepEqual(placeOf({}, folder, {}), {
    rpcUrl: "http://127.0.0.1:8545",
    chainId: 31_337,
    folder: join(folder, "deployments"),
  });
});

test("a flag wins over the environment, and the environment over .env", () => {
  writeFileSync(join(folder, ".env"), "RPC_URL=http://127.0.0.1:1\nCHAIN_ID=1\nTONSOR_DEPLOYMENTS=from-file\n");
  const variables = { RPC_URL: "http://127.0.0.1:2", CHAIN_ID: "2" };
  assert.deepEqual(placeOf({ "rpc-url": "http://127.0.0.1:3" }, folder, variables), {
    rpcUrl: "http://127.0.0.1:3",
    chainId: 2,
    folder: join(folder, "from-file"),
  });
  assert.equal(placeOf({ deployments: "/elsewhere" }, folder, variables).folder, "/elsewhere");
});

test("what is wrong is named, all of it, and what is not asked for here is left alone", () => {
  assert.throws(() => placeOf({ "chain-id": "x", "rpc-url": "node" }, folder, { LOG_LEVEL: "loud" }), {
    code: "BAD_CONFIG",
    message: /^2 problems .*RPC_URL: .*CHAIN_ID: /s,
  });
});
