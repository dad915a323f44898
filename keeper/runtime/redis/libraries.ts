import { TonsorError } from "../../domain/errors.ts";

/** What installs them; a test holds the versions to package.json. */
export const INSTALL_REDIS = "npm install bullmq@6.7.0 ioredis@6.0.0";

/**
 * What `load` imports of the libraries that the published keeper comes without: only who sets REDIS_URL installs them.
 * @throws TonsorError BAD_CONFIG, naming the command, when one of them is not installed
 */
export async function withRedisLibraries<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ERR_MODULE_NOT_FOUND" || !/'(bullmq|ioredis)'/.test(message)) throw error;
    const expected = `both, by \`${INSTALL_REDIS}\`, or no REDIS_URL`;
    const facts = { field: "REDIS_URL", given: "no bullmq or no ioredis", expected };
    throw new TonsorError("BAD_CONFIG", "the libraries for Redis are not installed", facts, error);
  }
}
