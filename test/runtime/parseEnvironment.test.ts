import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseEnvironment, unknownNames, type Variables } from "../../keeper/runtime/parseEnvironment.ts";

const settingsOf = (variables: Variables) => {
  const { settings, problems } = parseEnvironment(variables, ["deribit"]);
  assert.deepEqual(problems, []);
  return settings;
};
const problemsOf = (variables: Variables) => parseEnvironment(variables).problems;
const SIGNER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const ADDRESS = "http(s)://host[:port][/path]";

describe("parseEnvironment", () => {
  it("refuses a variable of an earlier release and says what is the same now", () => {
    assert.deepEqual(problemsOf({ DERIBIT_URL: "http://127.0.0.1:8400/api/v2", REPLICA_RANK: "1" }), [
      {
        path: "DERIBIT_URL",
        given: "a variable of an earlier release",
        expected: "VENUE_URLS=deribit=<address>",
      },
      { path: "REPLICA_RANK", given: "a variable of an earlier release", expected: "INSTANCE_RANK" },
    ]);
    assert.deepEqual(problemsOf({ DERIBIT_URL: "" }), []);
  });

  it("gives every variable its default when nothing is set, or all are empty", () => {
    const defaults = {
      rpcUrl: "http://127.0.0.1:8545",
      rpcUrls: ["http://127.0.0.1:8545"],
      rpcQuorum: 1,
      rpcWsUrl: null,
      privateRelayUrl: null,
      chainId: 31337,
      mainnetRpcUrl: null,
      privateKey: null,
      keystoreFile: null,
      keystorePasswordFile: null,
      remoteSignerUrl: null,
      remoteSignerAddress: null,
      venueUrls: {},
      configFile: "",
      state: ".tonsor",
      mirror: null,
      deployments: "deployments",
      clock: "wall",
      data: null,
      marketsFolder: null,
      paused: { kind: "none" },
      statusPort: 8640,
      statusHost: "127.0.0.1",
      publicPort: null,
      publicHost: "127.0.0.1",
      adminToken: null,
      adminPort: 8641,
      alertWebhookUrl: null,
      rampWebhookUrl: null,
      deadmanUrl: null,
      logLevel: "info",
      tickSeconds: 60,
      redisUrl: null,
      fleetChains: null,
      instanceRank: 0,
      retentionDays: 400,
    };
    assert.deepEqual(settingsOf({}), defaults);
    const empty = {
      RPC_URL: "",
      CHAIN_ID: " ",
      MAINNET_RPC_URL: "",
      LOG_LEVEL: "",
      TONSOR_PAUSED: " ",
      TONSOR_DATA: "",
    };
    assert.deepEqual(settingsOf(empty), defaults);
  });

  it("reads every variable, without the spaces around it", () => {
    const key = `0x${"aB".repeat(32)}`;
    const settings = settingsOf({
      RPC_URL: " https://node:1/path ",
      CHAIN_ID: "1",
      MAINNET_RPC_URL: "https://mainnet",
      KEEPER_PRIVATE_KEY: key,
      KEYSTORE_FILE: "k.json",
      REMOTE_SIGNER_URL: "https://signer:9000/key",
      REMOTE_SIGNER_ADDRESS: ` ${SIGNER}`,
      KEYSTORE_PASSWORD_FILE: "p",
      VENUE_URLS: "deribit=http://127.0.0.1:9/api//",
      TONSOR_CONFIG: "c.json",
      TONSOR_MARKETS: "m",
      TONSOR_STATE: "s",
      TONSOR_MIRROR: "public",
      TONSOR_DEPLOYMENTS: "d",
      TONSOR_CLOCK: "chain",
      TONSOR_DATA: "recorded",
      TONSOR_PAUSED: "0",
      STATUS_PORT: "0",
      STATUS_HOST: "::",
      PUBLIC_PORT: "8080",
      PUBLIC_HOST: "0.0.0.0",
      TONSOR_ADMIN_TOKEN: "a-token-of-20-letters",
      ADMIN_PORT: "1",
      RPC_WS_URL: "wss://node:1/key",
      ALERT_WEBHOOK_URL: "https://hooks/x",
      RAMP_WEBHOOK_URL: "https://hooks/r",
      DEADMAN_URL: "http://127.0.0.1:7/ping",
      LOG_LEVEL: "silent",
      TICK_SECONDS: "3600",
      REDIS_URL: "rediss://:secret@queue:6380/2",
      INSTANCE_RANK: "3",
      FLEET_CHAINS: "2",
      RETENTION_DAYS: "90",
    });
    assert.deepEqual(settings, {
      rpcUrl: "https://node:1/path",
      rpcUrls: ["https://node:1/path"],
      rpcQuorum: 1,
      rpcWsUrl: "wss://node:1/key",
      privateRelayUrl: null,
      chainId: 1,
      mainnetRpcUrl: "https://mainnet",
      privateKey: key,
      keystoreFile: "k.json",
      keystorePasswordFile: "p",
      remoteSignerUrl: "https://signer:9000/key",
      remoteSignerAddress: SIGNER,
      venueUrls: { deribit: "http://127.0.0.1:9/api" },
      configFile: "c.json",
      state: "s",
      mirror: "public",
      deployments: "d",
      clock: "chain",
      data: "recorded",
      marketsFolder: "m",
      paused: { kind: "none" },
      statusPort: 0,
      statusHost: "::",
      publicPort: 8_080,
      publicHost: "0.0.0.0",
      adminToken: "a-token-of-20-letters",
      adminPort: 1,
      alertWebhookUrl: "https://hooks/x",
      rampWebhookUrl: "https://hooks/r",
      deadmanUrl: "http://127.0.0.1:7/ping",
      logLevel: "silent",
      tickSeconds: 3600,
      redisUrl: "rediss://:secret@queue:6380/2",
      fleetChains: 2,
      instanceRank: 3,
      retentionDays: 90,
    });
  });

  it("knows every level of the log", () => {
    for (const level of ["trace", "debug", "info", "warn", "error", "fatal", "silent"]) {
      assert.equal(settingsOf({ LOG_LEVEL: level }).logLevel, level);
    }
  });

  it("takes whole numbers from end to end of their range and nothing beyond", () => {
    const ranges = [
      ["CHAIN_ID", 1, Number.MAX_SAFE_INTEGER],
      ["STATUS_PORT", 0, 65_535],
      ["TICK_SECONDS", 1, 3_600],
    ] as const;
    for (const [name, least, most] of ranges) {
      for (const fine of [least, most]) assert.deepEqual(problemsOf({ [name]: String(fine) }), []);
      for (const bad of [String(least - 1), String(most + 1), "1.5", "1e3", "0x10", "+1", "one"]) {
        assert.deepEqual(problemsOf({ [name]: bad }), [
          { path: name, given: `"${bad}"`, expected: `a whole number in [${least}, ${most}]` },
        ]);
      }
    }
  });

  it("names field, value and expectation of every variable that it refuses, and shows no secret", () => {
    const cases: readonly (readonly [string, string, string, string])[] = [
      ["RPC_URL", "ws://node", "(not shown)", ADDRESS],
      ["MAINNET_RPC_URL", "node", "(not shown)", `empty, or ${ADDRESS}`],
      ["KEEPER_PRIVATE_KEY", "0x12", "(not shown)", "empty, or 0x and 64 hexadecimal digits"],
      ["ALERT_WEBHOOK_URL", "ftp://hooks", "(not shown)", `empty, or ${ADDRESS}`],
      ["TONSOR_CLOCK", "sun", '"sun"', "wall or chain"],
      ["TONSOR_PAUSED", "soon", '"soon"', "1, 0, or an ISO time with a zone"],
      ["LOG_LEVEL", "loud", '"loud"', "trace, debug, info, warn, error, fatal, silent"],
    ];
    for (const [path, value, given, expected] of cases) {
      assert.deepEqual(problemsOf({ [path]: value }), [{ path, given, expected }]);
    }
  });

  it("falls back to what does the least harm beside a problem: a pause that cannot be read is a pause", () => {
    const { settings } = parseEnvironment({
      RPC_URL: "x",
      MAINNET_RPC_URL: "x",
      KEEPER_PRIVATE_KEY: "x",
      TONSOR_CLOCK: "x",
      TONSOR_PAUSED: "x",
      LOG_LEVEL: "x",
    });
    assert.deepEqual(settings.paused, { kind: "always" });
    assert.deepEqual([settings.rpcUrl, settings.mainnetRpcUrl, settings.privateKey], ["", null, null]);
    assert.deepEqual([settings.clock, settings.logLevel], ["wall", "info"]);
  });

  it("takes several nodes in place of one, and of them a majority unless more is asked for", () => {
    const nodes = (RPC_URLS: string, RPC_QUORUM = "") => {
      const { rpcUrl, rpcUrls, rpcQuorum } = settingsOf({ RPC_URL: "http://one", RPC_URLS, RPC_QUORUM });
      return [rpcUrl, rpcUrls, rpcQuorum];
    };
    const four = ["http://a", "http://b", "http://c", "http://d"];
    assert.deepEqual(nodes(four.slice(0, 3).join(", ")), ["http://a", four.slice(0, 3), 2]);
    assert.deepEqual(nodes(four.join(",")), ["http://a", four, 3]);
    assert.deepEqual(nodes(four.join(","), "4"), ["http://a", four, 4]);
  });

  it("refuses a quorum that half of the nodes or no number of them could reach, and a list with a hole", () => {
    const paths = (RPC_URLS: string, RPC_QUORUM = "") => problemsOf({ RPC_URLS, RPC_QUORUM }).map(({ path }) => path);
    assert.deepEqual(paths("http://a,http://b,http://c,http://d", "2"), ["RPC_QUORUM"]);
    assert.deepEqual(paths("http://a,http://b,http://c", "4"), ["RPC_QUORUM"]);
    assert.deepEqual(paths("http://a,,http://b"), ["RPC_URLS"]);
    assert.deepEqual(paths("http://a,http://a"), ["RPC_URLS"]);
    const [problem] = problemsOf({ RPC_URLS: "http://key@a,ftp://b" });
    assert.equal(problem?.given, "(not shown)");
  });

  it("takes a remote signer over https, or on loopback, and an address whose checksum is right", () => {
    for (const fine of [
      "http://127.0.0.1:9000",
      "http://localhost:1/x",
      "http://[::1]:1",
      "https://user:word@signer",
    ]) {
      assert.equal(settingsOf({ REMOTE_SIGNER_URL: fine }).remoteSignerUrl, fine);
    }
    for (const bad of ["http://signer:9000", "http://10.0.0.2", "http://127.0.0.1.example", "ws://127.0.0.1", "x"]) {
      const [problem, ...more] = problemsOf({ REMOTE_SIGNER_URL: bad });
      assert.deepEqual([problem?.path, problem?.given, more], ["REMOTE_SIGNER_URL", "(not shown)", []]);
    }
    for (const bad of [SIGNER.replace("C8", "c8"), SIGNER.slice(0, -1), "keeper"]) {
      assert.equal(problemsOf({ REMOTE_SIGNER_ADDRESS: bad })[0]?.path, "REMOTE_SIGNER_ADDRESS");
    }
    assert.deepEqual(problemsOf({ REMOTE_SIGNER_ADDRESS: SIGNER.toLowerCase() }), []);
  });

  it("reads the kill switch in every spelling", () => {
    const pause = (text: string) => settingsOf({ TONSOR_PAUSED: text }).paused;
    for (const off of ["0", "false", "FALSE", "False"]) assert.deepEqual(pause(off), { kind: "none" });
    for (const on of ["1", "true", "TRUE", "True"]) assert.deepEqual(pause(on), { kind: "always" });
    for (const noon of ["2026-02-06T12:00Z", "2026-02-06T12:00:00.000Z", "2026-02-06T13:00:00+01:00"]) {
      assert.deepEqual(pause(noon), { kind: "until", time: 1_770_379_200 });
    }
    // Never a moment too early: a fraction of a second counts as a whole one.
    assert.deepEqual(pause("2026-02-06T12:00:00.001Z"), { kind: "until", time: 1_770_379_201 });
  });
});

