/** One environment variable: what it means, its default ("" for none) and whether its value must never be shown. */
type Variable = { readonly means: string; readonly default: string; readonly secret: boolean };

/**
 * Every environment variable: secrets, endpoints and what differs from machine to machine. Governance numbers are never
 * here (see `deployments/markets`). `ENVIRONMENT.md` and `.env.example` are held equal to this by tests.
 */
export const ENVIRONMENT = {
  RPC_URL: {
    means: "JSON-RPC address of the chain that holds the parameter contract",
    default: "http://127.0.0.1:8545",
    secret: true,
  },
  RPC_URLS: {
    means: "several such addresses, separated by commas, asked as one RPC quorum; empty: RPC_URL alone",
    default: "",
    secret: true,
  },
  RPC_QUORUM: {
    means: "RPC quorum: how many of RPC_URLS must agree, more than half of them; empty: the smallest majority",
    default: "",
    secret: false,
  },
  PRIVATE_RELAY_URL: {
    means: "JSON-RPC address of a private relay that is given each batch before the nodes are; empty: none",
    default: "",
    secret: true,
  },
  CHAIN_ID: { means: "chain id of that chain; every answer is checked against it", default: "31337", secret: false },
  MAINNET_RPC_URL: {
    means:
      "JSON-RPC address of Ethereum mainnet, to fork from instead of the lab's mainnet replica; empty: the mainnet replica",
    default: "",
    secret: true,
  },
  KEEPER_PRIVATE_KEY: {
    means: "key of the keeper, 0x and 64 hex digits; development chains (31337, 1337) only; empty: nothing is sent",
    default: "",
    secret: true,
  },
  KEYSTORE_FILE: {
    means: "encrypted key of the keeper (Web3 Secret Storage V3, see `tonsor keystore`); empty: KEEPER_PRIVATE_KEY",
    default: "",
    secret: false,
  },
  KEYSTORE_PASSWORD_FILE: {
    means: "file with the keystore's password, readable by its owner alone; empty: asked for on a terminal",
    default: "",
    secret: false,
  },
  REMOTE_SIGNER_URL: {
    means:
      "JSON-RPC address of a remote signer (eth_signTransaction, as Web3Signer has it), https unless on loopback; empty: a keystore or KEEPER_PRIVATE_KEY",
    default: "",
    secret: true,
  },
  REMOTE_SIGNER_ADDRESS: {
    means: "address of the key with which the remote signer signs for this keeper",
    default: "",
    secret: false,
  },
  VENUE_URLS: {
    means:
      "addresses in place of the venues' own, for replays and proxies, as name=address with commas: deribit=http://127.0.0.1:8400/api/v2",
    default: "",
    secret: false,
  },
  TONSOR_CONFIG: {
    means: "configuration file; empty: tonsor.config.ts or tonsor.config.json when there is one",
    default: "",
    secret: false,
  },
  TONSOR_STATE: {
    means: "folder of the journal, the evidence and the files PAUSED and HALTED",
    default: ".tonsor",
    secret: false,
  },
  TONSOR_DEPLOYMENTS: {
    means: "folder of the deployment records, one <chainId>.json per chain",
    default: "deployments",
    secret: false,
  },
  TONSOR_MARKETS: {
    means: "folder of the markets, one <name>.jsonc each; empty: deployments/markets beside the program",
    default: "",
    secret: false,
  },
  TONSOR_CLOCK: {
    means: "whose time counts: wall, this machine's; or chain, the latest block's, for a replay on a development chain",
    default: "wall",
    secret: false,
  },
  TONSOR_DATA: {
    means: "folder of recorded market data for replays; empty: ../shared/data when it is there",
    default: "",
    secret: false,
  },
  TONSOR_PAUSED: {
    means: "kill switch: 1, or an ISO time (2026-02-06T12:00:00Z) until which nothing is sent; empty or 0: not set",
    default: "",
    secret: false,
  },
  STATUS_PORT: {
    means: "port of the status page, health endpoints and metrics; 0: any free one",
    default: "8640",
    secret: false,
  },
  STATUS_HOST: {
    means: "address it listens on; anything but loopback belongs behind access control",
    default: "127.0.0.1",
    secret: false,
  },
  PUBLIC_PORT: {
    means:
      "port of a second status page for everyone: read-only, open to pages of every origin, without operations; empty: none",
    default: "",
    secret: false,
  },
  PUBLIC_HOST: {
    means: "address that the public page listens on; put a proxy with TLS and a cache before it",
    default: "127.0.0.1",
    secret: false,
  },
  TONSOR_ADMIN_TOKEN: {
    means: "token of the admin calls pause and resume, 20 characters or more; empty: no admin calls",
    default: "",
    secret: true,
  },
  ADMIN_PORT: { means: "loopback port of the admin calls; 0: any free one", default: "8641", secret: false },
  ALERT_WEBHOOK_URL: {
    means: "receives alerts as JSON by POST, each once and again when it ends; empty: none",
    default: "",
    secret: true,
  },
  DEADMAN_URL: {
    means:
      "dead man's switch: fetched after every tick that left the keeper able to send, at most once a minute; empty: none",
    default: "",
    secret: true,
  },
  LOG_LEVEL: { means: "trace, debug, info, warn, error, fatal or silent", default: "info", secret: false },
  TICK_SECONDS: { means: "seconds from one cycle to the next, 1 to 3600", default: "60", secret: false },
  REDIS_URL: {
    means:
      "redis:// address of the queue that times the ticks; empty: the keeper's own clock, which needs no server. `npm run lab` shares its sweeps over it",
    default: "",
    secret: true,
  },
  INSTANCE_RANK: {
    means: "rank of this keeper instance, 0 to 9: rank r waits r stages and reads the chain again before it acts",
    default: "0",
    secret: false,
  },
  RETENTION_DAYS: {
    means: "days for which journal and evidence are kept, 35 to 3650; what the chain refers to in that time stays",
    default: "400",
    secret: false,
  },
} as const satisfies Record<string, Variable>;

/** Name of a variable in `ENVIRONMENT`. */
export type VariableName = keyof typeof ENVIRONMENT;

/** Names that start so are ours: one that is not in the table is a mistake, never silently ignored. */
export const OUR_PREFIXES = [
  "TONSOR_",
  "KEEPER_",
  "KEYSTORE_",
  "REMOTE_SIGNER",
  "DERIBIT_",
  "MAINNET_RPC",
  "RPC_URL",
  "RPC_QUORUM",
  "PRIVATE_RELAY",
  "DEADMAN_",
  "ALERT_WEBHOOK",
  "INSTANCE_",
  "RETENTION_",
] as const;
