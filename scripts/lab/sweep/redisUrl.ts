import { TonsorError } from "../../../keeper/domain/errors.ts";
import { parseEnvironment, type Variables } from "../../../keeper/runtime/parseEnvironment.ts";

/**
 * REDIS_URL of an environment, null where it is not set.
 * @throws TonsorError BAD_CONFIG, without the address, which may hold a password
 */
export function redisUrlOf(variables: Variables = process.env): string | null {
  const { REDIS_URL } = variables;
  const { settings, problems } = parseEnvironment({ REDIS_URL });
  const [problem] = problems;
  if (problem === undefined) return settings.redisUrl;
  const facts = { field: problem.path, given: problem.given, expected: problem.expected };
  throw new TonsorError("BAD_CONFIG", "the address of Redis cannot be used", facts);
}
