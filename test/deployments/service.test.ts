import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { TONSOR } from "../../keeper/cli/registry.ts";
import { REASONS } from "../../keeper/domain/decision.ts";
import { ERROR_CODES } from "../../keeper/domain/errors.ts";
import { FAULTS } from "../../keeper/domain/fault.ts";
import { ENVIRONMENT } from "../../keeper/runtime/environment.ts";
import { programPath, withoutProgram } from "../support/programs.ts";
import { serviceFile } from "../support/serviceFiles.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "deployments", "service");
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;
const PORT = ENVIRONMENT.STATUS_PORT.default;

type Service = {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly env_file?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly security_opt?: readonly string[];
};
const compose = parse(serviceFile("compose.yml"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const service = (name: string): Service => compose.services[name] ?? assert.fail(`no service ${name}`);
const dockerfile = serviceFile("Dockerfile");
const unit = serviceFile("tonsor.service");
/** Node's, the allocator's and Grafana's are not the keeper's. */
const ours = (names: readonly string[]) => names.filter((name) => !/^(NODE|MALLOC|GF)_/.test(name));
/** Variables of lines such as `ENV A=1 B="two words"` or `Environment="B=two words"`. */
const variables = (text: string, word: "ENV" | "Environment="): ReadonlyMap<string, string> => {
  const lines = text.split("\n").filter((line) => line.startsWith(word));
  const pairs = lines.flatMap((line) => [
    ...line.slice(word.length).matchAll(/"?(\w+)=(?:"([^"]*)"|([^"\s]*(?: -[^"\s]*)*))/g),
  ]);
  return new Map(pairs.map(([, name = "", quoted, bare = ""]) => [name, quoted ?? bare]));
};
const known = (names: readonly string[]) => {
  const unknown = ours(names).filter((name) => !(name in ENVIRONMENT));
  assert.deepEqual(unknown, []);
};

const SIGNER_FAULTS =
  readFileSync(join(root, "keeper/runtime/remoteSigner.ts"), "utf8").match(/(?<=\| ")SIGNER_[A-Z_]+(?=")/g) ?? [];
const LENDER_FAULTS =
  readFileSync(join(root, "keeper/impact/lenders/lenderFault.ts"), "utf8").match(/(?<=^ {2})[A-Z_]+(?=: ")/gm) ?? [];

/** Words after `keeper/main.ts` that name no command. */
const unknownCommands = (text: string) =>
  [...text.matchAll(/(?:keeper\/main\.ts|tonsor --|`tonsor) ([a-z-]+)(?: ([a-z-]+))?/g)]
    .map(([, first = "", second = ""]) => [first, `${first} ${second}`])
    .filter(([one, two]) => !((one as string) in TONSOR.commands || (two as string) in TONSOR.commands));

describe("the image", () => {
  it("runs as a user that is not root, and only what the project has", () => {
    const users = [...dockerfile.matchAll(/^USER (.+)$/gm)].map(([, user]) => user);
    assert.deepEqual(users, ["node"]);
    assert.ok(dockerfile.lastIndexOf("USER node") < dockerfile.indexOf("ENTRYPOINT"));
    for (const [, line = ""] of dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)) {
      for (const path of line.split(" ").slice(0, -1)) assert.ok(existsSync(join(root, path)), path);
    }
    const ignore = serviceFile("Dockerfile.dockerignore").split("\n");
    for (const [, line = ""] of dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)) {
      for (const path of line.split(" ").slice(0, -1)) assert.ok(ignore.includes(`!${path}`), `${path} is ignored`);
    }
  });

  it("compiles parts of the keeper that there are, once, while it is built", () => {
    const [run = ""] = /node --input-type=module -e "[^"]+"/.exec(dockerfile) ?? [];
    const files = [...run.matchAll(/'([a-zA-Z/]+)'[,\]]/g)].map(([, file]) => `keeper/${file}.ts`);
    assert.equal(files.length, 4);
    for (const file of files) assert.ok(existsSync(join(root, file)), file);
  });

  it("starts the keeper, asks /live for its health, and stops it by the signal that it heeds", () => {
    assert.match(dockerfile, /^ENTRYPOINT \["node", "keeper\/main\.ts"\]$/m);
    const [, words = "[]"] = /^CMD (\[.+\])$/m.exec(dockerfile) ?? [];
    assert.ok(((JSON.parse(words) as string[])[0] as string) in TONSOR.commands);
    assert.match(dockerfile, /HEALTHCHECK .+"health\.mjs"/);
    assert.match(serviceFile("health.mjs"), /process\.env\.STATUS_PORT}\/live/);
    assert.match(dockerfile, /^STOPSIGNAL SIGTERM$/m);
  });

  it("sets only variables that there are, and exposes the port that it sets", () => {
    const set = variables(dockerfile, "ENV");
    known([...set.keys()]);
    assert.equal(set.get("STATUS_PORT"), PORT);
    assert.match(dockerfile, new RegExp(`^EXPOSE ${PORT}$`, "m"));
  });

  it("has a Node that the project asks for", () => {
    const majors = [...dockerfile.matchAll(/^FROM node:(\d+)-/gm)].map(([, major]) => Number(major));
    assert.deepEqual(majors, [24, 24]);
  });
});

describe("compose.yml", () => {
  it("names only variables, files, volumes and secrets that there are", () => {
    for (const [name, one] of Object.entries(compose.services)) {
      known(Object.keys(one.environment ?? {}));
      for (const secret of one.secrets ?? []) assert.ok(compose.secrets[secret] !== undefined, `${name}: ${secret}`);
      for (const volume of one.volumes ?? []) {
        const [source = ""] = volume.split(":");
        const there = source.startsWith(".") ? existsSync(resolve(folder, source)) : source in compose.volumes;
        assert.ok(there, `${name}: ${volume}`);
      }
    }
    const { build, env_file: variables } = service("keeper");
    assert.equal(resolve(folder, build?.context ?? ""), resolve(root));
    assert.ok(existsSync(join(root, build?.dockerfile ?? "")));
    assert.equal(dirname(resolve(folder, variables ?? "")), resolve(root));
  });

  it("publishes on loopback only, each port the one that its service listens on", () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports }]) =>
      (ports ?? []).map((port) => [name, port]),
    );
    for (const [, port] of published) assert.match(port as string, /^127\.0\.0\.1:(\d+):\1$/);
    assert.ok(published.some(([name, port]) => name === "keeper" && port === `127.0.0.1:${PORT}:${PORT}`));
    assert.equal(
      published.some(([name]) => name === "redis"),
      false,
    );
    const scraped = parse(serviceFile("prometheus.yml")) as {
      scrape_configs: readonly { job_name: string; static_configs: readonly { targets: readonly string[] }[] }[];
    };
    assert.deepEqual(scraped.scrape_configs[0]?.static_configs[0]?.targets, [`keeper:${PORT}`]);
    assert.equal(scraped.scrape_configs[0]?.job_name, "tonsor", "the alerts ask for that job");
  });

  it("reads the key from secrets, and never from the environment", () => {
    const { environment = {}, secrets } = service("keeper");
    assert.deepEqual(
      [environment["KEYSTORE_FILE"], environment["KEYSTORE_PASSWORD_FILE"]],
      ["/run/secrets/keystore", "/run/secrets/keystore_password"],
    );
    assert.deepEqual(secrets, ["keystore", "keystore_password"]);
    assert.ok(!serviceFile("compose.yml").includes("KEEPER_PRIVATE_KEY"));
  });

  it("asks every service how it is, the keeper for its progress, on the port that it listens on", () => {
    for (const [name, { healthcheck, ports }] of Object.entries(compose.services)) {
      const question = healthcheck?.test.join(" ") ?? assert.fail(`${name} is not asked`);
      const port = ports?.[0]?.split(":").at(-1);
      if (port === undefined || name === "keeper") continue;
      assert.ok(question.includes(`http://127.0.0.1:${port}/`), `${name}: ${question}`);
    }
    assert.equal(service("keeper").init, true, "as process 1 it could not be ended from inside");
    const asked = service("keeper").healthcheck?.test.slice(1);
    const inImage = JSON.parse(/HEALTHCHECK .+ CMD (\[.+\])/.exec(dockerfile)?.[1] ?? "null");
    assert.deepEqual(asked, inImage, "the same question as the image's own");
  });

  it("lets each secret be read by the user of the container that it is for", () => {
    const readme = serviceFile("README.md");
    assert.match(readme, /chown 1000:1000 secrets\/keystore\* && sudo chown 472 secrets\/grafana-password/);
    const files = Object.values(compose.secrets).map(({ file }) => file);
    assert.deepEqual(
      files,
      ["keystore.json", "keystore-password", "grafana-password"].map((name) => `../../secrets/${name}`),
    );
  });

  it("keeps what Redis is told, and lets it forget nothing", () => {
    const words = (service("redis").command ?? []).join(" ");
    assert.match(words, /--appendonly yes/);
    assert.match(words, /--maxmemory-policy noeviction/);
    assert.match(service("keeper").environment?.["REDIS_URL"] ?? "", /^redis:\/\/redis:6379$/);
  });

  it("starts everything again, pins every image, and gives nothing new privileges", () => {
    for (const [name, one] of Object.entries(compose.services)) {
      assert.match(one.restart ?? "", /^unless-stopped$/, name);
      if (one.build === undefined) assert.match(one.image, /^[a-z/]+:v?\d+\.\d+(\.\d+)?(-alpine)?$/, name);
      assert.deepEqual(one.security_opt, ["no-new-privileges:true"], name);
    }
    assert.equal(service("keeper").read_only, true);
  });
});

describe("tonsor.service", () => {
  it("names only variables that there are and commands that there are", () => {
    known([...variables(unit, "Environment=").keys()]);
    assert.deepEqual(unknownCommands(unit), []);
    assert.ok(existsSync(join(root, "keeper/main.ts")));
  });

  it("restarts after every end that nobody asked for, and leaves 78 to a person", () => {
    assert.match(unit, /^Restart=always$/m);
    assert.match(unit, /^RestartPreventExitStatus=78$/m);
    // Of the exit code of a command before the keeper systemd takes no notice there.
    assert.doesNotMatch(unit, /^(ExecStartPre|ExecCondition)=/m);
  });

  it("tries again for as long as the cause lasts", () => {
    assert.match(unit, /^StartLimitIntervalSec=0$/m);
  });

  it("leaves why it refuses to start in the journal, that is on stderr", () => {
    assert.match(unit, /^StandardOutput=null$/m);
    assert.doesNotMatch(unit, /^StandardError=/m);
    const words = /^ExecStart=\/usr\/bin\/env node (.+)$/m.exec(unit)?.[1]?.split(" ") ?? [];
    const env = { PATH: process.env["PATH"], TONSOR_CONFIG: "typo.json" };
    const own = temporaryFolder();
    writeFileSync(join(own, "typo.json"), JSON.stringify({ fees: { maxFeePerGasGwie: 80 } }));
    const main = words.map((word) => (word === "keeper/main.ts" ? join(root, word) : word));
    const run = spawnSync(process.execPath, main, {
      cwd: own,
      env,
      encoding: "utf8",
      stdio: ["ignore", "ignore", "pipe"],
    });
    assert.equal(run.status, 78);
    assert.match(run.stderr, /typo\.json: fees\.maxFeePerGasGwie.*maxFeePerGasGwei/s);
  });

  it("passes systemd's own check", { skip: withoutProgram("systemd-analyze") }, () => {
    execFileSync(programPath("systemd-analyze") ?? "", ["verify", join(folder, "tonsor.service")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  });
});

describe("challenge.conf", () => {
  it("makes of the unit the watcher, and passes systemd's own check", {
    skip: withoutProgram("systemd-analyze"),
  }, () => {
    const units = temporaryFolder();
    mkdirSync(join(units, "tonsor.service.d"));
    writeFileSync(join(units, "tonsor.service"), unit);
    writeFileSync(join(units, "tonsor.service.d", "challenge.conf"), serviceFile("challenge.conf"));
    execFileSync(programPath("systemd-analyze") ?? "", ["verify", join(units, "tonsor.service")], { stdio: "pipe" });
    const starts = (text: string) => [...text.matchAll(/^ExecStart=(.*)$/gm)].map(([, line]) => line);
    assert.deepEqual(starts(serviceFile("challenge.conf")), ["", ...starts(unit.replace(/ run$/m, " challenge"))]);
    assert.doesNotMatch(serviceFile("challenge.conf"), /Watchdog|Notify/, "what stands still is ended, as by the unit");
  });
});

describe("the command tonsor beside the unit", () => {
  it("has the unit's settings, the environment file's over them, and takes addresses as they are", () => {
    const file = join(temporaryFolder(), "environment");
    // Without the key, whose files are on no machine that only tests.
    const lines = ["# node", "CHAIN_ID=31337", "RPC_URL=http://127.0.0.1:1/?key=$(id)&b=c", "TICK_SECONDS=17"];
    writeFileSync(file, [...lines, "KEYSTORE_FILE=", "KEYSTORE_PASSWORD_FILE="].join("\n"));
    const own = { SERVICE_USER: userInfo().username, SERVICE_HOME: root, SERVICE_ENVIRONMENT: file };
    const env = { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`, ...own };
    const { stdout } = spawnSync(join(folder, "tonsor"), ["config", "check", "--json"], { env, encoding: "utf8" });
    assert.match(stdout, /chain 31337, all markets, a cycle every 17 s, state in \/var\/lib\/tonsor/);
    const shared = ["NODE_ENV", "TONSOR_STATE", "KEYSTORE_FILE", "KEYSTORE_PASSWORD_FILE"];
    const given = variables(unit, "Environment=");
    for (const name of shared) assert.ok(serviceFile("tonsor").includes(` ${name}=${given.get(name)}`), name);
  });
});

describe("memory", () => {
  it("is bounded in the image, the unit and `npm run keeper` by the same flags", () => {
    const flags = variables(dockerfile, "ENV").get("NODE_OPTIONS") ?? "";
    assert.match(flags, /^--expose-gc --max-semi-space-size=\d+ --max-old-space-size=\d+$/);
    assert.equal(variables(unit, "Environment=").get("NODE_OPTIONS"), flags);
    assert.equal(scripts["keeper"], `node ${flags} keeper/main.ts run`);
  });

  it("is given back by the same allocator settings, and lies well within what image and unit may have", () => {
    const malloc = (of: ReadonlyMap<string, string>) => [...of].filter(([name]) => name.startsWith("MALLOC_"));
    const inImage = malloc(variables(dockerfile, "ENV"));
    assert.equal(inImage.length, 3);
    assert.deepEqual(malloc(variables(unit, "Environment=")), inImage);
    const oldSpace = Number(/--max-old-space-size=(\d+)/.exec(dockerfile)?.[1]);
    const limits = [/^ {4}mem_limit: (\d+)m$/m.exec(serviceFile("compose.yml")), /^MemoryMax=(\d+)M$/m.exec(unit)];
    for (const limit of limits) assert.ok(Number(limit?.[1]) >= 3 * oldSpace, limit?.[0]);
  });
});

describe("the pages for operators", () => {
  it("name only commands, scripts and variables that there are", () => {
    for (const page of ["README.md", "CHECKLIST.md", "REHEARSAL.md", "RUNBOOK.md", "UPGRADE.md"]) {
      const text = serviceFile(page);
      assert.deepEqual(unknownCommands(text), [], page);
      for (const [, script = ""] of text.matchAll(/npm run ([a-z:-]+)/g))
        assert.ok(scripts[script] !== undefined, `${page}: ${script}`);
      const names = [...text.matchAll(/`?\b([A-Z]{2,}(?:_[A-Z]+)+)\b/g)].map(([, name]) => name as string);
      const others = [
        "NO_NEW_RISK",
        "IMPACT_UNKNOWN",
        ...SIGNER_FAULTS,
        ...LENDER_FAULTS,
        ...Object.keys(ERROR_CODES),
        ...Object.keys(FAULTS),
        ...Object.keys(REASONS),
      ];
      known(names.filter((name) => !others.includes(name)));
    }
  });
});
