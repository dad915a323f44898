import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TonsorError } from "../../keeper/domain/errors.ts";
import { type ConfigSources, loadConfig } from "../../keeper/runtime/config.ts";
import { secretsOf } from "../../keeper/runtime/logger.ts";
import { temporaryFolder } from "../support/temporaryFolder.ts";

const KEY = `0x${"c0ffee".repeat(10)}beef`;
const folder = (files: Readonly<Record<string, string>> = {}) => {
  const path = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
};
const load = (variables: ConfigSources["variables"] = {}, files: Readonly<Record<string, string>> = {}) =>
  loadConfig({ folder: folder(files), variables, marketNames: ["WETH", "WBTC"] });
const problems = async (variables: ConfigSources["variables"], files: Readonly<Record<string, string>> = {}) => {
  const error = await load(variables, files).then(
    () => new Error("accepted"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TonsorError, String(error));
  assert.equal(error.code, "BAD_CONFIG");
  return error.message;
};

test("with nothing set, the defaults are those of a development chain", async () => {
  const config = await load();
  assert.equal(config.rpcUrl, "http://127.0.0.1:8545");
  assert.equal(config.chainId, 31337);
  assert.equal(config.privateKey, null);
  assert.deepEqual(config.paused, { kind: "none" });
  assert.equal(config.tickSeconds, 60);
  assert.equal(config.markets, null);
  assert.deepEqual([config.fees.maxFeePerGasGwei, config.fees.maxPriorityFeePerGasGwei], [200, 2]);
  assert.match(config.state, /\.tonsor$/);
});

test("the rules for what waits for a block have defaults, and a bump that nodes would refuse is no setting", async () => {
  const { feeBumpPercent, replaceAfterSeconds, resendAfterSeconds, cancelAfterSeconds } = (await load()).transactions;
  assert.deepEqual([feeBumpPercent, replaceAfterSeconds, resendAfterSeconds, cancelAfterSeconds], [12.5, 30, 60, 600]);
  const said = await problems(
    {},
    { "tonsor.config.json": '{"transactions":{"feeBumpPercent":10,"resendAfterSecond":1}}' },
  );
  assert.match(said, /transactions\.feeBumpPercent: given 10, expected >= 12\.5/);
  assert.match(said, /transactions\.resendAfterSecond: given an unknown setting, .*did you mean resendAfterSeconds/);
});

test("no batch may wait for ten minutes: what it asks for in vain would count towards its writer's trip", async () => {
  const withDeadline = (seconds: number) => ({
    "tonsor.config.json": `{"transactions":{"deadlineSeconds":${seconds}}}`,
  });
  assert.equal((await load({}, withDeadline(540))).transactions.deadlineSeconds, 540);
  assert.match(await problems({}, withDeadline(541)), /transactions\.deadlineSeconds: given 541, expected <= 540/);
});

test("the environment wins over .env, .env over the defaults, and an empty variable hides nothing", async () => {
  const files = { ".env": "CHAIN_ID=1337\nLOG_LEVEL=warn\nTICK_SECONDS=5\n" };
  const config = await load({ LOG_LEVEL: "debug", TICK_SECONDS: "" }, files);
  assert.deepEqual([config.chainId, config.logLevel, config.tickSeconds], [1337, "debug", 5]);
});

test("the mark that some editors put before a file is no part of it", async () => {
  const files = { ".env": "\ufeffCHAIN_ID=1337\n", "tonsor.config.json": '\ufeff{"fees":{"maxFeePerGasGwei":80}}' };
  const config = await load({}, files);
  assert.deepEqual([config.chainId, config.fees.maxFeePerGasGwei], [1337, 80]);
});

test("a co-signer's address with a password in it is refused and not repeated", async () => {
  const said = await problems({}, { "tonsor.config.json": '{"cosign":{"peers":["http://me:canary@10.0.0.2:8642"]}}' });
  assert.match(JSON.stringify(said), /without user and password/);
  assert.doesNotMatch(JSON.stringify(said), /canary/);
});

test("a JSON and a TypeScript file are read, and what they leave out has its default", async () => {
  const json = await load({}, { "tonsor.config.json": '{"fees":{"maxFeePerGasGwei":80},"markets":["WETH"]}' });
  assert.deepEqual([json.fees.maxFeePerGasGwei, json.fees.maxPriorityFeePerGasGwei, json.markets], [80, 2, ["WETH"]]);
  const typescript = await load(
    {},
    { "tonsor.config.ts": "export default { schedule: { softTimeoutSeconds: 7 as number } };" },
  );
  assert.deepEqual(typescript.schedule, {
    softTimeoutSeconds: 7,
    hardTimeoutSeconds: 90,
    headStallSeconds: 180,
    stageSeconds: 15,
  });
  const named = await load({ TONSOR_CONFIG: "other.json" }, { "other.json": '{"markets":["WBTC"]}' });
  assert.deepEqual(named.markets, ["WBTC"]);
});

test("every problem is reported at once, each with path, given and expected", async () => {
  const said = await problems(
    { CHAIN_ID: "mainnet", RPC_URL: "ws://node", STATUS_PORT: "70000", LOG_LEVEL: "loud", TICK_SECONDS: "0.5" },
    {
      "tonsor.config.json":
        '{"fees":{"maxFeePerGasGwei":"80"},"markets":["DOGE"],"schedule":{"hardTimeoutSeconds":10}}',
    },
  );
  assert.match(said, /^8 problems in the configuration:/);
  assert.match(said, /CHAIN_ID: given "mainnet", expected a whole number in \[1, 9007199254740991\]/);
  assert.match(said, /STATUS_PORT: given "70000", expected a whole number in \[0, 65535\]/);
  assert.match(said, /LOG_LEVEL: given "loud", expected trace, debug, info/);
  assert.match(said, /tonsor\.config\.json: fees\.maxFeePerGasGwei: given "80", expected gwei, a number in/);
});

test("a problem in the environment does not hide one in the file, and the other way round", async () => {
  const said = await problems({ CHAIN_ID: "x" }, { "tonsor.config.json": '{"markets":["DOGE"]}' });
  assert.match(said, /^2 problems/);
  assert.match(said, /markets: given DOGE, expected one of WETH, WBTC/);
});

test("an unknown key of the file is refused with the key that was meant", async () => {
  const said = await problems({}, { "tonsor.config.json": '{"fees":{"maxFeePerGasGwie":80},"shedule":{}}' });
  assert.match(said, /fees\.maxFeePerGasGwie: given an unknown setting, expected .* did you mean maxFeePerGasGwei\?/);
  assert.match(said, /: shedule: given an unknown setting, expected .* did you mean schedule\?/);
});

test("a variable with our prefix that is not known is refused with the one that was meant, others are left alone", async () => {
  assert.match(
    await problems({ TONSOR_PUASED: "1" }),
    /TONSOR_PUASED: given an unknown variable, .* mean TONSOR_PAUSED\?/,
  );
  assert.match(await problems({ KEEPER_KEY_FILE_PATH_NAME: "x" }), /expected one of RPC_URL, .*CHAIN_ID/);
  await load({ PATH: "/bin", RPC_NODES: "someone else's" });
});

test("in .env every unknown name is refused, once", async () => {
  const said = await problems({}, { ".env": "RPC_ULR=http://127.0.0.1:1\nTONSOR_STAET=x\n" });
  assert.match(said, /^2 problems/);
  assert.match(said, /RPC_ULR: given an unknown variable, expected a known variable; did you mean RPC_URL\?/);
});

test("a kill switch that cannot be understood is refused, never taken for not set", async () => {
  for (const value of ["yes", "2026-02-06", "tomorrow", "2026-02-06T12:00:00"]) {
    assert.match(
      await problems({ TONSOR_PAUSED: value }),
      /TONSOR_PAUSED: given .*, expected 1, 0, or an ISO time with a zone/,
    );
  }
  assert.deepEqual((await load({ TONSOR_PAUSED: "1" })).paused, { kind: "always" });
  const until = await load({ TONSOR_PAUSED: "2026-02-06T12:00:00Z" });
  assert.deepEqual(until.paused, { kind: "until", time: 1_770_379_200 });
});

test("a plaintext key is taken on development chains and refused on any other", async () => {
  assert.equal((await load({ KEEPER_PRIVATE_KEY: KEY, CHAIN_ID: "1337" })).privateKey, KEY);
  for (const chain of ["1", "11155111"]) {
    await assert.rejects(
      load({ KEEPER_PRIVATE_KEY: KEY, CHAIN_ID: chain }),
      (error) => error instanceof TonsorError && error.code === "PLAINTEXT_KEY_REFUSED" && !error.message.includes(KEY),
    );
  }
  assert.match(
    await problems({ KEEPER_PRIVATE_KEY: KEY, CHAIN_ID: "1", LOG_LEVEL: "x" }),
    /KEEPER_PRIVATE_KEY: given a plaintext key/,
  );
});

test("no problem repeats a secret", async () => {
  const said = await problems({
    KEEPER_PRIVATE_KEY: `${KEY}00`,
    RPC_URL: "wss://node/v3/s3cr3t",
    MAINNET_RPC_URL: "s3cr3t",
  });
  assert.doesNotMatch(said, /c0ffee|s3cr3t/);
  assert.match(said, /KEEPER_PRIVATE_KEY: given \(not shown\), expected empty, or 0x and 64/);
});

test("the chain's clock is for replays: refused where a node could use it to move the keeper's time", async () => {
  assert.equal((await load()).clock, "wall");
  assert.equal((await load({ TONSOR_CLOCK: "chain" })).clock, "chain");
  assert.match(
    await problems({ TONSOR_CLOCK: "chain", CHAIN_ID: "1" }),
    /^1 problem .*\n {2}TONSOR_CLOCK: given chain, expected wall/,
  );
  assert.match(await problems({ TONSOR_CLOCK: "sun" }), /TONSOR_CLOCK: given "sun", expected wall or chain/);
});

test("folders are absolute, whatever the process was started in", async () => {
  const config = await load({ TONSOR_STATE: "s", TONSOR_DEPLOYMENTS: "/d", TONSOR_DATA: "../data" });
  assert.match(config.state, /^\/.*tonsor-test-.*\/s$/);
  assert.equal(config.deployments, "/d");
  assert.match(config.data ?? "", /^\/.*\/data$/);
});

test("a state folder that is a file, or that no disk can hold, is refused before anything waits for it", async () => {
  const file = join(folder({ taken: "" }), "taken");
  assert.match(
    await problems({ TONSOR_STATE: file }),
    /TONSOR_STATE: given .*taken, a file, expected a folder on a disk/,
  );
  assert.match(await problems({ TONSOR_STATE: join(file, "below") }), /TONSOR_STATE: given .*taken, a file, expected/);
  assert.match(
    await problems({ TONSOR_STATE: "/proc/x" }),
    /TONSOR_STATE: given \/proc\/x, expected a folder on a disk/,
  );
});

test("a mirror that would publish the journal, or evidence of what is in flight, is refused", async () => {
  const refused =
    /TONSOR_MIRROR: given \/.*, expected a folder apart from the journal and the evidence in TONSOR_STATE \(\/.*s\)/;
  for (const TONSOR_MIRROR of ["s", "s/", ".", "/", "s/evidence", "s/evidence/parts"])
    assert.match(await problems({ TONSOR_STATE: "s", TONSOR_MIRROR }), refused, TONSOR_MIRROR);
  for (const TONSOR_MIRROR of ["s/public", "state", "s/evidence2"])
    assert.match((await load({ TONSOR_STATE: "s", TONSOR_MIRROR })).mirror ?? "", /^\/.*2?$/);
});

test("a file that is named but absent, or broken, is a problem with its reason", async () => {
  assert.match(await problems({ TONSOR_CONFIG: "absent.json" }), /TONSOR_CONFIG: given no file absent\.json/);
  assert.match(
    await problems({}, { "tonsor.config.json": "{" }),
    /tonsor\.config: given \S+\/tonsor\.config\.json, which cannot be read: .*JSON/,
  );
  assert.match(
    await problems({ TONSOR_CONFIG: "mine.json" }, { "mine.json": '{ "fees": { }' }),
    /TONSOR_CONFIG: given \S+\/mine\.json, which cannot be read: .*JSON/,
  );
  assert.match(
    await problems({ TONSOR_CONFIG: "mine.ts" }, { "mine.ts": "export default {" }),
    /TONSOR_CONFIG: given \S+\/mine\.ts, which cannot be read: /,
  );
});

test("an instance whose stages outlast a tick is refused, with the product", async () => {
  assert.equal((await load({ INSTANCE_RANK: "2" })).instanceRank, 2);
  assert.match(
    await problems({ INSTANCE_RANK: "3" }),
    /INSTANCE_RANK: given 3 stages of 15 s, expected less than schedule\.softTimeoutSeconds \(45\) together/,
  );
});

test("a node that announces blocks is refused beside a queue that times the cycles, and not shown", async () => {
  const RPC_WS_URL = "wss://node/canary";
  assert.equal((await load({ RPC_WS_URL })).rpcWsUrl, RPC_WS_URL);
  const said = await problems({ RPC_WS_URL, REDIS_URL: "redis://127.0.0.1" });
  assert.match(said, /RPC_WS_URL: given \(not shown\), expected empty with REDIS_URL/);
  assert.match(
    await problems({ RPC_WS_URL: "https://node" }),
    /RPC_WS_URL: given \(not shown\), expected empty, or ws\(s\):/,
  );
  assert.match(await problems({ RPC_WS_URL: "wss://node/#part" }), /RPC_WS_URL/);
});

test("the password in REDIS_URL counts as a secret, and no other scheme is taken", async () => {
  const config = await load({ REDIS_URL: "redis://me:hush-hush@127.0.0.1:6379/2" });
  assert.ok(secretsOf(config).includes("hush-hush"));
  assert.match(
    await problems({ REDIS_URL: "http://127.0.0.1" }),
    /REDIS_URL: given \(not shown\), expected empty, or redis/,
  );
});

test("every problem of the key's files is told at once, and none shows the password", async () => {
  const path = folder({ password: "hunter2hunter2\n" });
  const load = (variables: ConfigSources["variables"]) => loadConfig({ folder: path, variables, marketNames: [] });
  const both = { KEEPER_PRIVATE_KEY: KEY, KEYSTORE_FILE: "absent.json", KEYSTORE_PASSWORD_FILE: "password" };
  chmodSync(join(path, "password"), 0o640);
  const message = await load(both).then(
    () => "accepted",
    (error: TonsorError) => error.message,
  );
  assert.match(message, /^3 problems/);
  assert.match(message, /KEYSTORE_FILE: given a keystore beside KEEPER_PRIVATE_KEY, expected one of the two/);
  assert.match(message, /KEYSTORE_FILE: given .*absent\.json, which is not there, expected a file made by/);
  assert.match(message, /KEYSTORE_PASSWORD_FILE: given .*password has mode 640: others than its owner may open it/);
  assert.doesNotMatch(message, /hunter2|c0ffee/);
  chmodSync(join(path, "password"), 0o600);
  writeFileSync(join(path, "key.json"), "{}");
  const config = await load({ CHAIN_ID: "1", KEYSTORE_FILE: "key.json", KEYSTORE_PASSWORD_FILE: "password" });
  assert.deepEqual(
    [config.keystoreFile, config.keystorePasswordFile],
    [join(path, "key.json"), join(path, "password")],
  );
  await assert.rejects(load({ KEYSTORE_PASSWORD_FILE: "password" }), /given a password without a keystore/);
});

test("a remote signer is where it signs and with whose key, in place of a key here", async () => {
  const path = folder({});
  const load = (variables: ConfigSources["variables"]) => loadConfig({ folder: path, variables, marketNames: [] });
  const url = { REMOTE_SIGNER_URL: "http://keeper:hush-hush@127.0.0.1:9000" };
  const address = { REMOTE_SIGNER_ADDRESS: `0x${"11".repeat(20)}` };
  const config = await load({ CHAIN_ID: "1", ...url, ...address });
  assert.equal(config.remoteSignerAddress, address.REMOTE_SIGNER_ADDRESS);
  assert.ok(secretsOf(config).includes("hush-hush"));
  await assert.rejects(load(url), /REMOTE_SIGNER_ADDRESS: given nothing, expected both or neither/);
  await assert.rejects(load(address), /REMOTE_SIGNER_URL: given nothing, expected both or neither/);
  await assert.rejects(
    load({ ...url, ...address, KEEPER_PRIVATE_KEY: KEY }),
    /REMOTE_SIGNER_URL: given a remote signer beside a key, expected no KEYSTORE_FILE and no KEEPER_PRIVATE_KEY/,
  );
});

test("what is there twice is a problem at the path of the second, beside all others", async () => {
  const peers = ["http://10.0.0.2:8642", "http://10.0.0.2:8642"];
  const file = { markets: ["WETH", "WBTC", "WETH"], cosign: { peers } };
  const text = await problems({}, { "tonsor.config.json": JSON.stringify(file) });
  assert.match(text, /^2 problems in the configuration:\n/);
  assert.match(text, /cosign\.peers: given .*, expected each instance once/);
  assert.match(text, /^ {2}markets\.2: given WETH again, expected each market once$/m);
});

test("further problems are told with the rest, and of an unknown chain nothing further is asked", async () => {
  const asked: unknown[] = [];
  const further: ConfigSources["further"] = ({ chainId }, others) => {
    asked.push([chainId, others]);
    return [{ path: "elsewhere", given: "a", expected: "b" }];
  };
  const withFurther = (variables: ConfigSources["variables"]) =>
    loadConfig({ folder: folder(), variables, marketNames: ["WETH"], further });
  await assert.rejects(
    withFurther({ LOG_LEVEL: "loud" }),
    /2 problems.*\n.*LOG_LEVEL.*\n {2}elsewhere: given a, expected b$/,
  );
  await assert.rejects(withFurther({ CHAIN_ID: "one" }), /^TonsorError: 1 problem |^1 problem /);
  assert.deepEqual(asked, [[31_337, 1]]);
});