describe("unknownNames", () => {
  it("tells a slip of the pen from a name that means nothing here", () => {
    const ours = (name: string) => name.startsWith("TONSOR_");
    assert.deepEqual(unknownNames(["TONSOR_STAET", "PATH", "TONSOR_STATE"], ours), [
      { path: "TONSOR_STAET", given: "an unknown variable", expected: "a known variable; did you mean TONSOR_STATE?" },
    ]);
    const [far] = unknownNames(["TONSOR_SOMETHING_ELSE_ENTIRELY"], ours);
    assert.match(far?.expected ?? "", /^one of RPC_URL, .*CHAIN_ID, .*, RETENTION_DAYS$/);
  });
});

it("addresses of other venues are read by name, without a slash at the end, and refused when they are none", () => {
  const read = (text: string) => parseEnvironment({ VENUE_URLS: text }, ["okx", "bybit", "binance", "binanceSpot"]);
  assert.deepEqual(read("").settings.venueUrls, {});
  assert.deepEqual(read("okx=http://127.0.0.1:1/api/v5/, binanceSpot=https://proxy.example").settings.venueUrls, {
    okx: "http://127.0.0.1:1/api/v5",
    binanceSpot: "https://proxy.example",
  });
  const secrets = [
    "okx=http://canary@a",
    "okx=http://me:canary@a/api",
    "okx=http://a/?k=canary",
    "okx=http://a/#canary",
  ];
  for (const wrong of [
    ...["http://a", "kraken=http://a", "okx=ftp://a", "okx=http://a,okx=http://b", "okx=http://a,"],
    ...secrets,
  ]) {
    const [problem, ...more] = read(wrong).problems;
    assert.deepEqual([problem?.path, more], ["VENUE_URLS", []], wrong);
    assert.match(
      problem?.expected ?? "",
      /^name=address .*, of okx, bybit, binance, binanceSpot; no user, password or query/,
    );
    if (wrong.includes("@")) assert.equal(problem?.given, "(not shown)");
  }
});
