import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { openServers } from "../../keeper/operations/servers.ts";
import { aBook } from "../cli/outcomes.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

test("what is behind a 500 of the page, the public page or an admin call is in the log", async (t) => {
  const logged: string[] = [];
  const log = { warn: () => undefined, error: ({ error }: { error: Error }) => logged.push(error.message) };
  const adminToken = "a-token-of-20-letters";
  const config = {
    ...{
      statusPort: 0,
      statusHost: "127.0.0.1",
      publicPort: 0,
      publicHost: "127.0.0.1",
      cosign: { secretFile: null, peers: [] },
    },
    ...{ adminPort: 0, adminToken, state: join(temporaryFolder(), "\0"), paused: null, clean: (text: string) => text },
  };
  const data = { ...aBook(), snapshot: () => assert.fail("no snapshot") };
  const keeper = { signer: null, now: () => 1_770_000_000, cosigning: null };
  const given = [keeper, config, log, data] as unknown as Parameters<typeof openServers>;
  const { urls, close } = await openServers(...given);
  t.after(close);
  const headers = { authorization: `Bearer ${adminToken}` };
  const asked = [
    await fetch(new URL("/api/status", urls.page)),
    await fetch(new URL("/api/status", urls.public ?? "")),
    await fetch(new URL("/pause", urls.admin ?? ""), { method: "POST", headers }),
  ];
  assert.deepEqual(
    asked.map(({ status }) => status),
    [500, 500, 500],
  );
  assert.deepEqual(logged.slice(0, 2), ["no snapshot", "no snapshot"]);
  assert.match(logged[2] ?? "", /null bytes/);
});
