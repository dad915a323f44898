import { readFileSync } from "node:fs";

const UNIT = new URL("../../../deployments/service/tonsor.service", import.meta.url);

/** The variables with which the systemd unit bounds a keeper's memory, so that what is measured is what is deployed. */
export function serviceEnvironment(): Readonly<Record<string, string>> {
  const lines = [...readFileSync(UNIT, "utf8").matchAll(/^Environment=(.*)$/gm)].map(([, line = ""]) => line);
  const quoted = lines.flatMap((line) => [...line.matchAll(/^"(NODE_OPTIONS)=(.*)"$/g)]);
  const plain = lines.flatMap((line) => [...line.matchAll(/(MALLOC_\w+)=(\S+)/g)]);
  return Object.fromEntries([...quoted, ...plain].map(([, name = "", value = ""]) => [name, value]));
}
