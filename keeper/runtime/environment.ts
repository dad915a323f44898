/** One environment variable: its default ("" for none) and whether its value must never be shown. */
type Variable = { readonly default: string; readonly secret: boolean };

const plain = (standard = ""): Variable => ({ default: standard, secret: false });
const secret = (standard = ""): Variable => ({ default: standard, secret: true });

/**
 * Every environment variable: secrets, endpoints and what differs from machine to machine. Governance numbers are never
 * here (see `deployments/markets`). What each means is in `ENVIRONMENT.md` and `.env.example`; tests hold both to this.
 */
export const ENVIRONMENT = {
  RPC_URL: secret("http://127.0.0.1:8545"),
  RPC_URLS: secret(),
  RPC_QUORUM: plain(),
  RPC_WS_URL: secret(),
  PRIVATE_RELAY_URL: secret(),
  CHAIN_ID: plain("31337"),
  MAINNET_RPC_URL: secret(),
  KEEPER_PRIVATE_KEY: secret(),
  KEYSTORE_FILE: plain(),
  KEYSTORE_PASSWORD_FILE: plain(),
  REMOTE_SIGNER_URL: secret(),
  REMOTE_SIGNER_ADDRESS: plain(),
  VENUE_URLS: plain(),
  TONSOR_CONFIG: plain(),
  TONSOR_STATE: plain(".tonsor"),
  TONSOR_MIRROR: plain(),
  TONSOR_DEPLOYMENTS: plain("deployments"),
  TONSOR_MARKETS: plain(),
  TONSOR_CLOCK: plain("wall"),
  TONSOR_DATA: plain(),
  TONSOR_PAUSED: plain(),
  STATUS_PORT: plain("8640"),
  STATUS_HOST: plain("127.0.0.1"),
  PUBLIC_PORT: plain(),
  PUBLIC_HOST: plain("127.0.0.1"),
  TONSOR_ADMIN_TOKEN: secret(),
  ADMIN_PORT: plain("8641"),
  ALERT_WEBHOOK_URL: secret(),
  RAMP_WEBHOOK_URL: secret(),
  DEADMAN_URL: secret(),
  LOG_LEVEL: plain("info"),
  TICK_SECONDS: plain("60"),
  REDIS_URL: secret(),
  FLEET_CHAINS: plain(),
  INSTANCE_RANK: plain("0"),
  RETENTION_DAYS: plain("400"),
} satisfies Record<string, Variable>;

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
  "RPC_WS",
  "PRIVATE_RELAY",
  "DEADMAN_",
  "ALERT_WEBHOOK",
  "RAMP_",
  "INSTANCE_",
  "FLEET_",
  "RETENTION_",
] as const;
