import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openReplaySource } from "../../scripts/lab/replay/openReplaySource.ts";
import { within } from "../chaos/support/running.ts";
import { type ImageFolder, imageFolder, UNPRIVILEGED } from "../support/imageFolder.ts";
import { type KeeperWorld, keeperWorld } from "../support/keeperWorld.ts";
import { freePort } from "../support/loopback.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const FROM = Date.UTC(2026, 1, 3) / 1000;

/** The Dockerfile's second stage in a folder, with nothing but production packages, and a keeper run from it. */
describe("the image, carried out without an engine", () => {
  let world: KeeperWorld;
  let image: ImageFolder;

  before(async () => {
    image = imageFolder(temporaryFolder());
    const { source } = openReplaySource();
    world = await keeperWorld(source.instants(FROM, FROM + 86_400)[0] ?? FROM);
  });
  after(() => world.close());

  it("has compiled in its building all that a running keeper loads", () => {
    const cache = image.environment["NODE_COMPILE_CACHE"] ?? "";
    const [made = ""] = readdirSync(cache);
    assert.ok(readdirSync(join(cache, made)).length > 500, "entries of the compile cache");
  });

  it("has no development package", () => {
    for (const name of ["hardhat", "@biomejs", "fast-check", "playwright-core"]) {
      assert.equal(existsSync(join(image.app, "node_modules", name)), false, name);
    }
    assert.ok(existsSync(join(image.app, "node_modules", "viem")));
  });

  it("looks at the market without privileges, answers its own health check, and ends well on SIGTERM", async () => {
    const records = join(image.app, "deployments");
    cpSync(join(world.folder, "deployments"), records, { recursive: true });
    const port = String(await freePort());
    const environment = {
      ...image.environment,
      RPC_URL: world.replica.url,
      CHAIN_ID: String(world.replica.chainId),
      VENUE_URLS: `deribit=${world.venueUrl}`,
      KEEPER_PRIVATE_KEY: world.key,
      TONSOR_CLOCK: "chain",
      TICK_SECONDS: "1",
      STATUS_HOST: "127.0.0.1",
      STATUS_PORT: port,
    };
    const options = { cwd: image.app, env: environment, ...UNPRIVILEGED };
    const [command = "", ...words] = image.start;
    const keeper = spawn(command, words, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const ended = once(keeper, "close");
    let [out, err] = ["", ""];
    keeper.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString("utf8");
    });
    keeper.stderr.on("data", (chunk: Buffer) => {
      err += chunk.toString("utf8");
    });
    try {
      const cycles = () => out.split("\n").filter((line) => line.startsWith('{"time"')).length;
      assert.ok(await within(120, () => cycles() >= 2), `${out}\n${err}`);
      if (process.platform === "linux" && UNPRIVILEGED.uid !== undefined) {
        const ids = /^Uid:\t(\d+)/m.exec(readFileSync(`/proc/${keeper.pid}/status`, "utf8"))?.[1];
        assert.equal(Number(ids), UNPRIVILEGED.uid);
      }
      assert.ok(existsSync(join(image.state, "journal.sqlite")));
      const [test = "", ...asked] = image.health;
      execFileSync(test, asked, options);
    } finally {
      keeper.kill("SIGTERM");
    }
    const [code] = await ended;
    assert.equal(code, 0, err);
  });
});
