import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { VERSION } from "../../keeper/io/version.ts";
import { compiled } from "../support/compiled.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** In a clone of what is committed, against a registry on loopback. */
describe("npm run release", () => {
  const clone = join(temporaryFolder(), "clone");
  const published: string[] = [];
  const registry = createServer((request, response) => {
    const put = request.method === "PUT";
    if (put) published.push(decodeURIComponent(request.url ?? "").slice(1));
    request.resume().on("end", () => response.writeHead(put ? 201 : 404).end("{}"));
  });
  let env: NodeJS.ProcessEnv = {};
  before(async () => {
    await compiled();
    await run("git", ["clone", "-q", root, clone]);
    symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
    for (const folder of ["artifacts", "cache"]) {
      cpSync(join(root, folder), join(clone, folder), { recursive: true, preserveTimestamps: true });
    }
    await new Promise<void>((done) => registry.listen(0, "127.0.0.1", done));
    const host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
    const settings = join(clone, "cache", "npmrc");
    writeFileSync(settings, `registry=http://${host}/\n//${host}/:_authToken=none\n`);
    env = { ...process.env, NPM_CONFIG_USERCONFIG: settings, npm_config_registry: `http://${host}/` };
  });
  after(() => registry.close());
  const release = () => run(process.execPath, ["scripts/release/main.ts"], { cwd: clone, env, maxBuffer: 2 ** 26 });
  const git = (...words: string[]) => run("git", words, { cwd: clone });

  it("publishes nothing without the tag of the version, nor from a changed tree", async () => {
    for (const tag of await git("tag").then(({ stdout }) => stdout.split("\n").filter(Boolean)))
      await git("tag", "-d", tag);
    await assert.rejects(release(), /not released; field HEAD; given "no tag, or a changed tree"/);
    await git("tag", `v${VERSION}`);
    const page = readFileSync(join(clone, "README.md"), "utf8");
    writeFileSync(join(clone, "README.md"), `${page}\n`);
    await assert.rejects(release(), /not released; field HEAD; given "v/);
    writeFileSync(join(clone, "README.md"), page);
    assert.deepEqual(published, []);
  });

  it("publishes the four packages from a clean tree with that tag, each once", async () => {
    await release();
    assert.deepEqual(published, ["@tonsor/contracts", "@tonsor/client", "@tonsor/model", "tonsor"]);
  });
});
