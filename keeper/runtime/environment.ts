/** One environment variable: what it means, its default ("" for none) and whether its value must never be shown. */
export type Variable = { readonly means: string; readonly default: string; readonly secret: boolean };

/**
 * Every environment variable: secrets, endpoints and what differs from machine to machine. Governance numbers are never
 * here (see `keeper/markets`). `.env.example` and the table in README are held equal to this by tests.
 */
export const ENVIRONMENT = {
  RPC_URL: {
    means: "JSON-RPC address of the chain that holds the parameter contract",
    default: "http://127.0.0.1:8545",
    secret: true,
  },
  CHAIN_ID: { means: "its chain id; every answer is checked against it", default: "31337", secret: false },
  MAINNET_RPC_URL: {
    means: "JSON-RPC address of Ethereum mainnet, to fork from instead of the local replica; empty: the replica",
    default: "",
    secret: true,
  },
  KEEPER_PRIVATE_KEY: {
    means: "key of the keeper, 0x and 64 hex digits; development chains (31337, 1337) only; empty: nothing is sent",
    default: "",
    secret: true,
  },
  DERIBIT_URL: {
    means: "base address of the options venue's API, or of a replay venue",
    default: "https://www.deribit.com/api/v2",
    secret: false,
  },
  TONSOR_CONFIG: {
    means: "configuration file; empty: tonsor.config.ts or tonsor.config.json when there is one",
    default: "",
    secret: false,
  },
  TONSOR_STATE: {
    means: "folder of the journal, the evidence and the PAUSED sentinel",
    default: ".tonsor",
    secret: false,
  },
  TONSOR_DEPLOYMENTS: {
    means: "folder of the deployment records, one <chainId>.json per chain",
    default: "deployments",
    secret: false,
  },
  TONSOR_CLOCK: {
    means: "whose time counts: wall, this machine's; or chain, the latest block's, for replays on a development chain",
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
  STATUS_PORT: { means: "loopback port of the status page; 0: any free one", default: "8640", secret: false },
  LOG_LEVEL: { means: "trace, debug, info, warn, error, fatal or silent", default: "info", secret: false },
  TICK_SECONDS: { means: "seconds from one look at the market to the next, 1 to 3600", default: "60", secret: false },
} as const satisfies Record<string, Variable>;

/** Name of a variable in `ENVIRONMENT`. */
export type VariableName = keyof typeof ENVIRONMENT;

/** Names that start so are ours: one that is not in the table is a mistake, never silently ignored. */
export const OUR_PREFIXES = ["TONSOR_", "KEEPER_", "DERIBIT_", "MAINNET_RPC"] as const;
