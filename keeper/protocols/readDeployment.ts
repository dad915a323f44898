import { readFileSync } from "node:fs";
import { TonsorError } from "../domain/errors.ts";
import { type Deployment, parseDeployment } from "./deployment.ts";

/**
 * Reads deployments/<chainId>.json.
 *
 * @throws TonsorError NOT_DEPLOYED when there is no such file, BAD_FILE when it is damaged.
 */
export function readDeployment(file: string): Deployment {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new TonsorError("NOT_DEPLOYED", `there is no deployment at ${file}`, {}, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TonsorError("BAD_FILE", `${file} is not JSON`, {}, cause);
  }
  return parseDeployment(value, file);
}
