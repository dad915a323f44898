import { type DestinationStream, type Logger, pino } from "pino";
import { addressSecrets, redact } from "../domain/words.ts";
import { boundedWriter } from "../io/boundedWriter.ts";
import type { Config } from "./config.ts";

export type { Logger } from "pino";

/**
 * A logger of JSON lines (stderr unless a destination is given) in which none of `secrets` can appear: every line is
 * searched for them before it is written, wherever in a message, an object or a stack they occur. A reader that stops
 * reading costs lines, which are counted, and never holds the process. `about` stands in every line.
 * @example createLogger({ level: "info", secrets: secretsOf(config) }).info({ tick: 7 }, "tick began")
 */
export function createLogger(
  options: {
    readonly level: string;
    readonly secrets: readonly string[];
    readonly about?: Readonly<Record<string, number>>;
  },
  destination: DestinationStream = { write: boundedWriter(process.stderr, droppedLine) },
): Logger {
  return pino(
    {
      level: options.level,
      base: options.about ?? null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.errWithCause, err: pino.stdSerializers.errWithCause },
      hooks: { streamWrite: (line) => redact(line, options.secrets) },
    },
    destination,
  );
}

function droppedLine(count: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: "warn", time, dropped: count, msg: "lines were dropped: nobody read them in time" })}\n`;
}

/** What must never be shown: key, admin token, and everything but the host of addresses that may hold a token. */
export function secretsOf(
  config: Pick<Config, "privateKey" | "rpcUrls" | "mainnetRpcUrl"> &
    Partial<
      Pick<
        Config,
        | "rpcWsUrl"
        | "privateRelayUrl"
        | "remoteSignerUrl"
        | "redisUrl"
        | "adminToken"
        | "alertWebhookUrl"
        | "rampWebhookUrl"
        | "deadmanUrl"
      >
    >,
): string[] {
  const key = config.privateKey === null ? [] : [config.privateKey, config.privateKey.slice(2)];
  const addresses = [
    ...config.rpcUrls,
    config.mainnetRpcUrl,
    config.rpcWsUrl,
    config.privateRelayUrl,
    config.remoteSignerUrl,
    config.redisUrl,
    config.alertWebhookUrl,
    config.rampWebhookUrl,
    config.deadmanUrl,
  ].filter((url) => url !== null && url !== undefined);
  const token = typeof config.adminToken === "string" ? [config.adminToken] : [];
  return [...key, ...token, ...addresses.flatMap(addressSecrets)];
}
