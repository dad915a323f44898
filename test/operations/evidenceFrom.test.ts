import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { keccak256 } from "viem";
import type { Hex } from "../../keeper/domain/contract.ts";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { decodeBundle, readEvidence } from "../../keeper/evidence/bundle.ts";
import { evidenceFrom } from "../../keeper/operations/evidenceFrom.ts";
import { sampleBundle } from "../evidence/sampleBundle.ts";
import { type Loopback, loopback } from "../support/loopback.ts";
import { storeBundle } from "../support/storedEvidence.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const MIB = 1_048_576;

describe("evidence that a plain static server has of the folder", () => {
  const folder = temporaryFolder();
  let hash: Hex;
  let server: Loopback;
  /** How the server answers for a file; null: as any static server does. */
  let instead: ((path: string, response: ServerResponse) => void) | null = null;

  before(async () => {
    hash = await storeBundle(folder, sampleBundle());
    server = await loopback((request, response) => {
      const path = decodeURIComponent(request.url ?? "").replace(/^\/site/, "");
      if (instead !== null) return instead(path, response);
      const file = join(folder, path);
      if (!existsSync(file)) return void response.writeHead(404).end("<h1>Not found</h1>");
      response.writeHead(200, { "content-type": "application/gzip" }).end(readFileSync(file));
    });
  });
  after(() => server.close());

  const read = async (times?: Parameters<typeof evidenceFrom>[1]) =>
    readEvidence(evidenceFrom(`${server.url}/site/`, times), hash);
  /** What is said when the server answers so for everything. */
  const refused = async (answer: NonNullable<typeof instead>, times?: Parameters<typeof evidenceFrom>[1]) => {
    instead = answer;
    const error = await read(times).then(
      () => assert.fail("it was taken"),
      (thrown: unknown) => thrown,
    );
    instead = null;
    assert.ok(error instanceof TonsorError, String(error));
    return `${error.code} ${error.facts.given}`;
  };
  const stored = (path: string) => readFileSync(join(folder, path.endsWith(".gz") ? path : `${path}.json.gz`));

  it("is refused at an address whose scheme is mistyped or another, and not taken for a folder", () => {
    for (const address of [
      "htps://keeper.example/evidence",
      "https:/keeper.example",
      "ftp://keeper.example",
      "FILE:///srv",
    ])
      assert.throws(() => evidenceFrom(address), {
        code: "BAD_ARGUMENT",
        facts: {
          field: "--evidence",
          given: address,
          expected: "a folder, or an address that begins with http:// or https://",
        },
      });
    for (const folder of ["/srv/evidence", "evidence", "./a:b", "a:b/c"]) assert.ok(evidenceFrom(folder));
  });

  it("is read whole, with one request a piece once it is known how they are named", async () => {
    server.requests.length = 0;
    const evidence = await read();
    assert.deepEqual(decodeBundle(evidence), sampleBundle());
    assert.equal(server.requests.length, 2 + evidence.parts.size);
    assert.ok(readdirSync(join(folder, "parts")).length >= evidence.parts.size);
  });

  it("is the same when the server unpacks it on the way, serves it unpacked, or has a page for what it has not", async () => {
    const unpackedWith = (headers: Record<string, string>, bytes: (path: string) => Buffer) => {
      instead = (path, response) => void response.writeHead(200, headers).end(bytes(path));
      return read().finally(() => {
        instead = null;
      });
    };
    const wanted = await read();
    assert.deepEqual(await unpackedWith({ "content-encoding": "gzip" }, stored), wanted);
    assert.deepEqual(await unpackedWith({}, (path) => gunzipSync(stored(path))), wanted);
    const page = Buffer.from("<html>");
    assert.deepEqual(await unpackedWith({}, (path) => (path.endsWith(".gz") ? stored(path) : page)), wanted);
    const forbidden: NonNullable<typeof instead> = (path, response) => {
      const isFile = path.endsWith(".gz");
      response.writeHead(isFile ? 200 : 403).end(isFile ? stored(path) : "AccessDenied");
    };
    instead = forbidden;
    assert.deepEqual(await read(), wanted, "as an object store answers");
    instead = null;
  });

  it("is not believed with one byte flipped, in the root or in a part, packed or not", async () => {
    const flipped = (bytes: Buffer) => bytes.with(20, (bytes[20] ?? 0) ^ 1);
    const changed = (which: RegExp, pack: typeof gzipSync | null): NonNullable<typeof instead> => {
      return (path, response) => {
        const bytes = gunzipSync(stored(path));
        const answer = which.test(path) ? flipped(bytes) : bytes;
        response.end(pack === null ? answer : pack(answer));
      };
    };
    for (const pack of [gzipSync, null]) {
      const found = await refused(changed(/^\/0x/, pack));
      assert.match(found, /^EVIDENCE_MISMATCH 0x[0-9a-f]{64}$/);
      assert.notEqual(found, `EVIDENCE_MISMATCH ${hash}`);
      assert.match(await refused(changed(/parts/, pack)), /^EVIDENCE_MISMATCH [0-9a-f]{64}$/);
    }
    const torn: NonNullable<typeof instead> = (path, response) => void response.end(stored(path).subarray(0, 40));
    assert.match(await refused(torn), /^EVIDENCE_MISMATCH 0x/);
    assert.match(await refused((_, response) => void response.end()), /^EVIDENCE_MISMATCH 0xc5d246/, "nothing at all");
    assert.equal(keccak256((await read()).root), hash);
  });

  it("is a named failure from a server that means harm", async () => {
    const large = randomBytes(17 * MIB);
    const honestRoot = (others: NonNullable<typeof instead>): NonNullable<typeof instead> => {
      return (path, response) => (path.startsWith("/0x") ? void response.end(stored(path)) : others(path, response));
    };
    const many = honestRoot((_, response) => void response.end(large));
    assert.match(await refused(many), /^EVIDENCE_MISSING TOO_LARGE: above 16777216 bytes$/);
    const bomb = gzipSync(Buffer.alloc(65 * MIB));
    assert.ok(bomb.length < MIB);
    assert.match(
      await refused((_, response) => void response.end(bomb)),
      /^EVIDENCE_MISSING TOO_LARGE: above 67108864 bytes when unpacked$/,
    );
    assert.match(
      await refused((_, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(bomb)),
      /^EVIDENCE_MISSING TOO_LARGE: above 67108864 bytes$/,
    );
    let asked = 0;
    const inside = await loopback((_, response) => {
      asked += 1;
      response.end(stored(hash));
    });
    const moved = await refused(
      (_, response) => void response.writeHead(302, { location: `${inside.url}/latest` }).end(),
    );
    assert.match(moved, /^EVIDENCE_MISSING UNREACHABLE: .*redirect/);
    assert.equal(asked, 0, "nobody is sent elsewhere");
    await inside.close();
    assert.match(
      await refused((_, response) => void response.writeHead(500).end()),
      /^EVIDENCE_MISSING HTTP_STATUS: status 500/,
    );
    assert.match(await refused((_, response) => void response.destroy()), /^EVIDENCE_MISSING UNREACHABLE: /);
  });

  it("is waited for piece by piece, and for all of them together no longer than is said", async () => {
    const slow = (_: string, response: ServerResponse) => void response.writeHead(200).write("{");
    assert.match(
      await refused(slow, { pieceMs: 50, allMs: 5_000 }),
      /^EVIDENCE_MISSING UNREACHABLE: no complete answer within 50 ms$/,
    );
    // Each piece is quick enough, and there are too many of them.
    const began = performance.now();
    const dripping = (path: string, response: ServerResponse) =>
      void setTimeout(() => response.end(path.endsWith(".gz") ? stored(path) : gunzipSync(stored(path))), 60);
    assert.match(
      await refused(dripping, { pieceMs: 5_000, allMs: 100 }),
      /^EVIDENCE_MISSING UNREACHABLE: no complete answer/,
    );
    assert.ok(performance.now() - began < 1_000);
  });
});
