import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { secretsWritten } from "./secretsWritten.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

const KEY = `0x${"5eC7e7".repeat(10)}1234`;

test("a key is found in text of either case, in bytes, in packed files and in what was printed, and nowhere else", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "state", "evidence"), { recursive: true });
  const put = (name: string, content: string | Buffer) => writeFileSync(join(folder, "state", name), content);
  put("clean", KEY.slice(0, -1));
  put("half.gz", gzipSync("nothing").subarray(0, 12));
  assert.deepEqual(secretsWritten(folder, { "tonsor run": "all is well" }, [KEY]), []);
  put("upper", `key ${KEY.toUpperCase()}`);
  put("bytes", Buffer.from(KEY.slice(2), "hex"));
  put("evidence/packed.gz", gzipSync(`{"key":"${KEY}"}`));
  assert.deepEqual(
    [...secretsWritten(folder, { "tonsor run": `error ${KEY.slice(2)}`, "tonsor once": "" }, [KEY])].sort(),
    ["bytes", "packed.gz", "tonsor run", "upper"],
  );
});
